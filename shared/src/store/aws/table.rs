//! [`Records`] in one DynamoDB table, keyed `pk`, `sk`, with the index `by-due` (`queue`, `due_at`).
//!
//! Every write is one conditional request. The SDK repeats a request whose answer was lost, and the repetition of a write
//! that did happen fails its own condition. So each call signs its item (`written_by`, `claimed_by`): a failed condition that
//! finds the own signature is a success. Without that, a lost packet would burn an authorization attempt.
//! This room never reads before it writes, and never scans.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    operation::{put_item::PutItemError, query::builders::QueryFluentBuilder, update_item::UpdateItemError},
    types::{ReturnValue, ReturnValuesOnConditionCheckFailure::AllOld},
};

use super::{
    fault::store_error,
    item::{self, CLAIMED_BY, Item, WRITTEN_BY, number, text},
};
use crate::{
    clock::Timestamp,
    random::{Random, identifier},
    store::{
        Claim, Expect, Key, Page, Queue, Record, Records, StoreError, bounds,
        paging::{self, DuePosition, ListPosition},
    },
};

/// The index of the records that are due.
const BY_DUE: &str = "by-due";
/// Bytes of a signature; it only has to differ from that of the few calls that race for one record.
const SIGNATURE: usize = 12;

/// The table.
#[derive(Debug, Clone)]
pub struct DynamoRecords {
    client: Client,
    table: String,
    random: Arc<dyn Random>,
}

impl DynamoRecords {
    pub(super) fn new(client: Client, table: &str, random: Arc<dyn Random>) -> Self {
        Self {
            client,
            table: table.to_owned(),
            random,
        }
    }

    fn signature(&self) -> String {
        identifier(&*self.random, SIGNATURE)
    }

    /// One record more than the page has is asked for, so that the last page is known as the last one.
    fn query(&self, size: usize, start: Option<Item>) -> QueryFluentBuilder {
        let limit = i32::try_from(size.saturating_add(1)).unwrap_or(i32::MAX);
        self.client
            .query()
            .table_name(&self.table)
            .limit(limit)
            .set_exclusive_start_key(start)
    }
}

#[async_trait]
impl Records for DynamoRecords {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item::key(key)?));
        let answer = request
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| store_error("GetItem", &error))?;
        answer.item.as_ref().map(item::decode).transpose()
    }

    async fn put(&self, record: &Record, expect: Expect) -> Result<u64, StoreError> {
        let writer = self.signature();
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .return_values_on_condition_check_failure(AllOld);
        let (request, version) = match expect {
            Expect::Absent => (request.condition_expression("attribute_not_exists(pk)"), 1),
            Expect::Version(found) => {
                let request = request
                    .condition_expression("#version = :found")
                    .expression_attribute_names("#version", "version")
                    .expression_attribute_values(":found", number(found));
                (request, found.saturating_add(1))
            }
        };
        let error = match request
            .set_item(Some(item::encode(record, version, &writer)?))
            .send()
            .await
        {
            Ok(_) => return Ok(version),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                if item::is_by(failed.item(), WRITTEN_BY, &writer) {
                    Ok(version)
                } else {
                    Err(StoreError::Conflict)
                }
            }
            _ => Err(store_error("PutItem", &error)),
        }
    }

    async fn claim(&self, key: &Key, now: Timestamp) -> Result<Claim, StoreError> {
        let claimer = self.signature();
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item::key(key)?))
            .condition_expression("attribute_exists(#pk) AND attribute_not_exists(#claimed_at)")
            .update_expression("SET #claimed_at = :now, #claimed_by = :claimer ADD #version :one")
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_names("#claimed_at", "claimed_at")
            .expression_attribute_names("#claimed_by", CLAIMED_BY)
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":claimer", text(&claimer))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(AllOld);
        let error = match request.send().await {
            Ok(answer) => return Ok(Claim::Won(item::decode(&answer.attributes.unwrap_or_default())?)),
            Err(error) => error,
        };
        let Some(UpdateItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() else {
            return Err(store_error("UpdateItem", &error));
        };
        match failed.item().filter(|item| !item.is_empty()) {
            None => Ok(Claim::Absent),
            Some(item) if item::is_by(Some(item), CLAIMED_BY, &claimer) => Ok(Claim::Won(item::decode(item)?)),
            Some(item) => Ok(Claim::Lost(item::decode(item)?)),
        }
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item::key(key)?));
        request
            .send()
            .await
            .map_err(|error| store_error("DeleteItem", &error))?;
        Ok(())
    }

    async fn list(
        &self,
        pk: &str,
        prefix: &str,
        newest_first: bool,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Page, StoreError> {
        bounds::check_partition(pk)?;
        bounds::check_prefix(prefix)?;
        let start = ListPosition::read(after, pk, prefix)?;
        let start = start
            .map(|position| item::key(&Key::new(position.pk, position.sk)))
            .transpose()?;
        let size = bounds::page_size(limit);
        let mut request = self
            .query(size, start)
            .consistent_read(true)
            .scan_index_forward(!newest_first)
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_values(":pk", text(pk));
        // DynamoDB refuses an empty string as the value of a key.
        request = if prefix.is_empty() {
            request.key_condition_expression("#pk = :pk")
        } else {
            request
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
                .expression_attribute_names("#sk", "sk")
                .expression_attribute_values(":prefix", text(prefix))
        };
        let answer = request.send().await.map_err(|error| store_error("Query", &error))?;
        let (records, more) = page(answer.items(), size, answer.last_evaluated_key.is_some())?;
        let next = records.last().filter(|_| more).map(ListPosition::of);
        let next = next.map(|position| paging::encode(&position)).transpose()?;
        Ok(Page { records, next })
    }

    async fn due(&self, queue: Queue, until: Timestamp, limit: u32, after: Option<&str>) -> Result<Page, StoreError> {
        let until = until.as_millisecond();
        let start = DuePosition::read(after, queue, until)?.map(start_of).transpose()?;
        let size = bounds::page_size(limit);
        let request = self
            .query(size, start)
            .index_name(BY_DUE)
            .key_condition_expression("#queue = :queue AND #due_at <= :until")
            .expression_attribute_names("#queue", "queue")
            .expression_attribute_names("#due_at", "due_at")
            .expression_attribute_values(":queue", text(queue.as_str()))
            .expression_attribute_values(":until", number(until));
        let answer = request.send().await.map_err(|error| store_error("Query", &error))?;
        let (records, more) = page(answer.items(), size, answer.last_evaluated_key.is_some())?;
        let last = records
            .last()
            .filter(|_| more)
            .and_then(|last| Some(DuePosition::of(last, last.due?)));
        let next = last.map(|position| paging::encode(&position)).transpose()?;
        Ok(Page { records, next })
    }
}

/// The records of a page and whether there are more: the one too many says so, or DynamoDB's 1 MiB bound on an answer.
fn page(items: &[Item], size: usize, cut_off: bool) -> Result<(Vec<Record>, bool), StoreError> {
    let records = items.iter().take(size).map(item::decode).collect::<Result<_, _>>()?;
    Ok((records, items.len() > size || cut_off))
}

fn start_of(position: DuePosition) -> Result<Item, StoreError> {
    let mut start = item::key(&Key::new(position.pk, position.sk))?;
    start.insert("queue".to_owned(), text(position.queue.as_str()));
    start.insert("due_at".to_owned(), number(position.due_at));
    Ok(start)
}
