//! An org with a state file: stopped, dropped, started again; and files that are none.

use std::path::Path;

use reqwest::Method;
use salesforce_simulator::{Action, Control, Options, Preset, Settings, start};
use serde_json::{Value, json};
use url::Url;

use super::stage::{EAIP, EC, NC, REDIRECT, SECRETS, Stage, answer, get};

async fn stage(file: &Path, preset: Preset) -> Stage {
    let mut options = Options {
        preset,
        state: Some(file.to_owned()),
        ..Options::default()
    };
    options.client.redirect_uris = vec![REDIRECT.to_owned()];
    let client = options.client.clone();
    Stage {
        running: start(options).await.unwrap(),
        http: super::stage::http(),
        client,
    }
}

/// A value without the present address of the org, which is another one after a restart at any free port.
fn placeless(value: &Value, url: &Url) -> String {
    value.to_string().replace(url.as_str(), "")
}

fn shown(control: &Control, url: &Url) -> String {
    let mut shown = control.state();
    shown.as_object_mut().unwrap().remove("now_ms");
    placeless(&shown, url)
}

#[tokio::test]
async fn everything_but_the_journal_outlives_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("org.json");
    let first = stage(&file, Preset::WiredElsewhere).await;
    let tokens = first.connect().await;
    let cookie = first.log_in().await;
    let open_code = first.code().await;
    first.set(json!({ "deploy_polls": 7 }));
    let user = "sales@acme.example".to_owned();
    first
        .control()
        .act(&Action::GrantAccess { username: user.clone() })
        .unwrap();
    first
        .control()
        .act(&Action::DeactivateUser { username: Some(user) })
        .unwrap();
    first
        .control()
        .act(&Action::EditUrl {
            url: "https://elsewhere.example".to_owned(),
        })
        .unwrap();
    // Less than the life of a code.
    first.control().advance_clock(30);
    let mut records = Vec::new();
    for path in [NC, EC, EAIP, SECRETS] {
        records.push(get(&first, &tokens, path).await);
    }
    let (before, place) = (first.control(), first.running.url().clone());
    let ahead = before.state()["now_ms"].as_i64().unwrap();
    first.running.stop().await;

    let second = stage(&file, Preset::Ready).await;
    let here = second.running.url();
    assert_eq!(shown(&second.control(), here), shown(&before, &place));
    assert_eq!(second.control().made_from(), Preset::WiredElsewhere, "the file wins");
    assert_eq!(second.control().settings().deploy_polls, 7);
    assert!(
        second.control().state()["now_ms"].as_i64().unwrap() >= ahead,
        "the clock is ahead by as much"
    );
    assert!(second.control().requests().is_empty());
    for (path, record) in [NC, EC, EAIP, SECRETS].into_iter().zip(records) {
        let again = get(&second, &tokens, path).await;
        assert_eq!(
            placeless(&again, here),
            placeless(&record, &place),
            "ids, origin and values of {path}"
        );
    }
    let page = second.authorize(&cookie, &[]).await;
    assert!(page.status().is_redirection(), "logged in and approved before: no page");
    assert!(page.headers()["location"].to_str().unwrap().contains("code="));
    assert_eq!(
        answer(second.exchange(&open_code).await).await.0,
        200,
        "the code was kept"
    );
    let refreshed = answer(second.refresh(&tokens.refresh).await).await;
    assert_eq!(refreshed.0, 200, "{refreshed:?}");
    let reused = answer(second.refresh(&tokens.refresh).await).await;
    assert_eq!(reused.0, 400, "a spent refresh token is known as such");
}

/// A write keeps the ids of rows only if they are known.
#[tokio::test]
async fn a_write_after_a_restart_is_as_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("org.json");
    let first = stage(&file, Preset::Ready).await;
    let tokens = first.connect().await;
    let query = "SELECT Id FROM ExternalAuthIdentityProvider";
    let (_, found) = first.soql(&tokens, "tooling/query", query).await;
    let id = found["records"][0]["Id"].as_str().unwrap().to_owned();
    let address = format!("tooling/sobjects/ExternalAuthIdentityProvider/{id}");
    first.running.stop().await;

    let second = stage(&file, Preset::Ready).await;
    let record = get(&second, &tokens, &address).await;
    let (before, body) = (
        get(&second, &tokens, EAIP).await,
        json!({ "Metadata": record["Metadata"] }),
    );
    let (status, _) = second.call(&tokens, Method::PATCH, &address, Some(&body)).await;
    assert_eq!(status, 204);
    assert_eq!(get(&second, &tokens, EAIP).await["parameters"], before["parameters"]);
}

#[tokio::test]
async fn changes_are_in_the_file_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("org.json");
    let first = stage(&file, Preset::Ready).await;
    let tokens = first.connect().await;
    for _ in 0..500 {
        if std::fs::read_to_string(&file).unwrap().contains(&tokens.refresh) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // Dropped, not stopped: nothing is written for the last time.
    drop(first);
    let second = stage(&file, Preset::Ready).await;
    assert_eq!(answer(second.refresh(&tokens.refresh).await).await.0, 200);
    assert_eq!(
        std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name() != "org.json.new")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_and_left_alone() {
    let pim = "{\"simulator\": \"akeneo-simulator\", \"version\": 1, \"world\": {}}";
    let newer = "{\"simulator\": \"salesforce-simulator\", \"version\": 2, \"world\": {}}";
    for content in ["", "{", "7", pim, newer] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("org.json");
        std::fs::write(&file, content).unwrap();
        let options = Options {
            state: Some(file.clone()),
            settings: Settings::default(),
            ..Options::default()
        };
        let error = start(options).await.unwrap_err().to_string();
        assert!(
            error.contains("org.json is not the state of a simulated org") && error.contains("move it away"),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
}
