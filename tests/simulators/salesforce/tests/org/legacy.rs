//! The legacy path: plugin, settings, providers, classic Named Credentials, the kick-off and the callout (facts/salesforce 7, 12.5).

use reqwest::{Method, StatusCode};
use salesforce_simulator::{Action, NINE_SCOPES, Preset};
use serde_json::{Value, json};

use super::deploy::deploy;
use super::hop::{SECRET, TOKEN, pim};
use super::stage::{Stage, Tokens, get, location, query, refused};

const DATA: &str = "query";
const RECORD: &str = "akeneo_pim__Akeneo_Auth_Provider.Akeneo";
const HEAD: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                    xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"";

fn package(kind: &str, name: &str) -> String {
    format!(
        "<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\"><types><members>{name}</members><name>{kind}</name></types><version>66.0</version></Package>"
    )
}

fn settings(base: &str) -> String {
    let values: String = [
        ("Client_Id", "pim-client"),
        ("Client_Secret", SECRET),
        ("Authorize_Endpoint", &format!("{base}connect/apps/v1/authorize")),
        ("Token_Endpoint", &format!("{base}connect/apps/v1/oauth2/token")),
        ("Base_Endpoint", base.trim_end_matches('/')),
        ("Authentication_Scopes", NINE_SCOPES),
    ]
    .map(|(name, value)| {
        format!("<values><field>akeneo_pim__{name}__c</field><value xsi:type=\"xsd:string\">{value}</value></values>")
    })
    .concat();
    format!("<CustomMetadata {HEAD}><label>Akeneo</label><protected>false</protected>{values}</CustomMetadata>")
}

fn provider(extra: &str) -> String {
    format!(
        "<AuthProvider {HEAD}><customMetadataTypeRecord>{RECORD}</customMetadataTypeRecord><friendlyName>Akeneo</friendlyName>\
         <plugin>akeneo_pim__AkeneoAuthProvider</plugin><providerType>Custom</providerType>{extra}</AuthProvider>"
    )
}

fn named(base: &str, extra: &str) -> String {
    let base = base.trim_end_matches('/');
    format!(
        "<NamedCredential {HEAD}><label>Akeneo</label><endpoint>{base}</endpoint><principalType>NamedUser</principalType>\
         <protocol>Oauth</protocol><authProvider>Akeneo</authProvider><oauthScope>{NINE_SCOPES}</oauthScope>\
         <generateAuthorizationHeader>true</generateAuthorizationHeader><namedCredentialType>Legacy</namedCredentialType>\
         <calloutStatus>Enabled</calloutStatus>{extra}</NamedCredential>"
    )
}

async fn one(stage: &Stage, tokens: &Tokens, kind: &str, name: &str, path: &str, file: &str) -> Value {
    let package = package(kind, name);
    deploy(
        stage,
        tokens,
        json!({}),
        &[("package.xml", package.as_str()), (path, file)],
    )
    .await
}

async fn put_settings(stage: &Stage, tokens: &Tokens, base: &str) -> Value {
    let path = format!("customMetadata/{RECORD}.md");
    one(stage, tokens, "CustomMetadata", RECORD, &path, &settings(base)).await
}

async fn put_provider(stage: &Stage, tokens: &Tokens, extra: &str) -> Value {
    let path = "authproviders/Akeneo.authprovider";
    one(stage, tokens, "AuthProvider", "Akeneo", path, &provider(extra)).await
}

async fn put_named(stage: &Stage, tokens: &Tokens, base: &str, extra: &str) -> Value {
    let path = "namedCredentials/Akeneo.namedCredential";
    one(stage, tokens, "NamedCredential", "Akeneo", path, &named(base, extra)).await
}

#[track_caller]
fn fails(result: &Value, problem: &str) {
    assert_eq!(result["success"], false, "{result}");
    assert_eq!(result["details"]["componentFailures"][0]["problem"], problem);
}

async fn run(stage: &Stage, tokens: &Tokens, apex: &str) -> Value {
    let request = stage.api(tokens, Method::GET, "tooling/executeAnonymous/");
    let answer = request.query(&[("anonymousBody", apex)]).send().await.unwrap();
    answer.json().await.unwrap()
}

async fn callout(stage: &Stage, tokens: &Tokens) -> Value {
    let apex = "HttpRequest r=new HttpRequest();r.setEndpoint('callout:Akeneo/api/rest/v1/channels?limit=1');";
    run(stage, tokens, apex).await
}

#[tokio::test]
async fn the_plugin_is_there_to_be_discovered() {
    let stage = Stage::new(Preset::Package2).await;
    let tokens = stage.connect().await;
    let types = "SELECT QualifiedApiName FROM EntityDefinition WHERE NamespacePrefix='akeneo_pim' AND QualifiedApiName LIKE '%__mdt'";
    let (_, found) = stage.soql(&tokens, DATA, types).await;
    let names: Vec<_> = found["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["QualifiedApiName"].clone())
        .collect();
    assert_eq!(
        names,
        [
            "akeneo_pim__Akeneo_Connector_Configuration__mdt",
            "akeneo_pim__Akeneo_Auth_Provider__mdt"
        ]
    );
    let described = get(
        &stage,
        &tokens,
        "sobjects/akeneo_pim__Akeneo_Auth_Provider__mdt/describe",
    )
    .await;
    let secret = described["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["label"] == "Client Secret");
    assert_eq!(secret.unwrap()["name"], "akeneo_pim__Client_Secret__c");
    let (_, classes) = stage
        .soql(
            &tokens,
            DATA,
            "SELECT Id,Name FROM ApexClass WHERE Name='AkeneoAuthProvider'",
        )
        .await;
    assert_eq!(classes["totalSize"], 1);

    stage.set(json!({ "plugin": { "custom_type": "Other", "client_id": "Key__c" } }));
    let described = get(&stage, &tokens, "sobjects/akeneo_pim__Other__mdt/describe").await;
    assert!(described.to_string().contains("akeneo_pim__Key__c"));
    let missing = stage
        .call(
            &tokens,
            Method::GET,
            "sobjects/akeneo_pim__Akeneo_Auth_Provider__mdt/describe",
            None,
        )
        .await;
    refused(&missing, 404, "NOT_FOUND");
}

#[tokio::test]
async fn each_record_needs_the_one_before() {
    let stage = Stage::new(Preset::Package2).await;
    let tokens = stage.connect().await;
    let base = "https://acme.example/";
    let no_provider = put_named(&stage, &tokens, base, "").await;
    fails(
        &no_provider,
        "In field: authProvider - no AuthProvider named Akeneo found",
    );
    let no_record = put_provider(&stage, &tokens, "").await;
    fails(
        &no_record,
        &format!("In field: customMetadataTypeRecord - no CustomMetadata named {RECORD} found"),
    );
    assert_eq!(put_settings(&stage, &tokens, base).await["success"], true);
    assert_eq!(put_provider(&stage, &tokens, "").await["success"], true);
    assert_eq!(put_named(&stage, &tokens, base, "").await["success"], true);
    // Once more changes nothing, and nothing is there twice.
    assert_eq!(put_settings(&stage, &tokens, base).await["success"], true);
    assert_eq!(put_provider(&stage, &tokens, "").await["success"], true);
    let state = stage.control().state();
    for list in ["plugin_records", "auth_providers", "named_credentials"] {
        assert_eq!(state[list].as_array().unwrap().len(), 1, "{list}");
    }
    let secret = put_provider(&stage, &tokens, "<consumerSecret>x</consumerSecret>").await;
    fails(&secret, "Consumer Secret update is not allowed");

    let columns = "SELECT DeveloperName,PluginId,CustomMetadataTypeRecord,OauthKickoffUrl FROM AuthProvider";
    let (_, found) = stage.soql(&tokens, DATA, columns).await;
    assert_eq!(found["records"][0]["CustomMetadataTypeRecord"], RECORD);
    let kickoff = found["records"][0]["OauthKickoffUrl"].as_str().unwrap();
    assert!(kickoff.ends_with("/services/auth/oauth/Akeneo"), "{kickoff}");
    let values =
        "SELECT akeneo_pim__Client_Secret__c FROM akeneo_pim__Akeneo_Auth_Provider__mdt WHERE DeveloperName='Akeneo'";
    let (_, found) = stage.soql(&tokens, DATA, values).await;
    assert_eq!(
        found["records"][0]["akeneo_pim__Client_Secret__c"], SECRET,
        "readable by administrators"
    );

    stage.set(json!({ "auth_provider_details": "reject", "plugin_record_query": "reject" }));
    refused(&stage.soql(&tokens, DATA, columns).await, 400, "INVALID_FIELD");
    refused(&stage.soql(&tokens, DATA, values).await, 400, "INVALID_TYPE");
}

/// The whole way of a browser and the callout that proves it.
#[tokio::test]
async fn the_kick_off_brings_a_token_that_callouts_carry() {
    let pim = pim().await;
    let stage = Stage::new(Preset::Package2).await;
    let tokens = stage.connect().await;
    let (base, cookie) = (pim.url.to_string(), stage.log_in().await);
    put_settings(&stage, &tokens, &base).await;
    put_provider(&stage, &tokens, "").await;
    put_named(&stage, &tokens, &base, "").await;
    let failed = callout(&stage, &tokens).await;
    assert_eq!((&failed["compiled"], &failed["success"]), (&json!(true), &json!(false)));

    let state = stage.control().state();
    let (org, id) = (
        state["org"]["id"].as_str().unwrap(),
        state["named_credentials"][0]["id"].as_str().unwrap(),
    );
    let open = async |path: String, cookie: &str| {
        stage
            .http
            .get(stage.url(&path))
            .header("cookie", cookie)
            .send()
            .await
            .unwrap()
    };
    let stray = open(
        format!("services/auth/xds/{org}/Akeneo?startURL=/0XAHs0000000000&scope=x"),
        &cookie,
    )
    .await;
    assert_eq!(
        stray.status(),
        StatusCode::BAD_REQUEST,
        "bound to a Named Credential that is there"
    );
    let leave = async || {
        let path = format!(
            "services/auth/xds/{org}/Akeneo?startURL=/{}&scope=read_products",
            &id[..15]
        );
        location(&open(path, &cookie).await)
    };
    let away = leave().await;
    assert_eq!(away.path(), "/connect/apps/v1/authorize");
    let asked = query(&away);
    assert_eq!(
        (asked["client_id"].as_str(), asked["scope"].as_str()),
        ("pim-client", "read_products")
    );

    let back = |state: &str| format!("services/authcallback/Akeneo?code=good-code&state={state}");
    let foreign = open(back(&asked["state"]), "sim_sid=nobody").await;
    assert_eq!(foreign.status(), StatusCode::BAD_REQUEST, "another browser");
    let unknown = open(back("made-up"), &cookie).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST, "a state that was not issued");
    let again = query(&leave().await);
    let arrived = open(back(&again["state"]), &cookie).await;
    assert_eq!(location(&arrived).path(), format!("/{}", &id[..15]));

    let form = pim.forms.lock().unwrap().last().unwrap().clone();
    let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["client_id", "code", "grant_type", "code_identifier", "code_challenge"],
        "the plugin's own pair"
    );
    assert_eq!(stage.control().state()["legacy_tokens"][0]["access_token"], TOKEN);
    assert_eq!(callout(&stage, &tokens).await["success"], true);
    stage.control().act(&Action::CalloutsOff {}).unwrap();
    assert_eq!(callout(&stage, &tokens).await["success"], false);
}

#[tokio::test]
async fn a_deployed_token_counts_or_not() {
    for (effect, tokens_kept) in [("ignored", 0), ("authenticates", 1)] {
        let stage = Stage::new(Preset::Package2).await;
        stage.set(json!({ "legacy_oauth_token": effect }));
        let tokens = stage.connect().await;
        put_settings(&stage, &tokens, "https://acme.example/").await;
        put_provider(&stage, &tokens, "").await;
        put_named(&stage, &tokens, "https://acme.example/", "<oauthToken>t</oauthToken>").await;
        let state = stage.control().state();
        assert_eq!(
            state["legacy_tokens"].as_array().unwrap().len(),
            tokens_kept,
            "{effect}"
        );
        assert_eq!(
            state["named_credentials"][0]["metadata"].get("oauthToken"),
            None,
            "never read back"
        );
    }
}

#[tokio::test]
async fn a_deployed_token_can_fail_the_deploy() {
    let stage = Stage::new(Preset::Package2).await;
    stage.set(json!({ "legacy_oauth_token": "refused" }));
    let tokens = stage.connect().await;
    put_settings(&stage, &tokens, "https://acme.example/").await;
    put_provider(&stage, &tokens, "").await;
    let refused = put_named(&stage, &tokens, "https://acme.example/", "<oauthToken>t</oauthToken>").await;
    fails(
        &refused,
        "Error parsing file: Property 'oauthToken' not valid in version",
    );
    assert_eq!(
        put_named(&stage, &tokens, "https://acme.example/", "").await["success"],
        true
    );
}

#[tokio::test]
async fn a_provider_needs_its_own_permission_and_goes_only_when_it_is_unused() {
    let stage = Stage::new(Preset::Package2).await;
    let tokens = stage.connect().await;
    put_settings(&stage, &tokens, "https://acme.example/").await;
    let permission = |has: bool| Action::SetPermissions {
        username: None,
        permissions: json!({ "manage_auth_providers": has }),
    };
    stage.control().act(&permission(false)).unwrap();
    assert_eq!(put_provider(&stage, &tokens, "").await["success"], false);
    stage.control().act(&permission(true)).unwrap();
    assert_eq!(put_provider(&stage, &tokens, "").await["success"], true);
    put_named(&stage, &tokens, "https://acme.example/", "").await;
    assert!(stage.control().act(&Action::DeleteAuthProvider {}).is_err());
    stage.control().act(&Action::DeleteNamedCredential {}).unwrap();
    stage.control().act(&Action::DeleteAuthProvider {}).unwrap();
}

/// What a deploy made can be deleted over the API: the Named Credential first, then the provider that it used.
#[tokio::test]
async fn local_records_can_be_deleted_again() {
    let stage = Stage::new(Preset::Package2).await;
    let tokens = stage.connect().await;
    let pim = pim().await;
    put_settings(&stage, &tokens, pim.url.as_str()).await;
    put_provider(&stage, &tokens, "").await;
    stage.set(json!({ "legacy_oauth_token": "authenticates" }));
    put_named(
        &stage,
        &tokens,
        pim.url.as_str(),
        &format!("<oauthToken>{TOKEN}</oauthToken>"),
    )
    .await;
    assert_eq!(stage.control().state()["legacy_tokens"].as_array().unwrap().len(), 1);
    let id = |rows: Value| rows["records"][0]["Id"].as_str().unwrap().to_owned();
    let provider = "SELECT Id FROM AuthProvider WHERE DeveloperName='Akeneo'";
    let provider = id(stage.soql(&tokens, DATA, provider).await.1);
    let named = "SELECT Id FROM NamedCredential WHERE DeveloperName='Akeneo'";
    let named = id(stage.soql(&tokens, "tooling/query", named).await.1);
    let (provider, named) = (
        format!("sobjects/AuthProvider/{provider}"),
        format!("tooling/sobjects/NamedCredential/{named}"),
    );
    let used = stage.call(&tokens, Method::DELETE, &provider, None).await;
    refused(&used, 400, "DELETE_FAILED");
    for address in [&named, &provider] {
        assert_eq!(stage.call(&tokens, Method::DELETE, address, None).await.0, 204);
        refused(
            &stage.call(&tokens, Method::DELETE, address, None).await,
            404,
            "NOT_FOUND",
        );
    }
    let state = stage.control().state();
    assert_eq!(
        (&state["legacy_tokens"], &state["auth_providers"]),
        (&json!([]), &json!([]))
    );
}

/// The control of a probe: over a Named Credential without authorization, Apex sends the session that it runs in.
#[tokio::test]
async fn apex_may_send_its_own_session() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let base = stage.url("").to_string();
    let plain = named(&base, "")
        .replace("<authProvider>Akeneo</authProvider>", "")
        .replace("<protocol>Oauth</protocol>", "<protocol>NoAuthentication</protocol>");
    let path = "namedCredentials/Plain.namedCredential";
    let made = one(&stage, &tokens, "NamedCredential", "Plain", path, &plain).await;
    assert_eq!(made["success"], true, "{made}");
    for (header, succeeds) in [
        ("r.setHeader('Authorization','Bearer '+UserInfo.getSessionId());", true),
        ("", false),
    ] {
        let apex = format!(
            "HttpRequest r=new HttpRequest();r.setEndpoint('callout:Plain/services/data/v66.0/limits');{header}"
        );
        let ran = run(&stage, &tokens, &apex).await;
        assert_eq!(ran["success"], succeeds, "{ran}");
    }
}
