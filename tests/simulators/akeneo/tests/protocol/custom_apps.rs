//! Custom Apps and their Activate URL (facts/akeneo 2, 8).

use akeneo_simulator::Options;
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{ACTIVATE, Harness, location, new_app};

#[tokio::test]
async fn create_shows_the_secret_once_and_then_masked() {
    let mut pim = Harness::start().await;
    let form = json!({"name": "Mine", "activateUrl": "https://a.example/x", "callbackUrl": "https://a.example/cb"});
    let (status, created) = pim.xhr("POST", "rest/custom-apps", Some(form.clone())).await;
    assert_eq!(status, StatusCode::CREATED);
    let (id, secret) = (
        created["clientId"].as_str().unwrap(),
        created["clientSecret"].as_str().unwrap(),
    );
    assert_eq!((id.len(), secret.len()), (36, 86));
    let path = format!("rest/custom-apps/{id}/secret");
    let masked = format!("{}{}", "*".repeat(30), &secret[82..]);
    assert_eq!(pim.xhr("GET", &path, None).await, (StatusCode::OK, json!(masked)));
    let (_, fresh) = pim.xhr("POST", &path, None).await;
    assert_ne!(fresh, json!(secret));
    assert_eq!(pim.control.custom_apps()[1].client_secret, fresh.as_str().unwrap());
    pim.log_in("opener").await;
    assert_eq!(
        pim.xhr("POST", "rest/custom-apps", Some(form)).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(pim.xhr("GET", &path, None).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_limits_of_apps() {
    let pim = Harness::start().await;
    for _ in 1..20 {
        pim.control.create_custom_app(&new_app("https://a.example/cb")).unwrap();
    }
    let form = json!({"name": "Mine", "activateUrl": "https://a.example/x", "callbackUrl": "https://a.example/cb"});
    let (status, body) = pim.xhr("POST", "rest/custom-apps", Some(form)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let message = body["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.ends_with(".custom_apps.create_modal.errors.limit_reached"),
        "{message}"
    );

    let path = format!("rest/apps/activate/{}", pim.app.client_id);
    pim.control.change_settings(|settings| settings.other_connections = 49);
    assert_eq!(pim.xhr("GET", &path, None).await.0, StatusCode::OK);
    pim.control.change_settings(|settings| settings.other_connections = 50);
    let (status, body) = pim.xhr("GET", &path, None).await;
    assert_eq!(
        (status, &body["message"]),
        (StatusCode::BAD_REQUEST, &json!("App and connections limit reached"))
    );
}

#[tokio::test]
async fn connect_opens_the_activate_url_with_pim_url_alone() {
    let public_url = Some("http://localhost:8080".parse().unwrap());
    let mut pim = Harness::with(Options {
        public_url,
        ..Options::default()
    })
    .await;
    pim.log_in("admin").await;
    let path = format!("rest/apps/activate/{}", pim.app.client_id);
    let (_, body) = pim.xhr("GET", &path, None).await;
    assert_eq!(
        body["url"],
        "http://shopware.example.com/activate?pim_url=http%3A%2F%2Flocalhost%3A8080"
    );
    pim.control
        .change_settings(|settings| settings.pim_url_trailing_slash = true);
    let (_, body) = pim.xhr("GET", &path, None).await;
    assert_eq!(
        body["url"],
        format!("{ACTIVATE}?pim_url=http%3A%2F%2Flocalhost%3A8080%2F")
    );
    let plain = pim.get(&path).await;
    assert_eq!((plain.status(), &*location(&plain)), (StatusCode::FOUND, "/"));
    assert_eq!(
        pim.xhr("GET", "rest/apps/activate/nobody", None).await.0,
        StatusCode::NOT_FOUND
    );
    pim.log_in("opener").await;
    assert_eq!(pim.xhr("GET", &path, None).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_front_end_needs_a_login_and_lists_apps() {
    let mut pim = Harness::with(Options::default()).await;
    let response = pim.get("").await;
    assert_eq!(
        (response.status(), &*location(&response)),
        (StatusCode::FOUND, "/user/login")
    );
    assert_eq!(pim.xhr("GET", "rest/custom-apps", None).await.0, StatusCode::FOUND);
    pim.log_in("admin").await;
    assert!(
        pim.get("")
            .await
            .text()
            .await
            .unwrap()
            .contains("/bundles/simulator/pim.js")
    );
    assert_eq!(
        pim.get("bundles/simulator/pim.js").await.headers()["content-type"],
        "text/javascript; charset=UTF-8"
    );
    let (_, body) = pim.xhr("GET", "rest/custom-apps", None).await;
    assert_eq!(
        (&body["total"], &body["apps"][0]["connected"]),
        (&json!(1), &json!(false))
    );

    pim.authorize_scopes("delete_products read_categories openid").await;
    let path = format!("rest/apps/load-wizard-data/{}", pim.app.client_id);
    let (_, wizard) = pim.xhr("GET", &path, None).await;
    assert_eq!(
        wizard["scopeMessages"],
        json!(["View, edit and delete products", "View categories"])
    );
    assert_eq!(wizard["authenticationScopes"], json!(["Know who you are"]));
    pim.confirm().await;
    let (_, apps) = pim.xhr("GET", "rest/apps/connected-apps", None).await;
    assert_eq!(
        (&apps[0]["name"], &apps[0]["is_pending"]),
        (&json!("Shopware"), &json!(true))
    );
}

#[tokio::test]
async fn an_unknown_person_cannot_log_in() {
    let pim = Harness::with(Options::default()).await;
    let form = [("_username", "<b>mallory</b>"), ("_password", "x")];
    let response = pim.client.post(pim.url("user/login")).form(&form).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let page = response.text().await.unwrap();
    assert!(page.contains("Invalid credentials.") && !page.contains("mallory"));
}
