//! Secret documents and their two stages.

use std::sync::Arc;

use connector::{
    secret::{SecretDocument, Sensitive},
    store::{SecretName, Secrets, Side, Stage, StoreError},
};

type Store = Arc<dyn Secrets>;

fn name(connection: &str, side: Side) -> SecretName {
    SecretName::Connection {
        connection: connection.to_owned(),
        side,
    }
}

fn akeneo() -> SecretName {
    name("c1", Side::Akeneo)
}

async fn write(store: &dyn Secrets, name: &SecretName, stage: Stage, text: &str) {
    store.write(name, stage, &SecretDocument::new(text)).await.unwrap();
}

async fn read(store: &dyn Secrets, name: &SecretName, stage: Stage) -> Option<String> {
    store
        .read(name, stage)
        .await
        .unwrap()
        .map(|document| document.expose().to_owned())
}

/// Both stages: current, pending.
async fn both(store: &dyn Secrets, name: &SecretName) -> (Option<String>, Option<String>) {
    (
        read(store, name, Stage::Current).await,
        read(store, name, Stage::Pending).await,
    )
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(super) async fn a_secret_that_was_never_written_is_none(store: Store) {
    assert_eq!(both(&*store, &akeneo()).await, (None, None));
    assert_eq!(
        read(
            &*store,
            &SecretName::Given("nobody-made-this".to_owned()),
            Stage::Current
        )
        .await,
        None
    );
}

pub(super) async fn a_document_comes_back_as_it_was_written(store: Store) {
    for text in [
        r#"{"generation":1}"#,
        "{\"naïve\": \"🔑 \\u0000 \\\"\"}\n",
        "[]",
        " {}",
        "'; DROP TABLE secrets; --",
    ] {
        write(&*store, &akeneo(), Stage::Current, text).await;
        assert_eq!(both(&*store, &akeneo()).await, (some(text), None));
    }
}

pub(super) async fn a_pending_document_leaves_the_current_one_alone(store: Store) {
    write(&*store, &akeneo(), Stage::Current, r#"{"works":1}"#).await;
    for pending in [r#"{"typed":1}"#, r#"{"typed":2}"#] {
        write(&*store, &akeneo(), Stage::Pending, pending).await;
        assert_eq!(both(&*store, &akeneo()).await, (some(r#"{"works":1}"#), some(pending)));
    }
    write(&*store, &akeneo(), Stage::Current, r#"{"works":2}"#).await;
    assert_eq!(
        both(&*store, &akeneo()).await,
        (some(r#"{"works":2}"#), some(r#"{"typed":2}"#))
    );
}

pub(super) async fn a_secret_whose_first_write_is_pending_has_no_current_document(store: Store) {
    write(&*store, &akeneo(), Stage::Pending, r#"{"typed":1}"#).await;
    assert_eq!(both(&*store, &akeneo()).await, (None, some(r#"{"typed":1}"#)));
    write(&*store, &akeneo(), Stage::Pending, r#"{"typed":2}"#).await;
    assert_eq!(both(&*store, &akeneo()).await, (None, some(r#"{"typed":2}"#)));
}

pub(super) async fn a_proven_document_becomes_current_and_the_next_one_can_be_pending(store: Store) {
    for generation in 1..=4 {
        let (typed, proven) = (
            format!("{{\"typed\":{generation}}}"),
            format!("{{\"proven\":{generation}}}"),
        );
        write(&*store, &akeneo(), Stage::Pending, &typed).await;
        assert_eq!(read(&*store, &akeneo(), Stage::Pending).await, some(&typed));
        write(&*store, &akeneo(), Stage::Current, &proven).await;
        assert_eq!(read(&*store, &akeneo(), Stage::Current).await, some(&proven));
    }
}

pub(super) async fn connections_and_sides_are_kept_apart(store: Store) {
    let names = [
        name("c1", Side::Akeneo),
        name("c1", Side::Salesforce),
        name("c2", Side::Akeneo),
        name("c-1_A", Side::Akeneo),
    ];
    for (number, name) in names.iter().enumerate() {
        write(&*store, name, Stage::Current, &number.to_string()).await;
    }
    for (number, name) in names.iter().enumerate() {
        assert_eq!(both(&*store, name).await, (some(&number.to_string()), None));
    }
}

pub(super) async fn a_deleted_secret_is_gone_in_both_stages(store: Store) {
    store.delete(&akeneo()).await.unwrap();
    let salesforce = name("c1", Side::Salesforce);
    write(&*store, &salesforce, Stage::Current, "stays").await;
    write(&*store, &akeneo(), Stage::Current, "a").await;
    write(&*store, &akeneo(), Stage::Pending, "b").await;
    store.delete(&akeneo()).await.unwrap();
    assert_eq!(both(&*store, &akeneo()).await, (None, None));
    assert_eq!(read(&*store, &salesforce, Stage::Current).await, some("stays"));
    store.delete(&akeneo()).await.unwrap();
}

pub(super) async fn a_deleted_secret_can_be_written_anew(store: Store) {
    write(&*store, &akeneo(), Stage::Current, "old").await;
    store.delete(&akeneo()).await.unwrap();
    write(&*store, &akeneo(), Stage::Pending, "new").await;
    assert_eq!(
        both(&*store, &akeneo()).await,
        (None, some("new")),
        "nothing of the old one is left"
    );
}

pub(super) async fn many_first_writers_do_not_get_in_each_others_way(store: Store) {
    let writers: Vec<_> = (0..12)
        .map(|number| {
            let store = Arc::clone(&store);
            let stage = if number % 2 == 0 {
                Stage::Pending
            } else {
                Stage::Current
            };
            tokio::spawn(async move {
                store
                    .write(&akeneo(), stage, &SecretDocument::new(number.to_string()))
                    .await
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let (current, pending) = both(&*store, &akeneo()).await;
    let number = |text: Option<String>| {
        text.and_then(|text| text.parse::<u32>().ok())
            .expect("one of the documents")
    };
    assert_eq!((number(current) % 2, number(pending) % 2), (1, 0));
}

pub(super) async fn a_large_document_is_kept_and_a_too_large_one_refused(store: Store) {
    let large = format!("{{\"filler\":\"{}\"}}", "ä".repeat(30 * 1024));
    assert!(large.len() > 60 * 1024);
    write(&*store, &akeneo(), Stage::Current, &large).await;
    assert_eq!(read(&*store, &akeneo(), Stage::Current).await, Some(large));
    for text in ["x".repeat(64 * 1024 + 1), String::new()] {
        let refused = store.write(&akeneo(), Stage::Pending, &SecretDocument::new(text)).await;
        assert!(matches!(refused, Err(StoreError::Malformed(_))), "{refused:?}");
    }
    assert_eq!(read(&*store, &akeneo(), Stage::Pending).await, None);
}

pub(super) async fn an_id_that_would_reach_elsewhere_is_refused(store: Store) {
    write(&*store, &name("c1", Side::Salesforce), Stage::Current, "theirs").await;
    for connection in ["", "c1/salesforce", "../c1", "c1\0", "c1 ", "c.1", "ç"] {
        let name = name(connection, Side::Salesforce);
        let document = SecretDocument::new("mine");
        assert!(
            matches!(store.read(&name, Stage::Current).await, Err(StoreError::Malformed(_))),
            "{connection:?}"
        );
        assert!(matches!(
            store.write(&name, Stage::Current, &document).await,
            Err(StoreError::Malformed(_))
        ));
        assert!(matches!(store.delete(&name).await, Err(StoreError::Malformed(_))));
    }
}

pub(super) async fn a_given_secret_is_read_only(store: Store) {
    let given = SecretName::Given("someones-own".to_owned());
    let written = store
        .write(
            &given,
            Stage::Current,
            &SecretDocument::new("{\"client_secret\":\"x\"}"),
        )
        .await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    assert!(matches!(store.delete(&given).await, Err(StoreError::Unavailable(_))));
    assert_eq!(read(&*store, &given, Stage::Current).await, None);
}
