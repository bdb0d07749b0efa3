//! Which of the package's records are meant: a Named Credential, the External Credential that it uses, and the identity
//! provider behind that, all in the package's namespace and none of them the ones called `Akeneo`.

use serde::Deserialize;

use super::super::api::{ApiError, Org, literal};
use super::super::record::{DEVELOPER_NAME, FullName, Kind, PackagedRecord};
use super::super::record_id::RecordId;
use super::super::{external_credential, named_credential};

/// The flow of the provider that is meant (facts/salesforce 8.3).
const FLOW: &str = "ClientCredentials";

/// The three packaged records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfRecords {
    /// Named Credential.
    pub named_credential: PackagedRecord,
    /// External Credential.
    pub external_credential: PackagedRecord,
    /// External Auth Identity Provider.
    pub identity_provider: PackagedRecord,
}

/// What the package has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelfDiscovery {
    /// One set of records.
    Packaged(SelfRecords),
    /// Nothing of the kind.
    NotPackaged,
    /// Some of the records, and no whole set.
    Incomplete,
    /// More than one set.
    Ambiguous,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: RecordId,
    developer_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FlowRow {
    id: RecordId,
    authentication_flow: Option<String>,
}

/// Looks for the records in the package's namespace.
///
/// # Errors
/// [`ApiError`].
pub async fn discover(org: &Org, namespace: &str) -> Result<SelfDiscovery, ApiError> {
    let named = list(org, Kind::NamedCredential, namespace).await?;
    let external = list(org, Kind::ExternalCredential, namespace).await?;
    let providers = list(org, Kind::IdentityProvider, namespace).await?;
    // A Named Credential for something else, in front of the main credentials, is no sign of it.
    if external.is_empty() && providers.is_empty() {
        return Ok(SelfDiscovery::NotPackaged);
    }
    let mut chains = chains(org, &named, &external, &providers).await?;
    if chains.len() > 1 {
        let meant = client_credentials(org, namespace).await?;
        chains.retain(|chain| meant.contains(&chain.identity_provider.id));
    }
    Ok(match (chains.pop(), chains.is_empty()) {
        (Some(records), true) => SelfDiscovery::Packaged(records),
        (Some(_), false) => SelfDiscovery::Ambiguous,
        (None, _) => SelfDiscovery::Incomplete,
    })
}

async fn list(org: &Org, kind: Kind, namespace: &str) -> Result<Vec<PackagedRecord>, ApiError> {
    let soql = format!(
        "SELECT Id,DeveloperName,NamespacePrefix,ManageableState FROM {} WHERE NamespacePrefix={}",
        kind.tooling_object(),
        literal(namespace)
    );
    let rows: Vec<Row> = org.tooling_query("salesforce.self.discover", &soql).await?;
    let others = rows.into_iter().filter(|row| row.developer_name != DEVELOPER_NAME);
    Ok(others
        .map(|row| PackagedRecord {
            id: row.id,
            full_name: FullName::new(namespace, &row.developer_name),
        })
        .collect())
}

/// Follows the links from each Named Credential.
async fn chains(
    org: &Org,
    named: &[PackagedRecord],
    external: &[PackagedRecord],
    providers: &[PackagedRecord],
) -> Result<Vec<SelfRecords>, ApiError> {
    // Whether a link carries the namespace is not known (facts/salesforce 4.1).
    let by_name = |list: &[PackagedRecord], name: &str| list.iter().find(|one| one.full_name.is_called(name)).cloned();
    let mut chains = Vec::new();
    for credential in named {
        let links = named_credential::read(org, credential).await?.external_credentials;
        for link in links.iter().filter_map(|name| by_name(external, name)) {
            let provider = external_credential::read(org, &link).await?.identity_provider;
            if let Some(provider) = provider.and_then(|name| by_name(providers, &name)) {
                chains.push(SelfRecords {
                    named_credential: credential.clone(),
                    external_credential: link,
                    identity_provider: provider,
                });
            }
        }
    }
    Ok(chains)
}

async fn client_credentials(org: &Org, namespace: &str) -> Result<Vec<RecordId>, ApiError> {
    let soql = format!(
        "SELECT Id,AuthenticationFlow FROM {} WHERE NamespacePrefix={}",
        Kind::IdentityProvider.tooling_object(),
        literal(namespace)
    );
    let rows: Vec<FlowRow> = org.tooling_query("salesforce.self.flow", &soql).await?;
    let meant = rows
        .into_iter()
        .filter(|row| row.authentication_flow.as_deref() == Some(FLOW));
    Ok(meant.map(|row| row.id).collect())
}
