//! A PIM with a state file: stopped, killed, started again; and files that are none.

use std::path::{Path, PathBuf};

use akeneo_simulator::{Control, Options, Settings};
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Harness, SEED_SCOPES};

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("pim.json")
}

fn options(file: &Path) -> Options {
    Options {
        state: Some(file.to_owned()),
        ..Options::default()
    }
}

fn shown(control: &Control) -> Value {
    serde_json::to_value(control.state()).unwrap()
}

#[tokio::test]
async fn everything_but_the_journal_outlives_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut pim = Harness::with(options(&file(&folder))).await;
    pim.log_in("admin").await;
    let old = pim.token("read_products").await;
    pim.control.disconnect(&pim.app.client_id).unwrap();
    let token = pim.token(SEED_SCOPES).await;
    let open_code = pim.code(SEED_SCOPES).await;
    pim.control.advance_clock(1000);
    let (control, cookie, now) = (pim.control.clone(), pim.cookie.clone(), pim.control.now());
    let (app, client) = (pim.app.clone(), pim.client.clone());
    pim.running.stop().await;

    // The settings of the second start would let the clock run; those in the file win.
    let running = akeneo_simulator::start(options(&file(&folder))).await.unwrap();
    assert_eq!(shown(&running.control()), shown(&control));
    assert!(running.control().settings().clock_frozen && running.control().now() == now);
    assert!(running.control().requests().is_empty());
    let control = running.control();
    let pim = Harness {
        running,
        control,
        client,
        app,
        cookie,
    };
    assert_eq!(pim.api(&token, "/catalogs").await.0, StatusCode::OK);
    assert_eq!(pim.api(&old, "/products-uuid").await.0, StatusCode::UNAUTHORIZED);
    pim.control.advance_clock(-1000);
    let (status, answer) = pim.exchange(&open_code).await;
    assert_eq!(
        (status, answer["access_token"].as_str()),
        (StatusCode::OK, Some(token.as_str())),
        "the code was kept"
    );
    assert_eq!(
        pim.token(SEED_SCOPES).await,
        token,
        "the session was kept: nobody logs in again"
    );
}

#[tokio::test]
async fn changes_are_in_the_file_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let pim = Harness::with(options(&file(&folder))).await;
    for _ in 0..500 {
        if std::fs::read_to_string(file(&folder))
            .unwrap()
            .contains(&pim.app.client_secret)
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // Dropped, not stopped: nothing is written for the last time.
    drop(pim.running);
    let again = akeneo_simulator::start(options(&file(&folder))).await.unwrap();
    assert_eq!(again.control().custom_apps()[0].client_secret, pim.app.client_secret);
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "nothing else is left in the folder");
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_and_left_alone() {
    for content in [
        "",
        "{",
        "[]",
        "{\"simulator\": \"salesforce-simulator\", \"version\": 1, \"world\": {}}",
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(file(&folder), content).unwrap();
        let error = akeneo_simulator::start(options(&file(&folder)))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("pim.json is not the state of a simulated PIM") && error.contains("move it away"),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(file(&folder)).unwrap(), content);
    }
}

#[tokio::test]
async fn a_newer_version_is_named_and_a_secret_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let newer = "{\"simulator\": \"akeneo-simulator\", \"version\": 99, \"world\": {\"pim\": \"s3cret\"}}";
    for (content, word) in [
        (newer.to_owned(), "version 99"),
        (newer.replace("99", "1"), "does not fit"),
    ] {
        std::fs::write(file(&folder), content).unwrap();
        let error = akeneo_simulator::start(options(&file(&folder)))
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(word) && !error.contains("s3cret"), "{error}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        settings: Settings::default(),
        ..options(&folder.path().join("missing").join("pim.json"))
    };
    let error = akeneo_simulator::start(options).await.unwrap_err().to_string();
    assert!(
        error.contains("cannot be read or written") && error.contains("see to its permissions"),
        "{error}"
    );
}
