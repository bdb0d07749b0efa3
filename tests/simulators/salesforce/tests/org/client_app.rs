//! External Client Apps with the client credentials flow (facts/salesforce 8, 10.1).

use reqwest::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::deploy::{deploy, package};
use super::stage::{Stage, Tokens, answer, refused};

const SETTINGS: &str = "<ExternalClientAppSettings><enableClientSecretInRestApiAccess>true</enableClientSecretInRestApiAccess>\
<enableConsumerSecretApiAccess>true</enableConsumerSecretApiAccess></ExternalClientAppSettings>";
const APP: &str = "<ExternalClientApplication><contactEmail>a@b.example</contactEmail><description>mine</description>\
<distributionState>Local</distributionState><isProtected>false</isProtected><label>X</label></ExternalClientApplication>";
const GLOBAL: &str = "<ExtlClntAppGlobalOauthSettings><callbackUrl>https://acme.my.salesforce.com/services/oauth2/callback</callbackUrl>\
<consumerKey>sent-key</consumerKey><consumerSecret>sent-secret</consumerSecret><externalClientApplication>X</externalClientApplication>\
<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled><label>X</label></ExtlClntAppGlobalOauthSettings>";
const OAUTH: &str = "<ExtlClntAppOauthSettings><commaSeparatedOauthScopes>Api</commaSeparatedOauthScopes>\
<externalClientApplication>X</externalClientApplication><label>X</label></ExtlClntAppOauthSettings>";
const POLICY: &str = "<ExtlClntAppOauthConfigurablePolicies><clientCredentialsFlowUser>admin@acme.example</clientCredentialsFlowUser>\
<externalClientApplication>X</externalClientApplication><ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>\
<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled><label>X</label>\
<permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType></ExtlClntAppOauthConfigurablePolicies>";

const FILES: [(&str, &str, &str, &str); 3] = [
    ("ExternalClientApplication", "X", "externalClientApps/X.eca", APP),
    (
        "ExtlClntAppGlobalOauthSettings",
        "X_glbloauth",
        "extlClntAppGlobalOauthSets/X_glbloauth.ecaGlblOauth",
        GLOBAL,
    ),
    (
        "ExtlClntAppOauthSettings",
        "X_oauth",
        "extlClntAppOauthSettings/X_oauth.ecaOauth",
        OAUTH,
    ),
];
const POLICY_FILE: (&str, &str, &str, &str) = (
    "ExtlClntAppOauthConfigurablePolicies",
    "X_defaultPolicy",
    "extlClntAppOauthPolicies/X_defaultPolicy.ecaOauthPlcy",
    POLICY,
);

async fn send(stage: &Stage, tokens: &Tokens, files: &[(&str, &str, &str, &str)]) -> Value {
    let members: Vec<_> = files.iter().map(|(kind, name, _, _)| (*kind, *name)).collect();
    let package = package(&members);
    let mut all = vec![("package.xml", package.as_str())];
    all.extend(files.iter().map(|(_, _, path, text)| (*path, *text)));
    deploy(stage, tokens, json!({}), &all).await
}

async fn token(stage: &Stage, key: &str, secret: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", key),
        ("client_secret", secret),
    ];
    answer(
        stage
            .http
            .post(stage.url("services/oauth2/token"))
            .form(&form)
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn denied(stage: &Stage, (key, secret): (&str, &str), error: &str, description: &str) {
    let (status, body) = token(stage, key, secret).await;
    assert_eq!(
        (status, &body["error"], &body["error_description"]),
        (400, &json!(error), &json!(description))
    );
}

#[tokio::test]
async fn an_app_takes_two_deploys_because_its_policy_comes_into_being_with_it() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let together = [&FILES[..], &[POLICY_FILE]].concat();
    let failed = send(&stage, &tokens, &together).await;
    let failures = failed["details"]["componentFailures"].as_array().unwrap();
    assert_eq!(
        (failures.len(), &failures[0]["fullName"]),
        (1, &json!("X_defaultPolicy")),
        "{failed}"
    );
    assert_eq!(stage.control().state()["client_apps"], json!([]), "rolled back");
    assert_eq!(send(&stage, &tokens, &FILES).await["status"], "Succeeded");
    assert_eq!(send(&stage, &tokens, &[POLICY_FILE]).await["status"], "Succeeded");
    let app = stage.control().state()["client_apps"][0].clone();
    assert_eq!(
        (&app["run_as"], &app["scopes"]),
        (&json!("admin@acme.example"), &json!(["api"]))
    );
    assert_ne!(
        app["consumer_key"], "sent-key",
        "ignored unless the switch says otherwise"
    );
    stage.set(json!({ "client_app_keys_on_deploy": "honoured" }));
    send(&stage, &tokens, &FILES).await;
    assert_eq!(stage.control().state()["client_apps"][0]["consumer_key"], "sent-key");
    assert_eq!(token(&stage, "sent-key", "sent-secret").await.0, 200);
}

#[tokio::test]
async fn keys_are_shown_once_the_org_allows_it() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    send(&stage, &tokens, &FILES).await;
    let list = stage
        .call(&tokens, Method::GET, "apps/oauth/usage?pageSize=1", None)
        .await
        .1;
    assert_eq!(
        (&list["apps"][0]["developerName"], &list["apps"][0]["description"]),
        (&json!("X"), &json!("mine"))
    );
    assert_eq!(list["nextPageUrl"], Value::Null);
    let place = format!(
        "apps/oauth/credentials/{}",
        list["apps"][0]["identifier"].as_str().unwrap()
    );
    let early = stage.call(&tokens, Method::GET, &place, None).await;
    refused(&early, 403, "FUNCTIONALITY_NOT_ENABLED");
    assert!(
        early.1[0]["message"]
            .as_str()
            .unwrap()
            .contains("not currently enabled")
    );
    let settings = (
        "Settings",
        "ExternalClientApp",
        "settings/ExternalClientApp.settings",
        SETTINGS,
    );
    send(&stage, &tokens, &[settings]).await;
    let consumers = stage.call(&tokens, Method::GET, &place, None).await.1;
    let consumer = consumers["consumers"][0]["id"].as_str().unwrap();
    let one = stage
        .call(&tokens, Method::GET, &format!("{place}/{consumer}"), None)
        .await
        .1;
    assert_eq!(one["secret"], Value::Null);
    let both = format!("{place}/{consumer}?part=keyandsecret");
    let keys = stage.call(&tokens, Method::GET, &both, None).await.1;
    assert!(keys["secret"].is_string() && keys["key"] == consumers["consumers"][0]["key"]);
    stage.set(json!({ "client_app_keys": "reject" }));
    refused(
        &stage.call(&tokens, Method::GET, &both, None).await,
        403,
        "INSUFFICIENT_ACCESS",
    );
}

fn edit(stage: &Stage, fields: Value) {
    let name = "Y".to_owned();
    stage.control().act(&Action::EditClientApp { name, fields }).unwrap();
}

#[tokio::test]
async fn a_token_takes_time_the_secret_both_switches_a_user_and_the_right_host() {
    let stage = Stage::new(Preset::Ready).await;
    stage.set(json!({ "client_app_propagation_seconds": 1800 }));
    let keys = ("key-of-y", "secret-of-y");
    let fields = json!({ "consumer_key": keys.0, "consumer_secret": keys.1 });
    let made = Action::MakeClientApp {
        name: "Y".to_owned(),
        fields,
    };
    stage.control().act(&made).unwrap();
    denied(&stage, keys, "invalid_client_id", "client identifier invalid").await;
    stage.set(json!({ "client_app_early_error": "invalid_grant" }));
    assert_eq!(token(&stage, keys.0, keys.1).await.1["error"], "invalid_grant");
    stage.control().advance_clock(1800);
    denied(
        &stage,
        (keys.0, "wrong"),
        "invalid_client",
        "invalid client credentials",
    )
    .await;
    denied(
        &stage,
        ("unknown", keys.1),
        "invalid_client_id",
        "client identifier invalid",
    )
    .await;
    for (broken, error, description, mended) in [
        (
            json!({ "flow_in_settings": false }),
            "unsupported_grant_type",
            "grant type not supported",
            json!({ "flow_in_settings": true }),
        ),
        (
            json!({ "run_as": null }),
            "invalid_grant",
            "no client credentials user enabled",
            json!({ "run_as": "admin@acme.example" }),
        ),
    ] {
        edit(&stage, broken);
        denied(&stage, keys, error, description).await;
        edit(&stage, mended);
    }
    let mut elsewhere = stage.url("services/oauth2/token");
    elsewhere.set_host(Some("localhost")).unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", keys.0),
        ("client_secret", keys.1),
    ];
    let (_, body) = answer(stage.http.post(elsewhere).form(&form).send().await.unwrap()).await;
    assert_eq!(body["error_description"], "request not supported on this domain");
    let (status, body) = token(&stage, keys.0, keys.1).await;
    assert_eq!(
        (status, &body["refresh_token"], &body["scope"]),
        (200, &Value::Null, &json!("api"))
    );
}

#[tokio::test]
async fn the_token_is_as_good_as_its_scope_and_its_user() {
    let stage = Stage::new(Preset::Ready).await;
    let fields = json!({ "consumer_key": "k", "consumer_secret": "s" });
    let name = "Y".to_owned();
    stage.control().act(&Action::MakeClientApp { name, fields }).unwrap();
    let look = async || {
        let access = token(&stage, "k", "s").await.1["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
        let tokens = Tokens {
            access,
            refresh: String::new(),
            body: Value::Null,
        };
        stage
            .soql(&tokens, "tooling/query/", "SELECT Id FROM GlobalValueSet LIMIT 1")
            .await
    };
    assert_eq!(look().await.0, 200);
    edit(&stage, json!({ "scopes": ["id"] }));
    refused(&look().await, 401, "INVALID_SESSION_ID");
    edit(
        &stage,
        json!({ "scopes": ["api"], "run_as": "integration@acme.example" }),
    );
    refused(&look().await, 400, "INVALID_TYPE");
}

#[tokio::test]
async fn the_packaged_principal_is_configured_when_its_credentials_work() {
    let stage = Stage::new(Preset::SelfPackaged).await;
    stage.set(json!({ "client_app_propagation_seconds": 0 }));
    let tokens = stage.connect().await;
    let fields = json!({ "consumer_key": "k", "consumer_secret": "s" });
    let name = "Y".to_owned();
    stage.control().act(&Action::MakeClientApp { name, fields }).unwrap();
    let own = "akeneo_pim__Salesforce_Self";
    let status = async || {
        let place = format!("named-credentials/external-credentials/{own}");
        let shown = stage.call(&tokens, Method::GET, &place, None).await.1;
        shown["principals"][0]["authenticationStatus"].clone()
    };
    assert_eq!(status().await, "NotConfigured");
    let place = format!("named-credentials/external-auth-identity-provider-credentials/{own}");
    let entry = |name: &str, value: &str| json!({ "credentialName": name, "credentialValue": value });
    let wrong = json!({ "credentials": [entry("clientId", "k"), entry("clientSecret", "wrong")] });
    stage.call(&tokens, Method::POST, &place, Some(&wrong)).await;
    assert_eq!(status().await, "NotConfigured");
    let right = json!({ "credentials": [entry("clientId", "k"), entry("clientSecret", "s")] });
    stage.call(&tokens, Method::PUT, &place, Some(&right)).await;
    assert_eq!(status().await, "Configured");
}

#[tokio::test]
async fn connect_takes_the_flow_from_a_version_that_is_a_switch() {
    let stage = Stage::new(Preset::SelfPackaged).await;
    let tokens = stage.connect().await;
    let place = "named-credentials/external-auth-identity-providers/akeneo_pim__Salesforce_Self";
    let body = json!({
        "fullName": "akeneo_pim__Salesforce_Self", "label": "Salesforce_Self", "description": "Salesforce itself",
        "authenticationFlow": "ClientCredentials", "authenticationProtocol": "OAuth", "tokenUrl": "https://acme.my.salesforce.com/token",
    });
    stage.set(json!({ "client_credentials_flow_min_version": 67 }));
    refused(
        &stage.call(&tokens, Method::PUT, place, Some(&body)).await,
        400,
        "INVALID_API_INPUT",
    );
    stage.set(json!({ "client_credentials_flow_min_version": null }));
    let (status, shown) = stage.call(&tokens, Method::PUT, place, Some(&body)).await;
    assert_eq!(
        (status, &shown["authenticationFlow"], &shown["authorizeUrl"]),
        (200, &json!("ClientCredentials"), &Value::Null)
    );
}

#[tokio::test]
async fn a_person_makes_and_changes_an_app_in_setup() {
    let stage = Stage::new(Preset::Ready).await;
    let cookie = stage.log_in().await;
    let place = "lightning/setup/ManageExternalClientApplication";
    let save = async |fields: &[(&str, &str)]| {
        let request = stage
            .http
            .post(stage.url(&format!("{place}/save")))
            .header("cookie", &cookie);
        assert_eq!(request.form(fields).send().await.unwrap().status(), 302);
        stage.control().state()["client_apps"][0].clone()
    };
    let new = [
        ("name", "Mine"),
        ("callback_url", "https://a.example/x"),
        ("scope", "api"),
        ("settings", "true"),
    ];
    let app = save(&new).await;
    assert_eq!(
        (&app["flow_in_settings"], &app["flow_in_policy"]),
        (&json!(true), &json!(false))
    );
    let key = app["consumer_key"].as_str().unwrap().to_owned();
    let page = stage
        .http
        .get(stage.url(&format!("{place}/home")))
        .header("cookie", &cookie);
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains(&key) && page.contains("Consumer Secret"));
    let app = save(&[&new[..], &[("policy", "true"), ("run_as", "admin@acme.example")]].concat()).await;
    assert_eq!(
        (&app["run_as"], &app["consumer_key"]),
        (&json!("admin@acme.example"), &json!(key))
    );
}
