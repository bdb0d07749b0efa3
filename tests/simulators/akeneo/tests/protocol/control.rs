//! The control interface over HTTP: it does what its in-process form does.

use akeneo_simulator::{RecordedRequest, Settings, Snapshot};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, answer};

async fn send(pim: &Harness, method: &str, path: &str, body: Value) -> Answer {
    let request = pim
        .client
        .request(method.parse().unwrap(), pim.url(&format!("_simulator/{path}")));
    let request = if body.is_null() { request } else { request.json(&body) };
    answer(request.send().await.unwrap()).await
}

#[tokio::test]
async fn settings_are_read_and_merged() {
    let pim = Harness::start().await;
    let patch = json!({"users": {"admin": {"manage_apps": false}}, "edition": "GE"});
    assert_eq!(send(&pim, "PATCH", "settings", patch).await.0, StatusCode::OK);
    let settings: Settings = serde_json::from_value(send(&pim, "GET", "settings", Value::Null).await.1).unwrap();
    assert!(!settings.users["admin"].manage_apps && settings.users["admin"].open_apps);
    assert_eq!(settings.edition, "GE");
    let (status, body) = send(&pim, "PATCH", "settings", json!({"no_such_knob": 1})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body["details"].as_str().unwrap().contains("no_such_knob"));
    assert_eq!(pim.control.settings(), settings, "a refused patch changes nothing");
}

#[tokio::test]
async fn the_clock_moves_and_stands_still() {
    let pim = Harness::start().await;
    let (_, before) = send(&pim, "GET", "clock", Value::Null).await;
    assert_eq!(before["frozen"], true);
    let (_, after) = send(&pim, "POST", "clock", json!({"advance_seconds": 31})).await;
    assert_eq!(
        after["unix_seconds"].as_i64().unwrap() - before["unix_seconds"].as_i64().unwrap(),
        31
    );
    let (_, running) = send(&pim, "POST", "clock", json!({"frozen": false})).await;
    assert_eq!(running["frozen"], false);
}

#[tokio::test]
async fn the_whole_life_of_an_app() {
    let mut pim = Harness::start().await;
    let form = json!({"name": "Mine", "activate_url": "https://a.example/x", "callback_url": "https://a.example/cb"});
    let (_, created) = send(&pim, "POST", "custom-apps", form).await;
    pim.app = serde_json::from_value(created).unwrap();
    let id = pim.app.client_id.clone();
    assert_eq!(send(&pim, "GET", "custom-apps", Value::Null).await.1[1]["name"], "Mine");
    let app = |action: &str| format!("custom-apps/{id}/{action}");
    let (_, fresh) = send(&pim, "POST", &app("regenerate-secret"), Value::Null).await;
    pim.app.client_secret = fresh["client_secret"].as_str().unwrap().to_owned();
    let scopes = json!({"scopes": ["read_products"]});
    assert_eq!(
        send(&pim, "POST", &app("preconnect"), scopes.clone()).await.0,
        StatusCode::OK
    );
    let token = pim.token("read_products").await;
    let (_, second) = send(&pim, "POST", &app("second-consumer"), scopes).await;
    assert_eq!(second, json!({"value": token, "app": id, "scope": "read_products"}));

    let state: Snapshot = serde_json::from_value(send(&pim, "GET", "state", Value::Null).await.1).unwrap();
    assert_eq!(
        (
            state.live_tokens.len(),
            state.revoked_tokens.len(),
            state.open_codes.len()
        ),
        (1, 0, 0)
    );
    assert_eq!((state.consents.shown, state.consents.accepted), (0, 0));
    assert_eq!(
        send(&pim, "POST", &app("disconnect"), Value::Null).await.0,
        StatusCode::OK
    );
    assert_eq!(
        send(&pim, "POST", &app("disconnect"), Value::Null).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(pim.control.state().revoked_tokens[0].value, token);
    assert_eq!(
        send(&pim, "DELETE", &format!("custom-apps/{id}"), Value::Null).await.0,
        StatusCode::OK
    );
    assert_eq!(
        send(&pim, "DELETE", &format!("custom-apps/{id}"), Value::Null).await.0,
        StatusCode::NOT_FOUND
    );
    let (status, body) = send(&pim, "POST", "custom-apps", json!({"name": ""})).await;
    assert_eq!(
        (status, body["details"].as_array().map(Vec::len)),
        (StatusCode::UNPROCESSABLE_ENTITY, Some(3))
    );
}

#[tokio::test]
async fn the_journal_holds_what_was_asked_and_nothing_else() {
    let pim = Harness::start().await;
    let token = pim.token("read_products").await;
    pim.api(&token, "/products-uuid?limit=1").await;
    let (_, body) = send(&pim, "GET", "requests", Value::Null).await;
    let requests: Vec<RecordedRequest> = serde_json::from_value(body).unwrap();
    let seen: Vec<(&str, &str, Option<u16>)> = requests
        .iter()
        .map(|request| (&*request.method, &*request.path, request.status))
        .collect();
    assert_eq!(
        seen,
        [
            ("GET", "/connect/apps/v1/authorize", Some(302)),
            ("POST", "/connect/apps/v1/oauth2/token", Some(200)),
            ("GET", "/api/rest/v1/products-uuid", Some(200)),
        ]
    );
    assert_eq!(requests[0].query_value("scope"), Some("read_products"));
    let fields: Vec<&str> = requests[1].form.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        fields,
        ["client_id", "code", "grant_type", "code_identifier", "code_challenge"]
    );
    assert_eq!(requests[1].form_value("client_id"), Some(&*pim.app.client_id));
    assert_eq!(requests[2].authorization.as_deref(), Some(&*format!("Bearer {token}")));
    assert_eq!(
        send(&pim, "DELETE", "requests", Value::Null).await.0,
        StatusCode::NO_CONTENT
    );
    assert!(pim.control.requests().is_empty());
}

#[tokio::test]
async fn faults_come_and_go() {
    let pim = Harness::start().await;
    let fault = json!({"method": "GET", "path_prefix": "/api/", "kind": "status", "status": 500, "count": null});
    assert_eq!(send(&pim, "POST", "faults", fault).await.0, StatusCode::NO_CONTENT);
    assert_eq!(send(&pim, "GET", "faults", Value::Null).await.1[0]["kind"], "status");
    for _ in 0..3 {
        assert_eq!(pim.get("api/rest/v1").await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
    assert_eq!(
        send(&pim, "DELETE", "faults", Value::Null).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(pim.get("api/rest/v1").await.status(), StatusCode::OK);
    let (status, _) = send(&pim, "POST", "faults", json!({"path_prefix": "/", "kind": "explode"})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    pim.control.add_fault(akeneo_simulator::Fault::new(
        akeneo_simulator::FaultKind::ResetBefore,
        "/",
    ));
    assert_eq!(
        send(&pim, "GET", "state", Value::Null).await.0,
        StatusCode::OK,
        "control is never hit"
    );
}

#[tokio::test]
async fn a_stopped_pim_is_gone_and_its_port_free() {
    let pim = Harness::start().await;
    let port = pim.running.url().port().unwrap();
    let url = pim.url("api/rest/v1");
    pim.running.stop().await;
    assert!(pim.client.get(&url).send().await.unwrap_err().is_connect());
    let again = akeneo_simulator::start(akeneo_simulator::Options {
        port,
        ..Default::default()
    })
    .await
    .unwrap();
    assert_eq!(again.url().port(), Some(port));
}
