//! Part D: an org whose package is older than 3.0, after a person chose to go on with it (facts/salesforce 7).

mod adopt;
mod any_state;
mod calls;
mod crash;
pub(crate) mod headless;
mod health;
mod injection;
mod switches;

use connector::events::deliver_due;
use connector_local::browser::Page;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use crate::attended::{Attended, minute};
use crate::listening;

/// A started setup with package 2.9 and these switches; the org is connected and the choice is made.
async fn gone_on(switches: &Value) -> Attended {
    let mut attended = Attended::begin(Preset::Legacy).await;
    attended.set(switches);
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    attended.must_be("package_outdated").await;
    go_on(&mut attended).await;
    attended
}

/// Presses "Go on with this version" with the box ticked.
pub(crate) async fn go_on(attended: &mut Attended) -> Page {
    let form = attended.walk.journey().await.unwrap().form_to("/setup/legacy").unwrap();
    attended.walk.browser.submit(form.with("confirm", "yes")).await.unwrap()
}

/// The same, with the PIM connected too.
async fn both(switches: &Value) -> Attended {
    let mut attended = gone_on(switches).await;
    attended.connect_pim().await;
    attended
}

/// Connected by Part D.
async fn connected(switches: &Value) -> Attended {
    let mut attended = both(switches).await;
    attended.finish().await;
    attended
}

/// A person follows Part D by hand in the org, with the Custom App of the connection.
fn by_hand(attended: &Attended, base_url: &str) {
    let (client_id, client_secret) = attended.app.clone().unwrap();
    attended.act(&Action::LegacySetup {
        base_url: base_url.to_owned(),
        client_id,
        client_secret,
    });
}

pub(crate) fn pim(attended: &Attended) -> String {
    attended.stack.pim.url().as_str().trim_end_matches('/').to_owned()
}

/// The classic Named Credential as the org has it.
pub(crate) fn classic(attended: &Attended) -> Value {
    let state = attended.org().state();
    let all = state["named_credentials"].as_array().unwrap();
    assert_eq!(all.len(), 1, "one Named Credential, and not twice: {all:?}");
    all[0].clone()
}

/// Proves that the org has exactly what the guide prescribes, once and not twice, and the one live token.
pub(crate) fn must_be_wired(attended: &Attended) {
    let (state, pim) = (attended.org().state(), pim(attended));
    let named = classic(attended);
    assert_eq!(
        (&named["url"], &named["callout_status"]),
        (&json!(pim), &json!("Enabled"))
    );
    let providers = state["auth_providers"].as_array().unwrap();
    assert_eq!(providers.len(), 1, "{providers:?}");
    assert_eq!(providers[0]["record"], "akeneo_pim__Akeneo_Auth_Provider.Akeneo");
    let records = state["plugin_records"].as_array().unwrap();
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(
        records[0]["values"]["akeneo_pim__Client_Id__c"],
        attended.app.as_ref().unwrap().0
    );
    let live = attended.pim().state();
    let live = serde_json::to_value(live).unwrap()["live_tokens"].clone();
    assert_eq!(live.as_array().unwrap().len(), 1, "{live}");
    assert_eq!(state["legacy_tokens"][0]["access_token"], live[0]["value"]);
}

/// A second run has nothing to write.
pub(crate) async fn must_not_write_again(attended: &Attended) {
    let writes = attended.writes().len();
    attended.reconcile().await.unwrap();
    assert_eq!(attended.writes().len(), writes, "{:?}", attended.written());
}

/// The token that both sides share is in no page, answer, event or log line; the test has listened from its beginning.
pub(crate) async fn must_show_no_token(attended: &mut Attended) {
    let token = attended.pim().state().live_tokens[0].value.clone();
    deliver_due(&attended.stack.services, minute()).await.unwrap();
    let events = serde_json::to_string(&attended.stack.events.take()).unwrap();
    let page = attended.page().await;
    for (place, text) in [
        ("page", page),
        ("operator", attended.show().await.to_string()),
        ("events", events),
        ("logs", listening::so_far()),
    ] {
        assert!(!text.is_empty() && !text.contains(&token), "{place}");
    }
}

/// The Custom App gets a new client secret, which is entered and proven; the PIM hands out a token for it.
pub(crate) async fn renew_secret(attended: &mut Attended) {
    let (client_id, _) = attended.app.clone().unwrap();
    let secret = attended.pim().regenerate_secret(&client_id).unwrap();
    let page = attended.walk.enter_akeneo(&pim(attended), &client_id, &secret).await;
    attended.walk.consent(page.unwrap()).await.unwrap();
    attended.wire().await;
    attended.must_be("connected").await;
}
