//! Local External Client Apps with the client credentials flow: made by deploy or by a person, asked for their keys by API, and used by
//! the org to call itself (facts/salesforce 8, 10.1).

pub(crate) mod consumer;
pub(crate) mod deed;
pub(crate) mod deployed;
pub(crate) mod packaged;
pub(crate) mod reported;
pub(crate) mod token;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::identifier::random_text;
use crate::org::Org;
use crate::settings::Settings;

/// One app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClientApp {
    /// What its credentials are asked for by.
    pub(crate) identifier: String,
    pub(crate) consumer_id: String,
    pub(crate) developer_name: String,
    pub(crate) label: String,
    pub(crate) description: Option<String>,
    pub(crate) consumer_key: String,
    pub(crate) consumer_secret: String,
    pub(crate) callback_url: String,
    /// OAuth scopes, as the token endpoint spells them.
    pub(crate) scopes: Vec<String>,
    /// "Enable Client Credentials Flow" in the app's settings.
    pub(crate) flow_in_settings: bool,
    /// The same in its policies, and the user to run as.
    pub(crate) flow_in_policy: bool,
    pub(crate) run_as: Option<String>,
    pub(crate) created: Millis,
    /// Made in the deploy that is under way: its policy has no row yet.
    pub(crate) fresh: bool,
}

impl ClientApp {
    /// An app with keys of its own and nothing allowed yet.
    pub(crate) fn new(org: &mut Org, developer_name: &str, now: Millis) -> Self {
        Self {
            identifier: org.mint.id("0xi"),
            consumer_id: org.mint.id("888"),
            developer_name: developer_name.to_owned(),
            label: developer_name.to_owned(),
            description: None,
            consumer_key: format!("3MVG9{}", random_text(80)),
            consumer_secret: random_text(64),
            callback_url: String::new(),
            scopes: Vec::new(),
            flow_in_settings: false,
            flow_in_policy: false,
            run_as: None,
            created: now,
            fresh: true,
        }
    }

    /// Whether Salesforce knows it everywhere (facts/salesforce 8.3, "Propagation").
    fn is_known(&self, now: Millis, settings: &Settings) -> bool {
        now - self.created >= settings.client_app_propagation_seconds.saturating_mul(1000)
    }

    /// Whether it gives tokens for this secret.
    fn gives_tokens(&self, secret: &str) -> bool {
        self.consumer_secret == secret && self.flow_in_settings && self.flow_in_policy && self.run_as.is_some()
    }
}

impl Org {
    pub(crate) fn client_app(&self, developer_name: &str) -> Option<&ClientApp> {
        self.client_apps.iter().find(|app| app.developer_name == developer_name)
    }

    /// Whether these credentials would get a token at the org's own token endpoint: what a principal of the client credentials flow needs.
    pub(crate) fn calls_itself_with(&self, client_id: &str, client_secret: &str) -> bool {
        self.client_apps
            .iter()
            .any(|app| app.consumer_key == client_id && app.gives_tokens(client_secret))
    }
}
