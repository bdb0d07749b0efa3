//! Another org for the same customer: the connection moves only when a person says so, the former org gets its access back, and
//! several orgs side by side share nothing.

use salesforce_simulator::{Action, Preset, Running};
use serde_json::{Value, json};

use crate::attended::Attended;
use crate::journey::second;

/// A second org, which the service's app may enter.
async fn another_org() -> Running {
    salesforce_simulator::start(salesforce_simulator::Options::default())
        .await
        .unwrap()
}

impl Attended {
    /// A connection beside which there is another org.
    async fn beside(other: &Running) -> Self {
        let origin = other.url().origin().ascii_serialization();
        let attended = Self::permitted(Preset::Ready, &json!({ "customer": "Acme Corporation" }), vec![origin]).await;
        other.control().register_client(attended.stack.app());
        attended
    }

    async fn connect_at(&mut self, org: &Running, more: &[(&str, &str)]) -> connector_local::browser::Page {
        let url = org.url().to_string();
        let fields = [&[("org_kind", "mydomain"), ("my_domain", url.as_str())], more].concat();
        self.walk
            .press_on("/setup", "/setup/salesforce", &fields)
            .await
            .unwrap()
    }
}

/// The refresh tokens of an org that still work.
fn live_grants(org: &Running) -> usize {
    let families = org.control().state()["oauth"]["refresh_families"].clone();
    let live = families
        .as_array()
        .unwrap()
        .iter()
        .filter(|family| family["revoked"] == false);
    live.count()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn a_connection_moves_when_a_person_confirms_it_and_keeps_its_history() {
    let other = another_org().await;
    let mut attended = Attended::beside(&other).await;
    attended.connect_both().await;
    attended.finish().await;
    let before = attended.show().await;
    let tokens = attended.pim().state().live_tokens.len();

    let page = attended.connect_at(&other, &[]).await;
    assert!(
        page.text().contains("This is another Salesforce org"),
        "{}",
        page.text()
    );
    assert_eq!(
        (live_grants(&attended.stack.org), live_grants(&other)),
        (1, 0),
        "the other grant was given back"
    );
    attended.must_be("connected").await;
    let to = other.control().state()["org"]["id"].clone();
    let page = attended.walk.journey().await.unwrap();
    assert!(page.text().contains("Is the other org the right one from now on?") && page.text().contains(text(&to)));

    // Not without the tick.
    let move_to = page.value("input[name=move_to]").unwrap();
    assert_eq!(move_to, text(&to));
    let csrf = page.value("input[name=csrf]").unwrap();
    let fields = vec![("csrf".to_owned(), csrf), ("move_to".to_owned(), move_to.clone())];
    let at = attended.stack.url.join("/setup/salesforce").unwrap();
    attended
        .walk
        .browser
        .step(http::Method::POST, at, Some(fields))
        .await
        .unwrap();
    assert_eq!(attended.show().await["org_id"], before["org_id"]);

    attended
        .connect_at(&other, &[("move_to", &move_to), ("confirm", "yes")])
        .await;
    let shown = attended.show().await;
    assert_eq!((&shown["connection"], &shown["org_id"]), (&before["connection"], &to));
    assert_eq!(
        (live_grants(&attended.stack.org), live_grants(&other)),
        (0, 1),
        "the former org has its access back"
    );
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    let named = other.control().state()["named_credentials"][0].clone();
    let pim = attended.stack.pim.url().as_str().trim_end_matches('/').to_owned();
    assert_eq!(
        (&named["url"], &named["callout_status"]),
        (&json!(pim), &json!("Enabled"))
    );
    assert_eq!(
        attended.pim().state().live_tokens.len(),
        tokens,
        "the PIM was asked for nothing new"
    );
    let trail = attended.show().await["timeline"].to_string();
    for event in ["invited", "org_connected", "org_moved"] {
        assert!(trail.contains(event), "{event}: {trail}");
    }
    let writes = other.control().requests().len();
    let former = attended.org().requests().len();
    attended.reconcile().await.unwrap();
    assert!(other.control().requests().len() > writes && attended.org().requests().len() == former);
}

#[tokio::test]
async fn a_refreshed_sandbox_is_another_org_and_goes_the_same_way() {
    let mut attended = Attended::connected().await;
    let before = attended.show().await;
    attended.act(&Action::SandboxRefresh {});
    attended.sweep_later().await;
    attended.must_be("connect_salesforce").await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    assert_eq!(attended.show().await["org_id"], before["org_id"]);
    let page = attended.walk.journey().await.unwrap();
    let move_to = page.value("input[name=move_to]").unwrap();
    attended
        .walk
        .press_on(
            "/setup",
            "/setup/salesforce",
            &[("move_to", &move_to), ("confirm", "yes")],
        )
        .await
        .unwrap();
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    attended.must_be_wired();
    let shown = attended.show().await;
    assert_eq!(
        (&shown["connection"], &shown["org_id"]),
        (&before["connection"], &json!(move_to))
    );
}

#[tokio::test]
async fn two_orgs_of_one_customer_share_nothing() {
    let other = another_org().await;
    let mut attended = Attended::beside(&other).await;
    attended.connect_both().await;
    attended.finish().await;
    let first = attended.show().await;
    let state = attended.org().state();

    let (id, _, walk) = second(&attended.stack, &json!({ "customer": "Acme Corporation" })).await;
    let one = std::mem::replace(&mut attended.walk, walk);
    let former = std::mem::replace(&mut attended.id, id);
    attended.connect_at(&other, &[]).await;
    attended.connect_pim().await;
    attended.finish().await;
    let second = attended.show().await;
    for name in ["connection", "org_id"] {
        assert_ne!(first[name], second[name], "{name}");
    }
    assert_eq!(first["customer"], second["customer"]);
    assert_eq!(
        attended.org().state()["named_credentials"],
        state["named_credentials"],
        "the first org was not touched"
    );
    assert_eq!(
        attended.pim().state().live_tokens.len(),
        2,
        "each has a Custom App and a token of its own"
    );

    // What ends for one goes on for the other.
    other.control().act(&Action::RevokeTokens {}).unwrap();
    attended.reconcile().await.unwrap();
    attended.must_be("connect_salesforce").await;
    (attended.walk, attended.id) = (one, former);
    attended.reconcile().await.unwrap();
    attended.must_be("connected").await;
}
