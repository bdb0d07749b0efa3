//! The token endpoint: which check speaks first, what is read, how long a code lives (facts/akeneo 3).

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Harness, SEED_SCOPES, TOKEN, answer, challenge, error, invalid_grant};

/// The form with some fields replaced; an empty value removes the field.
fn changed(form: &[(&'static str, String)], changes: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let change = |name: &str| {
        changes
            .iter()
            .find(|(changed, _)| *changed == name)
            .map(|(_, value)| *value)
    };
    form.iter()
        .filter_map(|(name, value)| match change(name) {
            Some("") => None,
            Some(new) => Some((*name, new.to_owned())),
            None => Some((*name, value.clone())),
        })
        .collect()
}

#[tokio::test]
async fn success_has_the_documented_shape() {
    let pim = Harness::start().await;
    let code = pim.code(SEED_SCOPES).await;
    let response = pim
        .client
        .post(pim.url(TOKEN))
        .form(&pim.form(&code))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "no-cache, private");
    let text = response.text().await.unwrap();
    let token = &pim.control.state().live_tokens[0].value;
    let scope = "delete_catalogs read_attribute_options read_catalog_structure read_catalogs read_categories \
                 read_channel_localization read_channel_settings read_products write_catalogs";
    assert_eq!(
        text,
        format!(r#"{{"access_token":"{token}","token_type":"bearer","scope":"{scope}"}}"#)
    );
    assert_eq!(token.len(), 86);
}

#[tokio::test]
async fn oracle_scope_is_sorted_and_not_expanded() {
    let pim = Harness::start().await;
    let code = pim
        .code("write_catalog_structure delete_products read_association_types")
        .await;
    let (_, body) = pim.exchange(&code).await;
    assert_eq!(
        body["scope"],
        "delete_products read_association_types write_catalog_structure"
    );
    assert_eq!(body["token_type"], "bearer");
}

/// Row by row: each line breaks its own row and, as far as that is possible, every row after it.
#[tokio::test]
async fn the_first_violation_wins() {
    let pim = Harness::start().await;
    let good = pim.form(&pim.code("read_products").await);
    let never_authorized = pim
        .control
        .create_custom_app(&crate::harness::new_app("https://other.example/cb"))
        .unwrap();
    let its_challenge = challenge("d1422273a1dd8aa6", &never_authorized.client_secret);
    let capitals = challenge("d1422273a1dd8aa6", &pim.app.client_secret).to_uppercase();
    for (row, changes, expect) in [
        (
            "1 wrong challenge",
            vec![("code_challenge", "invalid"), ("code", "x"), ("grant_type", "")],
            error("invalid_client"),
        ),
        (
            "1 challenge in capitals",
            vec![("code_challenge", &*capitals)],
            error("invalid_client"),
        ),
        (
            "1 unknown app",
            vec![("client_id", "nobody"), ("code", "")],
            error("invalid_client"),
        ),
        (
            "2 no client id",
            vec![
                ("client_id", ""),
                ("code", ""),
                ("grant_type", ""),
                ("code_identifier", ""),
            ],
            error("invalid_request"),
        ),
        (
            "3 no OAuth client row",
            vec![
                ("client_id", &never_authorized.client_id),
                ("code_challenge", &its_challenge),
                ("code", ""),
            ],
            error("invalid_client"),
        ),
        (
            "3 no row, no challenge",
            vec![("client_id", "nobody"), ("code_challenge", ""), ("code", "")],
            error("invalid_client"),
        ),
        (
            "4 no code",
            vec![("code", ""), ("grant_type", "x"), ("code_identifier", "")],
            error("invalid_request"),
        ),
        (
            "5 unknown code",
            vec![("code", "x"), ("grant_type", "x"), ("code_identifier", "")],
            invalid_grant("Code is not valid"),
        ),
        (
            "7 no grant type",
            vec![("grant_type", ""), ("code_identifier", "")],
            error("unsupported_grant_type"),
        ),
        (
            "7 wrong grant type",
            vec![("grant_type", "refresh_token"), ("code_challenge", "")],
            error("unsupported_grant_type"),
        ),
        (
            "8 no identifier",
            vec![("code_identifier", "")],
            error("invalid_request"),
        ),
        ("9 no challenge", vec![("code_challenge", "")], error("invalid_request")),
    ] {
        assert_eq!(pim.post_token(&changed(&good, &changes)).await, expect, "row {row}");
    }
    let (status, _) = pim.post_token(&good).await;
    assert_eq!(status, StatusCode::OK, "no failure consumed the code");
}

#[tokio::test]
async fn an_expired_code_speaks_before_grant_type() {
    let pim = Harness::start().await;
    let good = pim.form(&pim.code("read_products").await);
    pim.control.advance_clock(31);
    let expired = invalid_grant("Code has expired");
    assert_eq!(
        pim.post_token(&changed(&good, &[("grant_type", "x"), ("code_identifier", "")]))
            .await,
        expired
    );
    assert_eq!(
        pim.post_token(&changed(&good, &[("code_challenge", "invalid")])).await,
        error("invalid_client")
    );
}

#[tokio::test]
async fn derived_cases() {
    let pim = Harness::start().await;
    let good = pim.form(&pim.code("read_products").await);
    assert_eq!(
        pim.post_token(&[]).await,
        error("invalid_request"),
        "everything missing"
    );
    let no_challenge_bad_code = changed(&good, &[("code_challenge", ""), ("code", "x")]);
    assert_eq!(
        pim.post_token(&no_challenge_bad_code).await,
        invalid_grant("Code is not valid")
    );
    let zero_challenge = changed(&good, &[("code_challenge", "0")]);
    let (status, _) = pim.post_token(&zero_challenge).await;
    assert_eq!(
        status,
        StatusCode::OK,
        "PHP's empty() skips check 1 for the text 0, and 0 is not blank"
    );
    assert_eq!(
        pim.post_token(&good).await,
        invalid_grant("Code is not valid"),
        "replay"
    );
    pim.control.advance_clock(31);
    assert_eq!(
        pim.post_token(&good).await,
        invalid_grant("Code is not valid"),
        "a used code never expires"
    );
}

#[tokio::test]
async fn a_code_lives_exactly_30_seconds() {
    for (age, alive) in [(29, true), (30, true), (31, false)] {
        let pim = Harness::start().await;
        let code = pim.code("read_products").await;
        pim.control.advance_clock(age);
        let outcome = pim.exchange(&code).await;
        if alive {
            assert_eq!(outcome.0, StatusCode::OK, "after {age} s");
        } else {
            assert_eq!(outcome, invalid_grant("Code has expired"), "after {age} s");
        }
    }
}

#[tokio::test]
async fn a_code_is_not_bound_to_its_app() {
    let mut pim = Harness::start().await;
    let code = pim.code("read_products").await;
    pim.app = pim
        .control
        .create_custom_app(&crate::harness::new_app("https://other.example/cb"))
        .unwrap();
    pim.control
        .preconnect(&pim.app.client_id, &["read_categories"])
        .unwrap();
    let (status, body) = pim.exchange(&code).await;
    assert_eq!(
        (status, &body["scope"]),
        (StatusCode::OK, &json!("read_categories")),
        "the quirk of facts/akeneo 1.4"
    );
}

#[tokio::test]
async fn only_the_parsed_body_is_read() {
    let pim = Harness::start().await;
    let good = pim.form(&pim.code("read_products").await);
    let in_query = pim.client.post(pim.url(TOKEN)).query(&good).send().await.unwrap();
    assert_eq!(
        answer(in_query).await,
        error("invalid_request"),
        "the query string is not read"
    );
    let as_json: serde_json::Map<_, _> = good
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let json_body = || pim.client.post(pim.url(TOKEN)).json(&as_json).send();
    assert_eq!(
        answer(json_body().await.unwrap()).await,
        error("invalid_request"),
        "JSON is not read by default"
    );
    let array = pim
        .client
        .post(pim.url(TOKEN))
        .form(&[("code[]", "x")])
        .send()
        .await
        .unwrap();
    assert_eq!(array.status(), StatusCode::BAD_REQUEST);
    assert_eq!(array.headers()["content-type"], "text/html; charset=UTF-8");
    let get = pim.client.get(pim.url(TOKEN)).send().await.unwrap();
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);

    pim.control.change_settings(|settings| {
        settings.token_reads_json = true;
        settings.token_no_store = true;
    });
    let response = json_body().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store, private");
}

#[tokio::test]
async fn authorization_header_and_extra_fields_are_ignored() {
    let pim = Harness::start().await;
    let mut form = pim.form(&pim.code("read_products").await);
    form.push(("client_secret", "wrong".to_owned()));
    form.push(("redirect_uri", "https://evil.example".to_owned()));
    form.push(("code_verifier", "wrong".to_owned()));
    let request = pim
        .client
        .post(pim.url(TOKEN))
        .basic_auth("nobody", Some("wrong"))
        .form(&form);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn multipart_forms_are_read_too() {
    let pim = Harness::start().await;
    let form = pim.form(&pim.code("read_products").await);
    let part = |(name, value): &(&str, String)| {
        format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body: String = form.iter().map(part).chain(["--frontier--\r\n".to_owned()]).collect();
    let request = pim
        .client
        .post(pim.url(TOKEN))
        .header("Content-Type", "multipart/form-data; boundary=frontier");
    assert_eq!(request.body(body).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_flag_hides_the_endpoint() {
    let pim = Harness::start().await;
    pim.control
        .change_settings(|settings| settings.marketplace_activate = false);
    assert_eq!(pim.post_token(&[]).await.0, StatusCode::NOT_FOUND);
}
