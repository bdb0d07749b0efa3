//! What the stores say when AWS says no, answers nonsense, or does not answer: never what stood in the answer.

use std::time::Duration;

use connector::{
    secret::SecretDocument,
    store::{Expect, Key, Queue, Record, Records, Secrets, Stage, StoreError, aws::with_config},
};
use connector_tests::moto;
use serde_json::json;
use tokio::time::timeout;

use super::{Bench, akeneo, all_texts};
use crate::store_contract::{
    at, bare,
    unhelpful::{canned, silent},
};

#[tokio::test]
async fn a_missing_table_is_unavailable_and_named_by_its_code() {
    let bench = Bench::new().await;
    let (records, _) = with_config(&bench.config, "no-such-table", "p");
    for error in [
        records.get(&Key::new("a", "b")).await.unwrap_err(),
        records.put(&bare("a", "b"), Expect::Absent).await.unwrap_err(),
        records.claim(&Key::new("a", "b"), at(1)).await.unwrap_err(),
        records.due(Queue::Idle, at(1), 1, None).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert!(all_texts(&error).contains("ResourceNotFoundException"), "{error:?}");
    }
}

#[tokio::test]
async fn an_error_shows_neither_the_answer_nor_its_message() {
    let answers = [
        ("200 OK", r#"{"SecretString": "marked", "#.to_owned()),
        ("200 OK", r#"{"SecretString": {"marked": 1}}"#.to_owned()),
        (
            "400 Bad Request",
            r#"{"__type": "ValidationException", "message": "marked"}"#.to_owned(),
        ),
        (
            "400 Bad Request",
            r#"{"__type": "InvalidRequestException", "message": "marked for deletion"}"#.to_owned(),
        ),
        (
            "400 Bad Request",
            r#"{"__type": "AccessDeniedException", "Message": "marked"}"#.to_owned(),
        ),
        ("400 Bad Request", "marked".to_owned()),
    ];
    for (status, body) in answers {
        let config = moto::config(&canned(status, body.clone()).await).await;
        let (records, secrets) = with_config(&config, "t", "p");
        let mut errors = vec![
            records
                .put(
                    &Record {
                        body: json!("marked"),
                        ..bare("marked", "marked")
                    },
                    Expect::Version(1),
                )
                .await
                .err(),
            secrets
                .write(&akeneo(), Stage::Pending, &SecretDocument::new("marked"))
                .await
                .err(),
            secrets.read(&akeneo(), Stage::Current).await.err(),
            records.get(&Key::new("marked", "marked")).await.err(),
        ];
        // A 200 is taken as success where nothing is read from it.
        errors.retain(Option::is_some);
        assert!(!errors.is_empty(), "{status} {body}");
        for error in errors.into_iter().flatten() {
            assert!(!all_texts(&error).contains("marked"), "{}", all_texts(&error));
        }
    }
}

#[tokio::test]
async fn a_server_that_refuses_or_never_answers_is_given_up_in_time() {
    let (silence, _listener) = silent().await;
    for endpoint in ["http://127.0.0.1:1", &silence] {
        let (records, secrets) = with_config(&moto::config(endpoint).await, "t", "p");
        let patience = Duration::from_secs(12);
        let (key, name) = (Key::new("a", "b"), akeneo());
        let (get, read) = tokio::join!(
            timeout(patience, records.get(&key)),
            timeout(patience, secrets.read(&name, Stage::Current))
        );
        assert!(matches!(get.expect("in time"), Err(StoreError::Unavailable(_))));
        assert!(matches!(read.expect("in time"), Err(StoreError::Unavailable(_))));
    }
}
