//! The stores on AWS, against a moto server: the contract, the stored form, lost answers and the stream.

mod failures;

use std::{error::Error, sync::Arc};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::{AttributeValue, KeyType};
use connector::{
    secret::{SecretDocument, Sensitive},
    store::{
        Claim, Expect, Key, Queue, Record, Records, SecretName, Secrets, Side, Stage, StoreError,
        aws::{DynamoRecords, ManagerSecrets, with_config},
    },
};
use connector_tests::{
    moto::{self, Moto, Proxy, StreamReader, stream_records},
    template,
};
use serde_json::json;
use uuid::Uuid;

use super::{Subject, at, bare, contract, put_new, queued, unhelpful::canned};

contract!(crate::store_contract::aws::open);

/// A table and a prefix of our own on the shared server.
struct Bench {
    config: SdkConfig,
    table: String,
    prefix: String,
    records: DynamoRecords,
    secrets: ManagerSecrets,
}

impl Bench {
    async fn new() -> Self {
        let proxy = Proxy::one_at_a_time(Moto::shared().unwrap().endpoint()).await.unwrap();
        let config = moto::config(proxy.endpoint()).await;
        let name = Uuid::new_v4().to_string();
        let (table, prefix) = (format!("table-{name}"), format!("prefix-{name}"));
        template::create_table(&aws_sdk_dynamodb::Client::new(&config), &table)
            .await
            .unwrap();
        let (records, secrets) = with_config(&config, &table, &prefix);
        Self {
            config,
            table,
            prefix,
            records,
            secrets,
        }
    }

    fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    fn manager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }

    /// The same table through a proxy that swallows the first answer to `operation`.
    async fn behind(&self, operation: &'static str) -> (Proxy, DynamoRecords, ManagerSecrets) {
        let proxy = Proxy::swallowing_first(Moto::shared().unwrap().endpoint(), operation)
            .await
            .unwrap();
        let (records, secrets) = with_config(&moto::config(proxy.endpoint()).await, &self.table, &self.prefix);
        (proxy, records, secrets)
    }
}

pub(super) async fn open() -> Subject {
    let Bench { records, secrets, .. } = Bench::new().await;
    Subject {
        records: Arc::new(records),
        secrets: Arc::new(secrets),
        _folder: None,
    }
}

fn akeneo() -> SecretName {
    SecretName::Connection {
        connection: "c1".to_owned(),
        side: Side::Akeneo,
    }
}

/// Everything an error can show: its texts and those of its sources.
fn all_texts(error: &impl Error) -> String {
    let mut texts = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(inner) = source {
        texts.push_str(&format!(" {inner} {inner:?}"));
        source = inner.source();
    }
    texts
}

#[tokio::test]
async fn the_table_is_the_one_of_the_template() {
    let bench = Bench::new().await;
    let table = bench
        .dynamodb()
        .describe_table()
        .table_name(&bench.table)
        .send()
        .await
        .unwrap()
        .table
        .unwrap();
    let keys = |schema: &[aws_sdk_dynamodb::types::KeySchemaElement]| {
        schema
            .iter()
            .map(|key| (key.attribute_name.clone(), key.key_type.clone()))
            .collect::<Vec<_>>()
    };
    let pair = |hash: &str, range: &str| vec![(hash.to_owned(), KeyType::Hash), (range.to_owned(), KeyType::Range)];
    assert_eq!(keys(table.key_schema()), pair("pk", "sk"));
    let [index] = table.global_secondary_indexes() else {
        panic!("one index")
    };
    assert_eq!(
        (index.index_name(), keys(index.key_schema())),
        (Some("by-due"), pair("queue", "due_at"))
    );
    let lifetime = bench
        .dynamodb()
        .describe_time_to_live()
        .table_name(&bench.table)
        .send()
        .await
        .unwrap();
    assert_eq!(
        lifetime.time_to_live_description.unwrap().attribute_name.as_deref(),
        Some("expires_at")
    );
}

#[tokio::test]
async fn an_item_has_the_attributes_that_ttl_index_and_stream_filter_need() {
    let bench = Bench::new().await;
    let record = Record {
        expires_at: Some(at(1_790_000_000_500)),
        ..queued("c#1", "connection", Queue::Wiring, 42)
    };
    put_new(&bench.records, &record).await;
    let key = |name: &str| AttributeValue::S(name.to_owned());
    let request = bench.dynamodb().get_item().table_name(&bench.table);
    let item = request
        .key("pk", key("c#1"))
        .key("sk", key("connection"))
        .send()
        .await
        .unwrap()
        .item
        .unwrap();
    assert_eq!(
        item["expires_at"],
        AttributeValue::N("1790000001".to_owned()),
        "epoch seconds, never too early"
    );
    assert_eq!(item["queue"], AttributeValue::S("wiring".to_owned()));
    assert_eq!(item["due_at"], AttributeValue::N("42".to_owned()));
    assert_eq!(item["version"], AttributeValue::N("1".to_owned()));
    assert_eq!(item["body"], AttributeValue::S(r#"{"sk":"connection"}"#.to_owned()));
}

#[tokio::test]
async fn an_item_that_is_no_record_is_malformed() {
    let bench = Bench::new().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = bench
        .dynamodb()
        .put_item()
        .table_name(&bench.table)
        .item("pk", text("a"))
        .item("sk", text("b"));
    put.item("version", AttributeValue::N("1".to_owned()))
        .item("body", text("{marked"))
        .send()
        .await
        .unwrap();
    let error = bench.records.get(&Key::new("a", "b")).await.unwrap_err();
    assert!(matches!(error, StoreError::Malformed(_)), "{error:?}");
    assert!(!all_texts(&error).contains("marked"));
    assert!(matches!(
        bench.records.list("a", "", false, 9, None).await,
        Err(StoreError::Malformed(_))
    ));
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_no_conflict_with_itself() {
    let bench = Bench::new().await;
    let record = bare("a", "b");
    let (proxy, records, _) = bench.behind("PutItem").await;
    assert_eq!(records.put(&record, Expect::Absent).await.unwrap(), 1);
    assert_eq!(proxy.requests(), 2, "the answer was lost and asked for again");
    let (proxy, records, _) = bench.behind("PutItem").await;
    assert_eq!(records.put(&record, Expect::Version(1)).await.unwrap(), 2);
    assert_eq!(proxy.requests(), 2);
    assert_eq!(
        bench.records.get(&record.key).await.unwrap().unwrap().version,
        2,
        "written once each"
    );
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_still_won() {
    let bench = Bench::new().await;
    let record = bare("a", "b");
    put_new(&bench.records, &record).await;
    let (proxy, records, _) = bench.behind("UpdateItem").await;
    let claimed = Record {
        version: 2,
        claimed_at: Some(at(7)),
        ..record.clone()
    };
    assert_eq!(
        records.claim(&record.key, at(7)).await.unwrap(),
        Claim::Won(claimed.clone())
    );
    assert_eq!(proxy.requests(), 2, "the answer was lost and asked for again");
    assert_eq!(
        bench.records.claim(&record.key, at(8)).await.unwrap(),
        Claim::Lost(claimed)
    );
}

#[tokio::test]
async fn secrets_survive_lost_answers() {
    let bench = Bench::new().await;
    for operation in ["CreateSecret", "PutSecretValue"] {
        let (proxy, _, secrets) = bench.behind(operation).await;
        secrets
            .write(&akeneo(), Stage::Pending, &SecretDocument::new(operation))
            .await
            .unwrap();
        assert!(proxy.requests() >= 2, "{operation}");
        let found = bench.secrets.read(&akeneo(), Stage::Pending).await.unwrap().unwrap();
        assert_eq!(found.expose(), operation);
        assert!(bench.secrets.read(&akeneo(), Stage::Current).await.unwrap().is_none());
        bench.secrets.delete(&akeneo()).await.unwrap();
    }
}

#[tokio::test]
async fn secrets_have_the_names_and_stages_that_policies_and_operators_know() {
    let bench = Bench::new().await;
    bench
        .secrets
        .write(&akeneo(), Stage::Pending, &SecretDocument::new("typed"))
        .await
        .unwrap();
    let id = format!("{}/c1/akeneo", bench.prefix);
    let described = bench.manager().describe_secret().secret_id(&id).send().await.unwrap();
    let mut stages: Vec<_> = described
        .version_ids_to_stages
        .unwrap()
        .into_values()
        .flatten()
        .collect();
    stages.sort();
    assert_eq!(stages, ["AWSCURRENT", "AWSPENDING"]);
    let current = bench
        .manager()
        .get_secret_value()
        .secret_id(&id)
        .version_stage("AWSCURRENT")
        .send()
        .await
        .unwrap();
    assert_eq!(
        current.secret_string.as_deref(),
        Some("{}"),
        "the current version is empty, not what was typed"
    );
}

#[tokio::test]
async fn a_secret_that_is_scheduled_for_deletion_says_so() {
    let bench = Bench::new().await;
    bench
        .secrets
        .write(&akeneo(), Stage::Current, &SecretDocument::new("x"))
        .await
        .unwrap();
    let id = format!("{}/c1/akeneo", bench.prefix);
    bench
        .manager()
        .delete_secret()
        .secret_id(&id)
        .recovery_window_in_days(7)
        .send()
        .await
        .unwrap();
    let error = bench.secrets.read(&akeneo(), Stage::Current).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(all_texts(&error).contains("scheduled for deletion"), "{error:?}");
    // moto lets such a secret be written; Secrets Manager answers like this.
    let answer = r#"{"__type":"InvalidRequestException","message":"You can't perform this operation on the secret because it was marked for deletion."}"#;
    let config = moto::config(&canned("400 Bad Request", answer.to_owned()).await).await;
    let (_, secrets) = with_config(&config, "t", "p");
    let written = secrets
        .write(&akeneo(), Stage::Pending, &SecretDocument::new("x"))
        .await
        .unwrap_err();
    let deleted = secrets.delete(&akeneo()).await.unwrap_err();
    for error in [written, deleted] {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert!(all_texts(&error).contains("scheduled for deletion"), "{error:?}");
    }
}

#[tokio::test]
async fn a_given_secret_is_found_by_name_and_by_arn() {
    let bench = Bench::new().await;
    let name = format!("app-{}", Uuid::new_v4());
    let made = bench
        .manager()
        .create_secret()
        .name(&name)
        .secret_string("given")
        .send()
        .await
        .unwrap();
    for name in [name, made.arn.unwrap()] {
        let found = bench
            .secrets
            .read(&SecretName::Given(name), Stage::Current)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.expose(), "given");
    }
}

#[tokio::test]
async fn the_stream_tells_which_connections_are_to_be_wired() {
    let bench = Bench::new().await;
    let mut reader = StreamReader::open(&bench.config, &bench.table).await.unwrap();
    put_new(&bench.records, &queued("c#1", "connection", Queue::Idle, 1)).await;
    put_new(&bench.records, &queued("c#2", "connection", Queue::Wiring, 1)).await;
    put_new(&bench.records, &bare("c#2", "audit#1")).await;
    let first = reader.read().await.unwrap();
    let queues: Vec<_> = first
        .iter()
        .map(|image| (image.pk.as_str(), image.queue.as_deref()))
        .collect();
    assert_eq!(queues, [("c#1", Some("idle")), ("c#2", Some("wiring")), ("c#2", None)]);
    assert_eq!(
        first[1].event["dynamodb"]["NewImage"]["queue"],
        json!({ "S": "wiring" })
    );
    assert_eq!(
        first[1].event["dynamodb"]["Keys"],
        json!({ "pk": { "S": "c#2" }, "sk": { "S": "connection" } })
    );
    assert_eq!(first[1].event_name, "INSERT");
    bench
        .records
        .put(&queued("c#1", "connection", Queue::Wiring, 1), Expect::Version(1))
        .await
        .unwrap();
    bench.records.delete(&Key::new("c#2", "connection")).await.unwrap();
    let second = reader.read().await.unwrap();
    assert_eq!(second.len(), 1, "a deletion has no new image");
    assert_eq!(
        (second[0].pk.as_str(), second[0].event_name.as_str()),
        ("c#1", "MODIFY")
    );
    assert_eq!(reader.read().await.unwrap(), [], "nothing new");
    assert_eq!(
        stream_records(&bench.config, &bench.table).await.unwrap(),
        ["c#2", "c#1"]
    );
}
