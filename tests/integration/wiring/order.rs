//! The exact writes of a fresh org (facts/salesforce 13.A; provider, credentials, grants, Named Credential last), and that a
//! second run makes none.

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use crate::attended::{Attended, place};

const PROVIDER: &str = "named-credentials/external-auth-identity-providers/akeneo_pim__Akeneo";
const CREDENTIALS: &str = "named-credentials/external-auth-identity-provider-credentials/akeneo_pim__Akeneo";

fn body(attended: &Attended, index: usize) -> Value {
    serde_json::from_str(&attended.writes()[index].body).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_fresh_org_takes_four_writes_in_the_safe_order() {
    let attended = Attended::both(Preset::Ready).await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    let written = attended.written();
    let expected = [
        ("PUT", PROVIDER),
        ("POST", CREDENTIALS),
        ("POST", "sobjects/PermissionSetAssignment"),
        ("PATCH", "tooling/sobjects/NamedCredential"),
    ];
    let written: Vec<_> = written
        .iter()
        .map(|(method, place)| (method.as_str(), place.as_str()))
        .collect();
    assert_eq!(written, expected);
    let pim = attended.stack.pim.url().as_str().trim_end_matches('/').to_owned();

    let provider = body(&attended, 0);
    assert_eq!(provider["authorizeUrl"], format!("{pim}/connect/apps/v1/authorize"));
    assert_eq!(provider["tokenUrl"], format!("{pim}/connect/apps/v1/oauth2/token"));
    let output_only = ["callbackUrl", "createdByNamespace", "credentials", "id", "url"];
    assert!(
        keys(&provider).iter().all(|key| !output_only.contains(key)),
        "{provider}"
    );
    let rows = provider["parameters"].as_array().unwrap();
    let value = |name: &str| {
        let found: Vec<_> = rows.iter().filter(|row| row["parameterName"] == name).collect();
        assert_eq!(
            (found.len(), &found[0]["parameterType"]),
            (1, &json!("TokenRequestBodyParameter"))
        );
        found[0]["parameterValue"].as_str().unwrap().to_owned()
    };
    let (identifier, challenge) = (value("code_identifier"), value("code_challenge"));
    assert_eq!((identifier.len(), challenge.len()), (32, 64));

    let (client_id, client_secret) = attended.app.clone().unwrap();
    let entry = |name: &str, value: &str| json!({ "credentialName": name, "credentialValue": value });
    let both = json!({ "credentials": [entry("clientId", &client_id), entry("clientSecret", &client_secret)] });
    assert_eq!(body(&attended, 1), both);
    assert_eq!(keys(&body(&attended, 2)), ["AssigneeId", "PermissionSetId"]);

    let named = body(&attended, 3);
    assert_eq!(keys(&named), ["Metadata"]);
    assert_eq!(named["Metadata"]["calloutStatus"], "Enabled");
    let urls = named["Metadata"]["namedCredentialParameters"].as_array().unwrap();
    let urls: Vec<_> = urls
        .iter()
        .filter(|row| row["parameterType"] == "Url")
        .map(|row| &row["parameterValue"])
        .collect();
    assert_eq!(urls, [&json!(pim)]);
    attended.must_be_wired();
}

#[tokio::test]
async fn a_second_run_writes_nothing() {
    let mut attended = Attended::connected().await;
    let writes = attended.writes().len();
    for _ in 0..2 {
        attended.reconcile().await.unwrap();
    }
    attended.check_again().await;
    assert_eq!(attended.wire().await, 1);
    attended.sweep_later().await;
    let after: Vec<_> = attended.writes()[writes..]
        .iter()
        .map(|entry| place(&entry.path))
        .collect();
    assert_eq!(after, Vec::<String>::new());
    attended.must_be("connected").await;
}

#[tokio::test]
async fn one_consent_and_one_token_for_both_sides() {
    let attended = Attended::connected().await;
    let pim = attended.pim().state();
    assert_eq!((pim.live_tokens.len(), pim.consents.accepted), (1, 1));
    let held = attended.org().state()["principals"][0]["access_token"].clone();
    assert_eq!(held, pim.live_tokens[0].value);
    let shown = attended.show().await;
    assert_eq!(shown["verification"]["org"], true);
    assert_eq!(
        shown["akeneo"]["proven"]["requested"],
        shown["akeneo"]["proven"]["granted"]
    );
}

#[tokio::test]
async fn the_scopes_that_the_org_asks_for_are_the_ones_we_ask_for() {
    for carrier in [
        "authorize_request_query_parameter",
        "identity_provider_options",
        "external_credential",
    ] {
        let mut attended = Attended::begin(Preset::Ready).await;
        let six = "read_products read_catalog_structure read_channel_settings read_channel_localization read_attribute_options read_categories";
        attended.set(&json!({ "org_scope": six, "org_scope_carrier": carrier }));
        // No look at the org comes between the two: the scopes are known when the org is connected.
        attended.connect_both().await;
        attended.finish().await;
        let pim = attended.pim().state();
        assert_eq!(pim.consents.accepted, 1, "{carrier}: one consent serves both");
        assert_eq!(pim.live_tokens.len(), 1, "{carrier}: two sets would be two tokens");
        let mut asked: Vec<_> = pim.live_tokens[0].scope.split(' ').collect();
        let mut wanted: Vec<_> = six.split(' ').collect();
        asked.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(asked, wanted, "{carrier}");
        assert_eq!(
            attended.org().state()["principals"][0]["access_token"],
            pim.live_tokens[0].value
        );
    }
}

#[tokio::test]
async fn where_the_packaged_set_lost_its_read_our_own_set_heals() {
    let mut attended = Attended::both(Preset::Ready).await;
    attended.act(&Action::LoseUecRead {});
    attended.finish().await;
    attended.must_be_wired();
    let sets = attended.org().state()["permission_sets"].clone();
    let own: Vec<_> = sets
        .as_array()
        .unwrap()
        .iter()
        .filter(|set| set["name"] == "Akeneo_Onboarding_Access")
        .collect();
    assert_eq!(own.len(), 1);
    let packaged = attended
        .writes()
        .iter()
        .filter(|entry| entry.method == "PATCH" && entry.path.contains("PermissionSet"))
        .count();
    assert_eq!(packaged, 0, "the packaged set is never edited");
}

#[tokio::test]
async fn duplicate_parameter_rows_are_for_a_person_and_nothing_is_written() {
    let mut attended = Attended::both(Preset::Ready).await;
    let kind = "TokenRequestBodyParameter".to_owned();
    attended.act(&Action::AddParameter {
        kind,
        name: "code_challenge".to_owned(),
        value: "x".to_owned(),
    });
    attended.wire().await;
    let shown = attended.must_be("wiring_blocked").await;
    assert_eq!(shown["next_action"]["who"], "salesforce_admin");
    assert!(
        shown["next_action"]["what"]
            .as_str()
            .unwrap()
            .contains("Delete the extra rows")
    );
    assert!(attended.page().await.contains("Delete the extra rows"));
    assert!(attended.writes().is_empty());
    attended.act(&Action::DeleteParameter {
        name: "code_challenge".to_owned(),
    });
    attended.clock.advance(std::time::Duration::from_secs(61));
    attended.finish().await;
    attended.must_be_wired();
}

#[tokio::test]
async fn an_app_with_salesforce_s_own_callback_is_served_without_a_token_of_ours() {
    let terms = json!({ "customer": "Acme Corporation", "callback": "salesforce" });
    let mut attended = Attended::invited(Preset::Ready, &terms).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    attended.enter_app_with_salesforce_s_callback().await;
    attended.finish().await;
    attended.must_be_wired();
    let shown = attended.show().await;
    assert_eq!(
        (&shown["akeneo"]["proven"], &shown["verification"]["pim"]),
        (&Value::Null, &Value::Null)
    );
    assert!(attended.page().await.contains("this service holds no token"));
    let ours = attended
        .pim()
        .requests()
        .iter()
        .filter(|request| request.path.starts_with("/api/rest/v1/") && request.authorization.is_some())
        .count();
    assert_eq!(ours, 0, "no probe is made without a token");
}
