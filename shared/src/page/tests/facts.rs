//! Connections as they are stored, built fact by fact.

use serde_json::{Value, json};

use crate::connection::Connection;

/// A customer's name that breaks out of whatever is not escaped.
pub(super) const HOSTILE: &str = "<script>\"'&{{evil}}</script>";
/// What the guide asks for.
pub(super) const NINE: &str = "delete_catalogs read_attribute_options read_catalog_structure read_catalogs read_categories \
     read_channel_localization read_channel_settings read_products write_catalogs";

/// The facts of a connection as they are stored.
#[derive(Clone)]
pub(super) struct Facts(Value);

impl Facts {
    /// Just invited.
    pub(super) fn invited() -> Self {
        Self(json!({
            "id": "0123456789abcdef0123", "customer": "Acme Outdoor GmbH", "created_at": "2026-11-23T09:00:00Z",
            "terms": {}, "invitation": null, "invitation_expires_at": null,
            "akeneo": {}, "salesforce": {}, "wiring": {}, "health": {},
        }))
    }

    /// Sets one fact, named by its path.
    pub(super) fn with(mut self, path: &str, value: Value) -> Self {
        let (mut at, mut keys) = (&mut self.0, path.split('.').peekable());
        while let Some(key) = keys.next() {
            at = at
                .as_object_mut()
                .expect("an object on the way")
                .entry(key)
                .or_insert_with(|| json!({}));
            if keys.peek().is_none() {
                *at = value;
                return self;
            }
        }
        unreachable!("a path has a key")
    }

    /// An org is connected and was not looked at yet.
    pub(super) fn org(self) -> Self {
        self.with(
            "salesforce.org",
            json!({
                "org_id": "00DWs000000AbCdMAK", "name": "Acme Outdoor", "user_id": "005Ws000000XyZwIAK",
                "username": "admin@acme-outdoor.example", "instance": "https://acme-outdoor.my.salesforce.com/",
                "login": "https://login.salesforce.com/", "org_type": "production", "token_generation": 1,
                "connected_at": "2026-11-23T14:02:00Z",
            }),
        )
    }

    /// An org with this package.
    pub(super) fn org_with(self, package: Value) -> Self {
        self.org().with("salesforce.readiness", json!({
            "api_version": "66.0", "missing_permissions": [], "package": package, "checked_at": "2026-11-23T14:03:00Z",
        }))
    }

    /// An org that has everything.
    pub(super) fn ready_org(self) -> Self {
        self.org_with(json!({ "kind": "current", "namespace": "akeneo_pim", "installed": null }))
    }

    /// Custom App credentials were typed.
    pub(super) fn credentials(self) -> Self {
        self.with("akeneo.credentials", credentials())
    }

    /// The PIM granted these scopes.
    pub(super) fn granted(self, scopes: &str) -> Self {
        self.credentials().with(
            "akeneo.proven",
            json!({
                "credentials": credentials(), "requested": NINE, "granted": scopes, "at": "2026-11-23T14:08:00Z",
            }),
        )
    }

    /// Steps 1 and 2 are done.
    pub(super) fn both_sides(self) -> Self {
        self.ready_org().granted(NINE)
    }

    /// The org was looked at with these findings.
    pub(super) fn looked(self, findings: Value) -> Self {
        self.with("wiring.desired_generation", json!("g1"))
            .with("wiring.looked_at", json!("2026-11-23T14:09:00Z"))
            .with("wiring.findings", findings)
    }

    /// Step 3 is done.
    pub(super) fn wired(self) -> Self {
        self.both_sides()
            .looked(json!([]))
            .with("wiring.named_credential_url", json!("https://acme.cloud.akeneo.com"))
            .with("wiring.callouts_enabled", json!(true))
    }

    /// Step 4 is done.
    pub(super) fn authorized(self) -> Self {
        self.wired()
            .with("wiring.principal", json!("configured"))
            .with("wiring.principal_started_at", json!("2026-11-23T14:11:00Z"))
    }

    /// Verified once, and in this state of health now.
    pub(super) fn verified(self, state: &str) -> Self {
        self.authorized()
            .with("health.state", json!(state))
            .with("health.checked_at", json!("2026-11-23T14:13:30Z"))
            .with("health.verification", json!({
                "at": "2026-11-23T14:13:00Z", "org": true,
                "pim": { "pim": { "version": "v20261118023010", "edition": "Serenity" }, "scopes": { "read_products": "granted" } },
            }))
    }

    /// A trip of a leg that nobody came back from.
    pub(super) fn trip(self, leg: &str, started: &str, expires: &str) -> Self {
        self.with(
            &format!("{leg}.attempt"),
            json!({ "started_at": started, "expires_at": expires, "returned": false }),
        )
    }

    pub(super) fn away(self, leg: &str) -> Self {
        self.trip(leg, "2026-11-23T14:15:00Z", "2026-11-23T14:30:00Z")
    }

    pub(super) fn by_salesforce(self) -> Self {
        self.with("terms.callback", json!("salesforce"))
    }

    pub(super) fn build(self) -> Connection {
        serde_json::from_value(self.0).expect("facts as they are stored")
    }
}

fn credentials() -> Value {
    json!({
        "pim": "https://acme.cloud.akeneo.com", "client_id": "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
        "generation": "g1", "entered_at": "2026-11-23T14:07:00Z",
    })
}
