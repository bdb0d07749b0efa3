//! Authorize and consent: exact order, exact redirects (facts/akeneo 1, and the oracle cases of 11).

use akeneo_simulator::{Options, Settings};
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{AUTHORIZE, CALLBACK, Harness, SEED_SCOPES, code_of, location, new_app, session_cookie};

const ERROR: &str = "/#/connect/apps/authorize?error=akeneo_connectivity.connection.connect.apps.";

#[tokio::test]
async fn oracle_a_unknown_app() {
    let pim = Harness::start().await;
    let expect = (StatusCode::FOUND, format!("{ERROR}error.app_not_found"));
    let nobody = [("response_type", "code"), ("client_id", "nobody")];
    assert_eq!(pim.authorize(&nobody).await, expect);
    assert_eq!(pim.authorize(&[("response_type", "code")]).await, expect);
}

#[tokio::test]
async fn oracle_b_wizard_and_session() {
    let pim = Harness::start().await;
    let target = pim
        .authorize_scopes("read_catalog_structure SOME_UNKNOWN_SCOPE write_categories openid profile")
        .await;
    assert_eq!(
        target,
        format!("/#/connect/apps/authorize?client_id={}", pim.app.client_id)
    );
    let state = pim.control.state();
    let pending = &state.sessions[0].pending[&format!("_app_auth_{}", pim.app.client_id)];
    assert_eq!(pending.authorization_scope, "read_catalog_structure write_categories");
    assert_eq!(pending.authentication_scope, "openid profile");
    assert_eq!(pending.redirect_uri, CALLBACK);
    assert_eq!(pending.state.as_deref(), Some("foo"));
    assert_eq!((state.consents.shown, state.consents.accepted), (1, 0));
    assert_eq!(state.oauth_clients, std::slice::from_ref(&pim.app.client_id));
    assert!(state.connected_apps.is_empty() && state.open_codes.is_empty());
}

#[tokio::test]
async fn oracle_c_connected_app_goes_straight_to_the_callback() {
    let pim = Harness::start().await;
    pim.control.preconnect(&pim.app.client_id, &["read_products"]).unwrap();
    let parameters = [
        ("response_type", "code"),
        ("client_id", &*pim.app.client_id),
        ("state", "foo"),
    ];
    let (status, target) = pim.authorize(&parameters).await;
    assert_eq!(status, StatusCode::FOUND);
    let code = code_of(&target);
    assert_eq!(target, format!("{CALLBACK}?code={code}&state=foo"));
    assert_eq!(code.len(), 86);
    assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(pim.control.state().consents.shown, 0);
}

#[tokio::test]
async fn login_comes_first_and_leads_back() {
    let mut pim = Harness::with(Options::default()).await;
    let path = format!(
        "{AUTHORIZE}?response_type=code&client_id={}&scope=read_products&state=a%20b",
        pim.app.client_id
    );
    let response = pim.get(&path).await;
    assert_eq!(
        (response.status(), &*location(&response)),
        (StatusCode::FOUND, "/user/login")
    );
    pim.cookie = Some(session_cookie(&response));
    let before = pim.cookie.clone();
    let page = pim.get("user/login").await.text().await.unwrap();
    assert!(page.contains("simulator") && page.contains("name=\"_username\""));
    assert_eq!(pim.log_in("admin").await, format!("/{path}"));
    assert_ne!(pim.cookie, before, "a login changes the session id");
    assert!(location(&pim.get(&path).await).starts_with("/#/connect/apps/authorize?client_id="));
}

#[tokio::test]
async fn a_login_can_forget_the_target() {
    let settings = Settings {
        return_to_target: false,
        ..Settings::default()
    };
    let mut pim = Harness::with(Options {
        settings,
        ..Options::default()
    })
    .await;
    pim.cookie = Some(session_cookie(&pim.get(AUTHORIZE).await));
    assert_eq!(pim.log_in("admin").await, "/");
}

#[tokio::test]
async fn the_flag_speaks_before_the_app_and_the_app_before_permissions() {
    let mut pim = Harness::start().await;
    pim.log_in("viewer").await;
    let known = [("client_id", &*pim.app.client_id)];
    let unknown = [("client_id", "nobody")];
    pim.control
        .change_settings(|settings| settings.marketplace_activate = false);
    assert_eq!(pim.authorize(&unknown).await.0, StatusCode::NOT_FOUND);
    pim.control
        .change_settings(|settings| settings.marketplace_activate = true);
    assert_eq!(pim.authorize(&unknown).await.0, StatusCode::FOUND);
    assert_eq!(
        pim.authorize(&known).await.0,
        StatusCode::FORBIDDEN,
        "before any validation"
    );
    assert!(pim.control.state().oauth_clients.is_empty(), "row 4 comes after row 3");
}

#[tokio::test]
async fn validation_keys_in_their_order() {
    let pim = Harness::start().await;
    let long = "x".repeat(1001);
    let exactly = "x".repeat(1000);
    for (extra, key) in [
        (vec![("scope", &*long)], "response_type.not_blank"),
        (
            vec![("response_type", "foo"), ("scope", &long)],
            "response_type.must_be_code",
        ),
        (vec![("response_type", "code"), ("scope", &long)], "scope.too_long"),
        (
            vec![("response_type", "code"), ("scope[]", "read_products")],
            "scope.must_be_a_string",
        ),
    ] {
        let parameters: Vec<_> = [("client_id", &*pim.app.client_id)].into_iter().chain(extra).collect();
        let expect = (StatusCode::FOUND, format!("{ERROR}constraint.{key}"));
        assert_eq!(pim.authorize(&parameters).await, expect);
    }
    let state = pim.control.state();
    assert_eq!(
        state.oauth_clients.len(),
        1,
        "the OAuth client row comes before validation"
    );
    assert!(
        state.sessions[0].pending.is_empty(),
        "the session comes after validation"
    );
    let target = pim.authorize_scopes(&exactly).await;
    assert!(target.contains("?client_id="), "{target}");
}

#[tokio::test]
async fn an_opener_never_sees_a_wizard_and_gets_the_old_scopes() {
    let mut pim = Harness::start().await;
    pim.log_in("opener").await;
    let parameters = [
        ("response_type", "code"),
        ("client_id", &*pim.app.client_id),
        ("scope", "read_products"),
    ];
    assert_eq!(
        pim.authorize(&parameters).await.0,
        StatusCode::FORBIDDEN,
        "not connected: row 7"
    );
    pim.control
        .preconnect(&pim.app.client_id, &["read_categories"])
        .unwrap();
    let code = pim.code("read_categories read_products").await;
    assert_eq!(pim.exchange(&code).await.1["scope"], "read_categories");
    assert_eq!(pim.control.state().consents.shown, 0);
}

#[tokio::test]
async fn new_scopes_need_the_wizard_and_implied_ones_do_not() {
    let pim = Harness::start().await;
    pim.control.preconnect(&pim.app.client_id, &["write_products"]).unwrap();
    assert!(
        pim.authorize_scopes("delete_products")
            .await
            .starts_with("/#/connect/apps/authorize?client_id=")
    );
    assert_eq!(
        pim.control.state().connected_apps[0].scopes,
        ["write_products"],
        "nothing changes before the consent"
    );
    assert!(pim.authorize_scopes("read_products").await.starts_with(CALLBACK));
    assert_eq!(
        pim.control.state().connected_apps[0].scopes,
        ["read_products"],
        "overwritten without a screen"
    );
}

#[tokio::test]
async fn an_empty_scope_overwrites_or_keeps() {
    let pim = Harness::start().await;
    let parameters = [("response_type", "code"), ("client_id", &*pim.app.client_id)];
    for (overwrites, expect) in [(false, vec!["read_products"]), (true, vec![])] {
        pim.control.preconnect(&pim.app.client_id, &["read_products"]).unwrap();
        pim.control
            .change_settings(|settings| settings.empty_scope_overwrites = overwrites);
        assert!(pim.authorize(&parameters).await.1.starts_with(CALLBACK));
        assert_eq!(pim.control.state().connected_apps[0].scopes, expect);
    }
}

#[tokio::test]
async fn the_callback_is_the_registered_one_by_string_rules() {
    for (callback, prefix) in [
        ("https://x.example/cb?tenant=1", "https://x.example/cb?tenant=1&code="),
        ("https://x.example/cb?", "https://x.example/cb??code="),
        ("https://x.example/cb#part", "https://x.example/cb#part?code="),
    ] {
        let mut pim = Harness::start().await;
        pim.app = pim.control.create_custom_app(&new_app(callback)).unwrap();
        pim.control.preconnect(&pim.app.client_id, &["read_products"]).unwrap();
        let parameters = [
            ("response_type", "code"),
            ("client_id", &*pim.app.client_id),
            ("redirect_uri", "https://evil.example/"),
            ("code_challenge_method", "S256"),
        ];
        let target = pim.authorize(&parameters).await.1;
        assert!(target.starts_with(prefix), "{target}");
        assert!(!target.contains("state"), "an absent state is not returned");
    }
}

#[tokio::test]
async fn state_is_echoed_and_an_empty_one_too() {
    let pim = Harness::start().await;
    pim.control.preconnect(&pim.app.client_id, &["read_products"]).unwrap();
    for (state, echoed) in [("", "&state="), ("a b&c=ä", "&state=a+b%26c%3D%C3%A4")] {
        let parameters = [
            ("response_type", "code"),
            ("client_id", &*pim.app.client_id),
            ("state", state),
        ];
        let target = pim.authorize(&parameters).await.1;
        assert!(target.ends_with(echoed), "{target}");
    }
}

#[tokio::test]
async fn the_last_authorize_of_a_session_wins() {
    let pim = Harness::start().await;
    pim.authorize_scopes("read_products").await;
    pim.authorize_scopes("read_categories").await;
    let (_, body) = pim.confirm().await;
    let code = code_of(body["redirectUrl"].as_str().unwrap());
    assert_eq!(pim.exchange(&code).await.1["scope"], "read_categories");
}

#[tokio::test]
async fn confirm_answers_as_asserted() {
    let mut pim = Harness::start().await;
    let path = format!("rest/apps/confirm-authorization/{}", pim.app.client_id);
    let plain = pim
        .client
        .post(pim.url(&path))
        .header("Cookie", pim.cookie.clone().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!((plain.status(), &*location(&plain)), (StatusCode::FOUND, "/"));

    let unknown = pim.xhr("POST", "rest/apps/confirm-authorization/nobody", None).await;
    let message = "akeneo_connectivity.connection.connect.apps.error.app_not_found";
    assert_eq!(
        unknown,
        (StatusCode::NOT_FOUND, json!({"errors": [{"message": message}]}))
    );

    let (status, body) = pim.confirm().await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "nothing is pending");
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(1));

    pim.authorize_scopes("read_products").await;
    let (status, body) = pim.confirm().await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["appId"], pim.app.client_id);
    assert!(body["userGroup"].is_string());
    assert!(
        body["redirectUrl"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{CALLBACK}?code="))
    );
    assert_eq!(pim.control.state().consents.accepted, 1);

    pim.log_in("opener").await;
    assert_eq!(pim.confirm().await.0, StatusCode::FORBIDDEN);
    pim.log_in("admin").await;
    pim.control
        .change_settings(|settings| settings.marketplace_activate = false);
    assert_eq!(pim.confirm().await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_browser_cannot_confirm() {
    let mut pim = Harness::start().await;
    pim.authorize_scopes("read_products").await;
    pim.cookie = None;
    pim.log_in("admin").await;
    assert_eq!(pim.confirm().await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn catalog_scopes_vanish_without_the_flag() {
    let pim = Harness::start().await;
    pim.control.change_settings(|settings| settings.catalogs = false);
    let code = pim.code(SEED_SCOPES).await;
    assert_eq!(
        pim.exchange(&code).await.1["scope"],
        "read_attribute_options read_catalog_structure read_categories read_channel_localization \
         read_channel_settings read_products"
    );
}

#[tokio::test]
async fn identity_scopes_need_a_consent_of_their_own() {
    let pim = Harness::start().await;
    pim.control.preconnect(&pim.app.client_id, &["read_products"]).unwrap();
    let target = pim.authorize_scopes("read_products openid email").await;
    assert_eq!(
        target,
        format!("/#/connect/apps/authenticate?client_id={}", pim.app.client_id)
    );
    let path = format!("rest/apps/confirm-authentication/{}", pim.app.client_id);
    let (status, body) = pim.xhr("POST", &path, None).await;
    assert_eq!(status, StatusCode::OK);
    let code = code_of(body["redirectUrl"].as_str().unwrap());
    assert_eq!(pim.exchange(&code).await.1["scope"], "email openid read_products");
    assert!(
        pim.authorize_scopes("read_products openid").await.starts_with(CALLBACK),
        "consented once"
    );
}
