//! The table's stream, read as Lambda's event source mapping reads it.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodbstreams::{
    Client,
    types::{AttributeValue, Record, ShardIteratorType},
};
use serde_json::{Value, json};

use crate::Fault;

/// An item as it was after a write.
#[derive(Debug, Clone, PartialEq)]
pub struct NewImage {
    /// `INSERT` or `MODIFY`.
    pub event_name: String,
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
    /// The queue that the record stands in, if any.
    pub queue: Option<String>,
    /// The record of a Lambda event (`Records[]` of a DynamoDB stream event), with the whole image.
    pub event: Value,
}

/// A place in a table's stream that moves on with each read.
#[derive(Debug)]
pub struct StreamReader {
    client: Client,
    iterators: Vec<String>,
}

impl StreamReader {
    /// The stream of `table` from its oldest record.
    ///
    /// # Errors
    /// When the table has no stream, or the endpoint refuses.
    pub async fn open(config: &SdkConfig, table: &str) -> Result<Self, Fault> {
        let client = Client::new(config);
        let streams = client.list_streams().table_name(table).send().await?;
        let arn = streams
            .streams()
            .first()
            .and_then(|stream| stream.stream_arn())
            .ok_or("the table has no stream")?;
        let described = client.describe_stream().stream_arn(arn).send().await?;
        let shards = described
            .stream_description
            .and_then(|stream| stream.shards)
            .unwrap_or_default();
        let mut iterators = Vec::new();
        for shard in shards {
            let request = client.get_shard_iterator().stream_arn(arn).set_shard_id(shard.shard_id);
            let answer = request
                .shard_iterator_type(ShardIteratorType::TrimHorizon)
                .send()
                .await?;
            iterators.extend(answer.shard_iterator);
        }
        Ok(Self { client, iterators })
    }

    /// The writes since the last read, in order. Deletions have no new image and are left out.
    ///
    /// # Errors
    /// When the endpoint refuses.
    pub async fn read(&mut self) -> Result<Vec<NewImage>, Fault> {
        let mut images = Vec::new();
        let mut next = Vec::new();
        for mut iterator in std::mem::take(&mut self.iterators) {
            loop {
                let answer = self.client.get_records().shard_iterator(&iterator).send().await?;
                let records = answer.records.unwrap_or_default();
                images.extend(records.iter().filter_map(new_image));
                // A shard without an end always has a next iterator; an empty answer is the end for now.
                match answer.next_shard_iterator {
                    Some(following) => iterator = following,
                    None => break,
                }
                if records.is_empty() {
                    next.push(iterator);
                    break;
                }
            }
        }
        self.iterators = next;
        Ok(images)
    }
}

/// The partition keys of all writes in the table's stream that left a record in the queue `wiring`: what `salesforce-patch` is
/// invoked with.
///
/// # Errors
/// As [`StreamReader::open`] and [`StreamReader::read`].
pub async fn stream_records(config: &SdkConfig, table: &str) -> Result<Vec<String>, Fault> {
    let images = StreamReader::open(config, table).await?.read().await?;
    Ok(images
        .into_iter()
        .filter(|image| image.queue.as_deref() == Some("wiring"))
        .map(|image| image.pk)
        .collect())
}

fn new_image(record: &Record) -> Option<NewImage> {
    let change = record.dynamodb.as_ref()?;
    let image = change.new_image.as_ref().filter(|image| !image.is_empty())?;
    let event_name = record.event_name.as_ref()?.as_str().to_owned();
    let keys = image.iter().filter(|(name, _)| *name == "pk" || *name == "sk");
    let event = json!({
        "eventID": record.event_id,
        "eventName": event_name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": record.aws_region.as_deref().unwrap_or("eu-central-1"),
        "dynamodb": {
            "ApproximateCreationDateTime": change.approximate_creation_date_time.map_or(0, |at| at.secs()),
            "Keys": keys.map(|(name, value)| (name.clone(), attribute(value))).collect::<serde_json::Map<_, _>>(),
            "NewImage": image.iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<serde_json::Map<_, _>>(),
            "SequenceNumber": change.sequence_number,
            "SizeBytes": change.size_bytes.unwrap_or_default(),
            "StreamViewType": "NEW_IMAGE",
        },
    });
    Some(NewImage {
        event_name,
        pk: string(image, "pk")?,
        sk: string(image, "sk")?,
        queue: string(image, "queue"),
        event,
    })
}

fn string(image: &HashMap<String, AttributeValue>, name: &str) -> Option<String> {
    image.get(name)?.as_s().ok().cloned()
}

/// The table's attributes are strings and numbers; there are no others to show.
fn attribute(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        _ => json!({ "NULL": true }),
    }
}
