//! A browser's session for an access token: the one-time address, and which scope a token needs (facts/salesforce 4.4).

use reqwest::{Response, StatusCode};
use salesforce_simulator::Preset;
use serde_json::{Value, json};

use super::stage::{Stage, Tokens, answer, location};

async fn ask(stage: &Stage, tokens: &Tokens, page: &str) -> Response {
    let request = stage.http.post(stage.url("services/oauth2/singleaccess"));
    let request = request.bearer_auth(&tokens.access);
    request.form(&[("redirect_uri", page)]).send().await.unwrap()
}

#[tokio::test]
async fn a_token_opens_a_session_once_if_its_scope_allows() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let (status, body) = answer(ask(&stage, &tokens, "lightning/setup/SetupOneHome/home").await).await;
    assert_eq!(
        (status, &body["error"]),
        (403, &json!("insufficient_scope")),
        "api alone"
    );

    stage.set(json!({ "single_access": "any" }));
    let (status, body) = answer(ask(&stage, &tokens, "lightning/setup/SetupOneHome/home").await).await;
    assert_eq!(status, 200, "{body}");
    let door = body["frontdoor_uri"].as_str().unwrap().to_owned();
    let opened = stage.http.get(&door).send().await.unwrap();
    assert_eq!(location(&opened).path(), "/lightning/setup/SetupOneHome/home");
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let home = stage.http.get(stage.url("lightning/setup/SetupOneHome/home"));
    assert_eq!(
        home.header("cookie", cookie).send().await.unwrap().status(),
        StatusCode::OK
    );
    assert_eq!(
        stage.http.get(&door).send().await.unwrap().status(),
        StatusCode::FORBIDDEN,
        "once"
    );
}

#[tokio::test]
async fn it_leads_to_no_other_host_and_opens_nothing_without_a_token() {
    let stage = Stage::new(Preset::Ready).await;
    stage.set(json!({ "single_access": "any" }));
    let tokens = stage.connect().await;
    for elsewhere in ["https://evil.example/", "//evil.example/"] {
        let (_, body) = answer(ask(&stage, &tokens, elsewhere).await).await;
        let opened = stage
            .http
            .get(body["frontdoor_uri"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert_eq!(location(&opened).origin(), stage.url("").origin(), "{elsewhere}");
    }
    let (status, body) = answer(stage.get("services/oauth2/singleaccess").await).await;
    assert_eq!((status, &body["frontdoor_uri"]), (401, &Value::Null));
}
