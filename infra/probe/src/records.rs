//! The packaged records that the questions are about, as read.

use serde_json::Value;

use crate::org::{CallFault, Org};

/// Ids and full names of the packaged `Akeneo` records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    /// The package's namespace.
    pub(crate) namespace: String,
    /// Tooling id of the Named Credential.
    pub(crate) named_credential: Option<String>,
    /// Tooling id of the identity provider.
    pub(crate) provider: Option<String>,
    /// Names of other packaged records: those of Salesforce Self among them.
    pub(crate) others: Vec<String>,
}

const KINDS: [&str; 3] = ["NamedCredential", "ExternalCredential", "ExternalAuthIdentityProvider"];

impl Records {
    /// Finds them. `namespace` decides where more than one package has such records.
    ///
    /// # Errors
    /// [`CallFault`].
    pub(crate) async fn find(org: &Org, namespace: Option<&str>) -> Result<Self, CallFault> {
        let mut found = Self::default();
        for kind in KINDS {
            let soql = format!("SELECT Id,DeveloperName,NamespacePrefix FROM {kind} WHERE NamespacePrefix!=null");
            let rows = org.query(true, &soql).await?.body["records"].as_array().cloned();
            for row in rows.unwrap_or_default() {
                found.take(kind, &row, namespace);
            }
        }
        Ok(found)
    }

    fn take(&mut self, kind: &str, row: &Value, wanted: Option<&str>) {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let (namespace, name) = (text("NamespacePrefix"), text("DeveloperName"));
        if wanted.is_some_and(|wanted| wanted != namespace) {
            return;
        }
        if name != "Akeneo" {
            self.others.push(format!("{kind} {namespace}__{name}"));
            return;
        }
        self.namespace = namespace;
        match kind {
            "NamedCredential" => self.named_credential = Some(text("Id")),
            "ExternalAuthIdentityProvider" => self.provider = Some(text("Id")),
            _ => {}
        }
    }

    /// `ns__Akeneo`.
    #[must_use]
    pub(crate) fn full_name(&self) -> String {
        format!("{}__Akeneo", self.namespace)
    }
}
