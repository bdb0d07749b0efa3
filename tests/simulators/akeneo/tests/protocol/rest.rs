//! The REST API: probes, permissions, lists, errors, catalogs (facts/akeneo 7).

use akeneo_simulator::{CatalogWording, Settings, UnauthorizedStyle};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, SEED_SCOPES, answer};

fn refused(status: StatusCode, message: &str) -> Answer {
    (status, json!({"code": status.as_u16(), "message": message}))
}

fn forbidden(action: &str) -> Answer {
    refused(
        StatusCode::FORBIDDEN,
        &format!("Access forbidden. You are not allowed to {action}."),
    )
}

/// Probe, its scope, the words of its 403.
const PROBES: [(&str, &str, &str); 9] = [
    ("/channels?limit=1", "read_channel_settings", "list channels"),
    ("/locales?limit=1", "read_channel_localization", "list locales"),
    ("/currencies?limit=1", "read_channel_localization", "list currencies"),
    ("/attributes?limit=1", "read_catalog_structure", "list attributes"),
    ("/families?limit=1", "read_catalog_structure", "list families"),
    (
        "/attributes/color/options?limit=1",
        "read_attribute_options",
        "list attribute options",
    ),
    ("/categories?limit=1", "read_categories", "list categories"),
    (
        "/products-uuid?limit=1&pagination_type=search_after",
        "read_products",
        "list products",
    ),
    ("/catalogs?limit=1", "read_catalogs", "access app catalogs"),
];

#[tokio::test]
async fn every_probe_answers_with_its_permission_and_refuses_without() {
    let pim = Harness::start().await;
    let token = pim.token(SEED_SCOPES).await;
    for (path, scope, action) in PROBES {
        let (status, body) = pim.api(&token, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(
            body["_embedded"]["items"].as_array().map(Vec::len),
            Some(1),
            "{path}: {body}"
        );
        pim.control
            .change_settings(|settings| settings.removed_role_acls = [scope.to_owned()].into());
        assert_eq!(pim.api(&token, path).await, forbidden(action), "{path}");
        pim.control
            .change_settings(|settings| settings.removed_role_acls.clear());
    }
}

#[tokio::test]
async fn a_probe_needs_its_own_scope_and_no_other() {
    for (path, scope, action) in PROBES {
        let pim = Harness::start().await;
        let others: Vec<&str> = SEED_SCOPES
            .split(' ')
            .filter(|other| *other != scope && !(scope == "read_catalogs" && other.ends_with("_catalogs")))
            .collect();
        let token = pim.control.second_consumer(&pim.app.client_id, &others).unwrap().value;
        assert_eq!(pim.api(&token, path).await, forbidden(action), "{path}");
        let token = pim.control.second_consumer(&pim.app.client_id, &[scope]).unwrap().value;
        assert_eq!(pim.api(&token, path).await.0, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_stronger_scope_opens_the_weaker_probe() {
    let pim = Harness::start().await;
    let token = pim.token("delete_products write_channel_settings").await;
    assert_eq!(pim.api(&token, "/products-uuid").await.0, StatusCode::OK);
    assert_eq!(pim.api(&token, "/channels").await.0, StatusCode::OK);
    assert_eq!(pim.api(&token, "/locales").await, forbidden("list locales"));
}

#[tokio::test]
async fn options_tell_403_or_404_first() {
    let pim = Harness::start().await;
    let granted = pim.token("read_attribute_options").await;
    let missing = refused(StatusCode::NOT_FOUND, "Attribute \"x\" does not exist.");
    assert_eq!(pim.api(&granted, "/attributes/x/options?limit=1").await, missing);
    let other = pim.token("read_products").await;
    assert_eq!(
        pim.api(&other, "/attributes/x/options?limit=1").await,
        forbidden("list attribute options")
    );
    pim.control
        .change_settings(|settings| settings.options_acl_before_lookup = false);
    assert_eq!(pim.api(&other, "/attributes/x/options?limit=1").await, missing);
}

#[tokio::test]
async fn system_information_and_root_need_no_token() {
    let pim = Harness::start().await;
    let get = |path: &str| pim.client.get(pim.url(path)).send();
    let response = get("api/rest/v1/system-information").await.unwrap();
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"version":"v20261101000000","edition":"Serenity"}"#
    );
    let (_, root) = answer(get("api/rest/v1").await.unwrap()).await;
    assert_eq!(
        root["routes"]["pim_api_channels_list"]["route"],
        "/api/rest/v1/channels"
    );
    pim.control
        .change_settings(|settings| settings.system_information_needs_token = true);
    let (status, _) = answer(get("api/rest/v1/system-information").await.unwrap()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_401_bodies() {
    let pim = Harness::start().await;
    let token = pim.token("read_products").await;
    let bare = || pim.client.get(pim.url("api/rest/v1/channels")).send();
    let missing = refused(StatusCode::UNAUTHORIZED, "Authentication is required");
    let invalid = refused(StatusCode::UNAUTHORIZED, "The access token provided is invalid.");
    assert_eq!(answer(bare().await.unwrap()).await, missing);
    assert_eq!(pim.api("unknown", "/channels").await, invalid);
    pim.control
        .change_settings(|settings| settings.strip_authorization = true);
    assert_eq!(pim.api(&token, "/channels").await, missing, "Apache strips the header");

    pim.control.change_settings(|settings| {
        *settings = Settings {
            missing_token_style: UnauthorizedStyle::Fos,
            invalid_token_style: UnauthorizedStyle::Fos,
            ..Settings::default()
        };
    });
    let response = bare().await.unwrap();
    assert!(
        response.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Bearer realm=\"Service\"")
    );
    let fos = json!({"error": "access_denied", "error_description": "OAuth2 authentication required"});
    assert_eq!(answer(response).await, (StatusCode::UNAUTHORIZED, fos));
    let (_, body) = pim.api("unknown", "/channels").await;
    assert_eq!(body["error_description"], "The access token provided is invalid.");
}

#[tokio::test]
async fn routes_methods_and_accept() {
    let pim = Harness::start().await;
    let token = pim.token("read_categories").await;
    let (status, body) = pim.api(&token, "/nothing").await;
    assert_eq!((status, &body["code"]), (StatusCode::NOT_FOUND, &json!(404)));
    let url = pim.url("api/rest/v1/categories");
    let response = pim.client.post(&url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET");
    let message = format!("No route found for 'POST {url}': Method Not Allowed (Allow: GET)");
    assert_eq!(
        answer(response).await,
        refused(StatusCode::METHOD_NOT_ALLOWED, &message)
    );
    for (accept, status) in [
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, application/*;q=0.1", 200),
        ("text/html", 406),
    ] {
        let request = pim.client.get(&url).bearer_auth(&token).header("Accept", accept);
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{accept}");
    }
    let missing = refused(StatusCode::NOT_FOUND, "Category 'nothing' does not exist.");
    assert_eq!(pim.api(&token, "/categories/nothing").await, missing);
    assert_eq!(pim.api(&token, "/categories/master").await.1["code"], "master");
}

#[tokio::test]
async fn without_web_api_access_nothing_works() {
    let pim = Harness::start().await;
    let token = pim.token("read_categories").await;
    pim.control.change_settings(|settings| settings.web_api_access = false);
    let expect = refused(StatusCode::FORBIDDEN, "You are not allowed to access the web API.");
    assert_eq!(pim.api(&token, "/categories").await, expect);
}

#[tokio::test]
async fn broken_hosting_redirects_the_api_to_login() {
    let pim = Harness::start().await;
    pim.control
        .change_settings(|settings| settings.api_redirects_to_login = true);
    let response = pim.get("api/rest/v1/channels").await;
    assert_eq!(
        (response.status(), &response.headers()["location"]),
        (StatusCode::FOUND, &"/user/login".parse().unwrap())
    );
}

#[tokio::test]
async fn lists_have_pages_links_and_limits() {
    let pim = Harness::start().await;
    let token = pim.token("read_categories read_products").await;
    let base = pim.url("api/rest/v1/categories");
    let (_, body) = pim.api(&token, "/categories?limit=1&page=2").await;
    let href = |page: u32| json!({"href": format!("{base}?page={page}&limit=1")});
    assert_eq!(
        body["_links"],
        json!({"self": href(2), "first": href(1), "previous": href(1), "next": href(3)})
    );
    assert_eq!(body["current_page"], 2);
    let too_many = refused(
        StatusCode::UNPROCESSABLE_ENTITY,
        "You cannot request more than 100 items.",
    );
    assert_eq!(pim.api(&token, "/categories?limit=101").await, too_many);
    for path in ["/categories?limit=0", "/categories?limit=x", "/categories?page=0"] {
        assert_eq!(
            pim.api(&token, path).await.0,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}"
        );
    }

    let mut path = "/products-uuid?pagination_type=search_after&limit=3".to_owned();
    let mut sizes = Vec::new();
    loop {
        let (_, body) = pim.api(&token, &path).await;
        assert!(body.get("current_page").is_none());
        sizes.push(body["_embedded"]["items"].as_array().map_or(0, Vec::len));
        let Some(next) = body["_links"]["next"]["href"].as_str() else {
            break;
        };
        path = next.split("/api/rest/v1").nth(1).unwrap().to_owned();
    }
    assert_eq!(sizes, [3, 1]);
}

#[tokio::test]
async fn catalogs_belong_to_their_app() {
    let mut pim = Harness::start().await;
    let token = pim.token(SEED_SCOPES).await;
    let url = pim.url("api/rest/v1/catalogs");
    let request = pim
        .client
        .post(&url)
        .bearer_auth(&token)
        .json(&json!({"name": "Store"}));
    let (status, created) = answer(request.send().await.unwrap()).await;
    assert_eq!((status, &created["enabled"]), (StatusCode::CREATED, &json!(false)));
    let (_, list) = pim.api(&token, "/catalogs").await;
    assert_eq!(
        list["_embedded"]["items"].as_array().map(Vec::len),
        Some(2),
        "the seeded one and the new one"
    );
    let own = list["_embedded"]["items"][0]["id"].as_str().unwrap().to_owned();
    let (_, uuids) = pim.api(&token, &format!("/catalogs/{own}/product-uuids")).await;
    assert_eq!(uuids["_embedded"]["items"].as_array().map(Vec::len), Some(4));

    pim.control
        .change_settings(|settings| settings.catalogs_disabled = true);
    let (status, body) = pim.api(&token, &format!("/catalogs/{own}/product-uuids")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        body["error"]
            .as_str()
            .unwrap()
            .starts_with("No products to synchronize. The catalog \"Salesforce\"")
    );

    pim.app = pim
        .control
        .create_custom_app(&crate::harness::new_app("https://other.example/cb"))
        .unwrap();
    let stranger = pim.token(SEED_SCOPES).await;
    let hidden = format!("Catalog \"{own}\" does not exist or you can't access it.");
    assert_eq!(
        pim.api(&stranger, &format!("/catalogs/{own}")).await,
        refused(StatusCode::NOT_FOUND, &hidden)
    );
}

#[tokio::test]
async fn catalog_permissions_and_their_words() {
    let pim = Harness::start().await;
    let token = pim.token("read_catalogs").await;
    let (_, list) = pim.api(&token, "/catalogs").await;
    let url = pim.url(&format!(
        "api/rest/v1/catalogs/{}",
        list["_embedded"]["items"][0]["id"].as_str().unwrap()
    ));
    let send = |method: &str| {
        let request = pim.client.request(method.parse().unwrap(), &url).bearer_auth(&token);
        request.json(&json!({"name": "Renamed"})).send()
    };
    assert_eq!(
        answer(send("PATCH").await.unwrap()).await,
        forbidden("edit app catalogs")
    );
    assert_eq!(
        answer(send("DELETE").await.unwrap()).await,
        forbidden("remove app catalogs")
    );
    pim.control
        .change_settings(|settings| settings.catalog_wording = CatalogWording::Documentation);
    assert_eq!(
        answer(send("DELETE").await.unwrap()).await,
        forbidden("delete catalogs")
    );
    pim.control
        .preconnect(&pim.app.client_id, &["delete_catalogs"])
        .unwrap();
    assert_eq!(answer(send("PATCH").await.unwrap()).await.1["name"], "Renamed");
    assert_eq!(send("DELETE").await.unwrap().status(), StatusCode::NO_CONTENT);
    pim.control.change_settings(|settings| settings.catalogs = false);
    assert_eq!(pim.api(&token, "/catalogs").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn test_apps_are_for_connections_only() {
    let pim = Harness::start().await;
    let token = pim.token("read_products").await;
    assert_eq!(pim.api(&token, "/test-apps").await.0, StatusCode::FORBIDDEN);
    let connection = pim.control.state().connection_token;
    let post = |body: Value| {
        pim.client
            .post(pim.url("api/rest/v1/test-apps"))
            .bearer_auth(&connection)
            .json(&body)
            .send()
    };
    let good =
        json!({"name": "Another", "activate_url": "https://a.example/x", "callback_url": "https://a.example/cb"});
    let (status, created) = answer(post(good).await.unwrap()).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(created["client_id"].is_string() && created["client_secret"].is_string());
    let bad = json!({"name": "Another", "activate_url": "https://a.example/x", "callback_url": "no url"});
    let (status, body) = answer(post(bad).await.unwrap()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body["errors"][0]["propertyPath"], "callback_url");
    assert_eq!(
        pim.api(&connection, "/test-apps").await.1.as_array().map(Vec::len),
        Some(2)
    );
    let url = pim.url(&format!(
        "api/rest/v1/test-apps/{}",
        created["client_id"].as_str().unwrap()
    ));
    assert_eq!(
        pim.client
            .delete(&url)
            .bearer_auth(&connection)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        pim.client
            .delete(&url)
            .bearer_auth(&connection)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::NOT_FOUND
    );
}
