//! A connection whose org is looked at only when a test says so: nothing plays the stream and the schedules, the clock can be
//! set forward, and people walk as in the local stack.

use std::time::Duration;

use connector::clock::Deadline;
use connector::connection::ConnectionId;
use connector::wiring::{Purpose, ReconcileError, reconcile};
use connector_local::browser::Page;
use connector_local::clock::ForwardClock;
use connector_local::stack::{Options, Stack};
use connector_local::walk::Walk;
use health_check::Sweep;
use salesforce_simulator::{Action, Fault, FaultKind, JournalEntry, Preset};
use serde_json::{Value, json};
use url::Url;

/// Longer than a lease lasts (`connection::Lease`).
pub(crate) const LEASE: Duration = Duration::from_secs(151);
/// Longer than any pause between two looks at a connection that is not idle.
pub(crate) const LONG: Duration = Duration::from_secs(21 * 60);

/// The connection, its surroundings, and the person who walks.
pub(crate) struct Attended {
    pub(crate) stack: Stack,
    pub(crate) clock: ForwardClock,
    pub(crate) walk: Walk,
    pub(crate) id: String,
    pub(crate) link: Url,
    /// Client id and secret of the Custom App, once there is one.
    pub(crate) app: Option<(String, String)>,
}

/// A request that changes the org: method, and path below the API version without record ids.
pub(crate) type Written = (String, String);

impl Attended {
    /// A started setup with an org of this kind.
    pub(crate) async fn begin(preset: Preset) -> Self {
        Self::invited(preset, &json!({ "customer": "Acme Corporation" })).await
    }

    /// A started setup on these terms.
    pub(crate) async fn invited(preset: Preset, invitation: &Value) -> Self {
        Self::permitted(preset, invitation, Vec::new()).await
    }

    /// [`Self::invited`], where calls may also go to these origins.
    pub(crate) async fn permitted(preset: Preset, invitation: &Value, permit: Vec<String>) -> Self {
        let clock = ForwardClock::default();
        let service_clock = std::sync::Arc::new(clock.clone());
        let options = Options {
            org: preset,
            clock: Some(service_clock),
            unattended: true,
            permit,
            ..Options::default()
        };
        let stack = Stack::start(options).await.unwrap();
        let mut walk = Walk::new(&stack.url, stack.pim.url()).unwrap();
        let made = walk.invite(invitation).await.unwrap();
        let link: Url = made["link"].as_str().unwrap().parse().unwrap();
        walk.start(&link).await.unwrap();
        let id = made["connection"].as_str().unwrap().to_owned();
        Self {
            stack,
            clock,
            walk,
            id,
            link,
            app: None,
        }
    }

    /// Org and PIM are connected; wiring is due.
    pub(crate) async fn both(preset: Preset) -> Self {
        let mut attended = Self::begin(preset).await;
        attended.connect_both().await;
        attended
    }

    /// Everything done, verified and connected.
    pub(crate) async fn connected() -> Self {
        let mut attended = Self::both(Preset::Ready).await;
        attended.finish().await;
        attended
    }

    pub(crate) async fn connect_both(&mut self) {
        self.walk.connect_salesforce("production", "Allow").await.unwrap();
        self.connect_pim().await;
    }

    /// The Custom App is made, entered and authorized.
    pub(crate) async fn connect_pim(&mut self) {
        let (client_id, client_secret) = self.walk.create_app(&self.id).await.unwrap();
        let page = self
            .walk
            .enter_akeneo(self.stack.pim.url().as_str(), &client_id, &client_secret)
            .await
            .unwrap();
        self.walk.consent(page).await.unwrap();
        self.app = Some((client_id, client_secret));
    }

    /// A Custom App that was made with the org's own callback is entered; we hold no token of it.
    pub(crate) async fn enter_app_with_salesforce_s_callback(&mut self) {
        let callback = self.provider()["callback_url"].as_str().unwrap().to_owned();
        self.enter_app_with(&callback).await;
    }

    /// The same with the callback of the Auth. Provider of a package before 3.0.
    pub(crate) async fn enter_app_of_the_auth_provider(&mut self) {
        let callback = format!("{}services/authcallback/Akeneo", self.stack.org.url());
        self.enter_app_with(&callback).await;
    }

    async fn enter_app_with(&mut self, callback: &str) {
        let new = json!({ "name": "Salesforce", "activate_url": self.stack.url, "callback_url": callback });
        let app = self
            .pim()
            .create_custom_app(&serde_json::from_value(new).unwrap())
            .unwrap();
        let app = serde_json::to_value(app).unwrap();
        let text = |name: &str| app[name].as_str().unwrap().to_owned();
        let (client_id, client_secret) = (text("client_id"), text("client_secret"));
        let pim = self.stack.pim.url().to_string();
        self.walk.enter_akeneo(&pim, &client_id, &client_secret).await.unwrap();
        self.app = Some((client_id, client_secret));
    }

    /// Wires, walks step 4 and verifies.
    pub(crate) async fn finish(&mut self) {
        self.wire().await;
        self.must_be("authorize_principal").await;
        self.finish_from_principal().await;
    }

    /// Walks step 4 and verifies.
    pub(crate) async fn finish_from_principal(&mut self) {
        self.walk.authorize_principal().await.unwrap();
        self.wire().await;
        self.must_be("connected").await;
    }

    /// Wires and authorizes until it is connected, a few rounds at most; after each step the org is looked at.
    pub(crate) async fn carry_on(&mut self, look: fn(&Self, &str)) {
        for _ in 0..6 {
            self.wire_later().await;
            look(self, "wired");
            match self.show().await["stage"].as_str().unwrap() {
                "connected" => break,
                "authorize_principal" => {
                    self.walk.authorize_principal().await.unwrap();
                    look(self, "authorized");
                }
                _ => {}
            }
        }
        self.must_be("connected").await;
    }

    pub(crate) fn org(&self) -> salesforce_simulator::Control {
        self.stack.org.control()
    }

    pub(crate) fn pim(&self) -> akeneo_simulator::Control {
        self.stack.pim.control()
    }

    pub(crate) fn act(&self, action: &Action) {
        self.org().act(action).unwrap();
    }

    pub(crate) fn set(&self, patch: &Value) {
        self.org().patch_settings(patch).unwrap();
    }

    /// One look at whatever is due for wiring now, as the stream or the schedule would make it.
    pub(crate) async fn wire(&self) -> usize {
        salesforce_patch::wire_due(&self.stack.services, minute())
            .await
            .unwrap()
    }

    /// [`Self::wire`] after the longest pause.
    pub(crate) async fn wire_later(&self) -> usize {
        self.clock.advance(LONG);
        self.wire().await
    }

    /// One reconciliation, due or not.
    pub(crate) async fn reconcile(&self) -> Result<(), ReconcileError> {
        let id = ConnectionId::parse(&self.id).unwrap();
        reconcile(&self.stack.services, &id, Purpose::Wire, minute())
            .await
            .map(drop)
    }

    /// One health sweep.
    pub(crate) async fn sweep(&self) -> Sweep {
        health_check::sweep(&self.stack.services, Deadline::after(Duration::from_secs(200)))
            .await
            .unwrap()
    }

    /// [`Self::sweep`] after the longest pause.
    pub(crate) async fn sweep_later(&self) -> Sweep {
        self.clock.advance(LONG);
        self.sweep().await
    }

    /// What operators see.
    pub(crate) async fn show(&self) -> Value {
        self.walk.show(&self.id).await.unwrap()
    }

    /// Asserts the stage, with everything that explains it.
    pub(crate) async fn must_be(&self, stage: &str) -> Value {
        let shown = self.show().await;
        assert_eq!(
            shown["stage"], stage,
            "{} {} {} {}",
            shown["next_action"], shown["wiring"], shown["health"], shown["salesforce"]
        );
        shown
    }

    /// Asserts the health state.
    pub(crate) async fn must_be_healthy_as(&self, state: &str) -> Value {
        let shown = self.show().await;
        assert_eq!(
            shown["health"], state,
            "{} {} {}",
            shown["stage"], shown["wiring"], shown["verification"]
        );
        shown
    }

    /// The journey page's text.
    pub(crate) async fn page(&mut self) -> String {
        self.walk.journey().await.unwrap().text()
    }

    /// Presses "Check again".
    pub(crate) async fn check_again(&mut self) -> Page {
        let form = self.walk.journey().await.unwrap().form_to("/setup/check").unwrap();
        self.walk.browser.submit(form).await.unwrap()
    }

    /// What was sent to the org to change it, in order.
    pub(crate) fn written(&self) -> Vec<Written> {
        self.writes()
            .iter()
            .map(|entry| (entry.method.clone(), place(&entry.path)))
            .collect()
    }

    /// The journal's entries of what was sent to change the org.
    pub(crate) fn writes(&self) -> Vec<JournalEntry> {
        let changes = |entry: &JournalEntry| {
            entry.method != "GET"
                && entry.path.starts_with("/services/data/")
                && !entry.path.ends_with("/auth-url/o-auth")
        };
        self.org().requests().into_iter().filter(changes).collect()
    }

    /// The org's provider as it is.
    pub(crate) fn provider(&self) -> Value {
        self.org().state()["external_auth_identity_providers"][0].clone()
    }

    /// The org's Named Credential as it is.
    pub(crate) fn named_credential(&self) -> Value {
        self.org().state()["named_credentials"][0].clone()
    }

    /// Proves that the org is as it should be, once and not twice.
    pub(crate) fn must_be_wired(&self) {
        let pim = self.stack.pim.url().as_str().trim_end_matches('/').to_owned();
        let (named, provider, state) = (self.named_credential(), self.provider(), self.org().state());
        assert_eq!(
            (&named["url"], &named["callout_status"]),
            (&json!(pim), &json!("Enabled"))
        );
        assert_eq!(provider["token_url"], format!("{pim}/connect/apps/v1/oauth2/token"));
        assert_eq!(provider["authorize_url"], format!("{pim}/connect/apps/v1/authorize"));
        assert_eq!(provider["credentials"]["client_id"], self.app.as_ref().unwrap().0);
        for name in ["code_identifier", "code_challenge"] {
            let rows = provider["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|row| row["name"] == name)
                .count();
            assert_eq!(rows, 1, "{name}");
        }
        let pairs = |list: &str, left: &str, right: &str| {
            let rows = state[list]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| (row[left].to_string(), row[right].to_string()));
            let mut rows: Vec<_> = rows.collect();
            rows.sort();
            let all = rows.len();
            rows.dedup();
            assert_eq!(rows.len(), all, "{list} has something twice");
            all
        };
        assert!(pairs("permission_set_assignments", "assignee_id", "permission_set_id") > 0);
        assert!(pairs("setup_entity_access", "parent_id", "setup_entity_id") > 0);
        pairs("object_permissions", "parent_id", "sobject_type");
        pairs("permission_sets", "name", "namespace");
    }
}

/// A path below the API version, without a record id at its end.
pub(crate) fn place(path: &str) -> String {
    let below: Vec<&str> = path.split('/').skip(4).collect();
    let id = below
        .last()
        .is_some_and(|last| last.len() == 18 && last.starts_with('0'));
    below[..below.len() - usize::from(id)].join("/")
}

/// Time for one piece of work.
pub(crate) fn minute() -> Deadline {
    Deadline::after(Duration::from_secs(60))
}

/// A fault of the org for so many requests of a method below `/services/data/vNN.0/{place}`.
pub(crate) fn org_fault(kind: FaultKind, method: Option<&str>, place: &str, count: u32) -> Fault {
    let path_prefix = if place.starts_with('/') {
        place.to_owned()
    } else {
        format!("/services/data/v66.0/{place}")
    };
    Fault {
        method: method.map(str::to_owned),
        count,
        ..Fault::new(kind, &path_prefix)
    }
}
