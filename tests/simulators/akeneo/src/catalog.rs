//! App catalogs: each belongs to the app that made it, nobody else can see it (facts/akeneo 7.2, appendix A).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::pim::Pim;
use crate::settings::Settings;

/// A catalog of an app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Catalog {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) enabled: bool,
    /// Client id of the owner.
    pub(crate) owner: String,
}

impl Catalog {
    /// A catalog under a fresh id.
    pub(crate) fn new(name: &str, enabled: bool, owner: &str) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            name: name.to_owned(),
            enabled,
            owner: owner.to_owned(),
        }
    }

    /// The catalog as the API shows it.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "enabled": self.enabled,
            "managed_currencies": [],
            "managed_locales": [],
        })
    }

    /// The words of a catalog that is switched off; they come with HTTP 200.
    pub(crate) fn disabled_message(&self) -> String {
        format!(
            "No products to synchronize. The catalog \"{}\" has been disabled on the PIM side. \
             Note that you can get catalogs status with the GET /api/rest/v1/catalogs endpoint.",
            self.name
        )
    }
}

/// Seeds the catalogs of an app that may have some and owns none yet.
pub(crate) fn give_first_catalogs(pim: &mut Pim, settings: &Settings, client_id: &str) {
    let may = pim
        .connected_apps
        .get(client_id)
        .is_some_and(|connected| connected.scopes.expanded().contains("read_catalogs"));
    if !may || pim.catalogs.iter().any(|catalog| catalog.owner == client_id) {
        return;
    }
    for number in 1..=settings.catalogs_per_app {
        let name = if number == 1 {
            "Salesforce".to_owned()
        } else {
            format!("Salesforce {number}")
        };
        pim.catalogs.push(Catalog::new(&name, true, client_id));
    }
}
