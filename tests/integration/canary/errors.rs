//! Errors of calls that failed with secrets on board, against an upstream that gives back every secret that it was sent.

use std::error::Error;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use connector::akeneo::{self, ChallengePair, CodeExchange, PimUrl, Scopes};
use connector::clock::Deadline;
use connector::outbound::{Outbound, Permit};
use connector::salesforce::OrgUrl;
use connector::salesforce::api::{Org, Resource};
use connector::salesforce::oauth::{App, TokenEndpoint};
use connector::salesforce::version::ApiVersion;
use connector::secret::{
    AccessToken, AuthorizationCode, ClientSecret, CodeIdentifier, CodeVerifier, RefreshToken, Sensitive,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::searcher::Searcher;

const CODE: &str = "canary.error.code+/4711";
const SECRET: &str = "canary.error.client.secret";
const IDENTIFIER: &str = "canary.error.identifier.0815";
const TOKEN: &str = "canary!error.access_token";
const REFRESH: &str = "canary.error.refresh~token";
const VERIFIER: &str = "canary.error.verifier.0815";

/// Answers with whatever it was sent, head and body, in this status and form.
async fn parrot(status: u16, wrap: fn(&str) -> String) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(move |request: Request| async move { repeat(request, status, wrap).await });
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

async fn repeat(request: Request, status: u16, wrap: fn(&str) -> String) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 65_536).await.unwrap();
    let said = format!("{} {:?} {}", head.uri, head.headers, String::from_utf8_lossy(&body));
    (
        StatusCode::from_u16(status).unwrap(),
        [("content-type", "application/json")],
        wrap(&said),
    )
        .into_response()
}

/// The error's `Display` and `Debug`, and those of all its causes.
fn all_texts<T>(result: Result<T, impl Error>) -> String {
    let Err(error) = result else { return String::new() };
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

async fn errors(origin: &str) -> Vec<String> {
    let permit = Permit::parse(origin).unwrap();
    let (pim, instance) = (
        PimUrl::parse(origin, &permit).unwrap(),
        OrgUrl::parse(origin, &permit).unwrap(),
    );
    let outbound = Outbound::new(permit).unwrap();
    let deadline = Deadline::after(Duration::from_millis(900));
    let app = App {
        client_id: "key".to_owned(),
        client_secret: ClientSecret::new(SECRET),
    };
    let pair = ChallengePair::with_identifier(CodeIdentifier::new(IDENTIFIER), &app.client_secret);
    let code = AuthorizationCode::new(CODE);
    let endpoint = TokenEndpoint::new(&outbound, instance.url().clone(), &app, deadline);
    let token = AccessToken::new(TOKEN);
    let org = Org::new(&outbound, instance.clone(), token.clone(), ApiVersion::NEWEST, deadline);
    let request = CodeExchange {
        pim: &pim,
        client_id: "id",
        code: code.clone(),
        pair: &pair,
    };
    let all = Scopes::required();
    vec![
        all_texts(akeneo::exchange(&outbound, request, deadline).await),
        format!(
            "{:?}",
            akeneo::probe(&outbound, &pim, &token, &all, &all, deadline).await
        ),
        all_texts(
            endpoint
                .exchange(&code, CodeVerifier::new(VERIFIER), instance.url())
                .await,
        ),
        all_texts(endpoint.refresh(&RefreshToken::new(REFRESH)).await),
        all_texts(endpoint.revoke_refresh(&RefreshToken::new(REFRESH)).await),
        all_texts(org.get::<Value>("canary", &Resource::data("Account")).await),
        all_texts(
            org.create("canary", &Resource::data("Account"), &json!({ "secret": SECRET }))
                .await,
        ),
        all_texts(org.query::<Value>("canary", "SELECT Id FROM Account").await),
    ]
}

#[tokio::test]
async fn no_error_repeats_a_secret() {
    let challenge =
        ChallengePair::with_identifier(CodeIdentifier::new(IDENTIFIER), &ClientSecret::new(SECRET)).challenge;
    let secrets = [
        ("code", CODE),
        ("client secret", SECRET),
        ("identifier", IDENTIFIER),
        ("access token", TOKEN),
        ("refresh token", REFRESH),
        ("verifier", VERIFIER),
        ("challenge", challenge.expose()),
    ];
    let searcher = Searcher::new(secrets);
    let oauth = |said: &str| json!({ "error": said, "error_description": said }).to_string();
    let rest = |said: &str| json!([{ "errorCode": said, "message": said, "fields": [said] }]).to_string();
    let akeneo = |said: &str| json!({ "code": 401, "message": said, "access_token": { "x": said } }).to_string();
    let mut seen = 0;
    for (status, wrap) in [
        (200, oauth as fn(&str) -> String),
        (200, akeneo),
        (200, |said| said.to_owned()),
        (302, oauth),
        (400, oauth),
        (400, rest),
        (401, akeneo),
        (401, rest),
        (403, rest),
        (404, rest),
        (500, |said| format!("<html>{said}</html>")),
    ] {
        let origin = parrot(status, wrap).await;
        for text in errors(&origin).await.into_iter().filter(|text| !text.is_empty()) {
            seen += 1;
            assert_eq!(searcher.find(&text), [""; 0], "{status}");
        }
    }
    // Nobody there at all: transport errors like to print the whole URL.
    for text in errors("http://127.0.0.1:9").await {
        seen += 1;
        assert_eq!(searcher.find(&text), [""; 0]);
    }
    assert!(seen > 60, "{seen} errors were looked at");
}
