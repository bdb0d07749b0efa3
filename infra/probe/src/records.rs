//! The packaged records that the questions are about, as read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::org::{CallFault, Org};
use crate::question::{Probing, Question};

/// Why a question about a packaged record has no answer.
pub(crate) const NO_RECORD: &str = "no packaged record Akeneo is there or visible: it needs package 3.0 or higher";

/// Ids and full names of the packaged `Akeneo` records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    /// The package's namespace.
    pub(crate) namespace: String,
    /// Tooling id of the Named Credential.
    pub(crate) named_credential: Option<String>,
    /// Tooling id of the identity provider.
    pub(crate) provider: Option<String>,
    /// Names of other packaged records, those of Salesforce Self among them; of providers with their flow.
    pub(crate) others: Vec<String>,
    /// Every namespace that has a record `Akeneo`.
    pub(crate) namespaces: BTreeSet<String>,
}

const PROVIDER: &str = "ExternalAuthIdentityProvider";
const KINDS: [&str; 3] = ["NamedCredential", "ExternalCredential", PROVIDER];

impl Records {
    /// Finds them. `namespace` decides where more than one package has such records.
    ///
    /// # Errors
    /// [`CallFault`].
    pub(crate) async fn find(org: &Org, namespace: Option<&str>) -> Result<Self, CallFault> {
        let mut found = Self::default();
        for kind in KINDS {
            let flow = if kind == PROVIDER { ",AuthenticationFlow" } else { "" };
            let soql = format!("SELECT Id,DeveloperName,NamespacePrefix{flow} FROM {kind} WHERE NamespacePrefix!=null");
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
            let flow = row["AuthenticationFlow"]
                .as_str()
                .map(|flow| format!(" ({flow})"))
                .unwrap_or_default();
            self.others.push(format!("{kind} {namespace}__{name}{flow}"));
            return;
        }
        self.namespaces.insert(namespace.clone());
        self.namespace = namespace;
        match kind {
            "NamedCredential" => self.named_credential = Some(text("Id")),
            PROVIDER => self.provider = Some(text("Id")),
            _ => {}
        }
    }

    /// `ns__Akeneo`.
    #[must_use]
    pub(crate) fn full_name(&self) -> String {
        format!("{}__Akeneo", self.namespace)
    }
}

/// Status of the packaged principal `Default`; empty where none is visible.
pub(crate) async fn principal(org: &Org, records: &Records) -> Result<String, CallFault> {
    let path = format!("named-credentials/external-credentials/{}", records.full_name());
    let reply = org.get(&path).await?;
    let all = reply.body["principals"].as_array().cloned().unwrap_or_default();
    let found = all
        .into_iter()
        .find(|principal| principal["principalName"] == "Default");
    Ok(found
        .and_then(|found| found["authenticationStatus"].as_str().map(str::to_owned))
        .unwrap_or_default())
}

/// Notes whether the principal still has the token that it had `before`; a lost one cannot be put back, so a person is told.
pub(crate) async fn principal_lost(
    probing: &mut Probing<'_>,
    question: &Question,
    before: &str,
) -> Result<(), CallFault> {
    if before != "Configured" {
        probing.open(
            question,
            "no token is stored in the principal; wire the org and ask again",
        );
        return Ok(());
    }
    let after = principal(probing.org, probing.records).await?;
    if after == before {
        probing.note(question, "yes: the principal is still Configured");
    } else {
        probing.note(question, format!("no: the principal is {after} afterwards"));
        probing.report.left_behind.push(
            "the packaged principal Default has lost its token: walk step 4 of the setup link, or click Authenticate in Setup > Security > \
             Named Credentials > External Credentials > Akeneo."
                .to_owned(),
        );
    }
    Ok(())
}
