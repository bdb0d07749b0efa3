//! The packaged External Credential: its principals and whether they hold a token (facts/salesforce 4.1).
//!
//! Read only: the wiring of 3.0 and later writes nothing here. `Configured` says that a token is stored, not that it
//! works (facts/salesforce 14.4 item 12).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::absence::or_default;
use super::api::{ApiError, Org, Resource};
use super::parameter::Row;
use super::record::PackagedRecord;
use super::record_id::{PrincipalId, RecordId};
use super::requested_scopes;

/// The packaged principal (facts/salesforce 0).
pub const DEFAULT_PRINCIPAL: &str = "Default";

/// Whether a principal holds a token (facts/salesforce 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationStatus {
    /// A token is stored.
    Configured,
    /// No token yet, or lost with a sandbox refresh.
    NotConfigured,
    /// The org cannot tell, or does not.
    Unknown,
}

impl AuthenticationStatus {
    fn read(text: Option<&str>) -> Self {
        match text {
            Some("Configured") => Self::Configured,
            Some("NotConfigured") => Self::NotConfigured,
            _ => Self::Unknown,
        }
    }
}

/// A principal as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Its id, which grants refer to; absent when this user sees too little.
    pub id: Option<PrincipalId>,
    /// Its name.
    pub name: String,
    /// `NamedPrincipal` for the packaged one.
    pub kind: String,
    /// Whether it holds a token.
    pub status: AuthenticationStatus,
}

/// An External Credential as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalCredential {
    /// The record.
    pub record: PackagedRecord,
    /// `OAuth` for the packaged one (Connect's spelling, facts/salesforce 4.2).
    pub protocol: String,
    /// Full name of the identity provider that it uses.
    pub identity_provider: Option<String>,
    /// The principals. None at all means that the user lacks "View Setup and Configuration", not drift (facts/salesforce 4.1).
    pub principals: Vec<Principal>,
    /// The scopes that it asks for, where it says so.
    pub scopes: Option<BTreeSet<String>>,
}

impl ExternalCredential {
    /// The packaged principal. The credential's own status would be good with any other one (facts/salesforce 4.1).
    #[must_use]
    pub fn default_principal(&self) -> Option<&Principal> {
        self.principals
            .iter()
            .find(|principal| principal.name == DEFAULT_PRINCIPAL)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    authentication_protocol: Option<String>,
    parameters: Option<Vec<Row>>,
    principals: Option<Vec<PrincipalOutput>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PrincipalOutput {
    authentication_status: Option<String>,
    id: Option<String>,
    parameters: Option<Vec<Row>>,
    #[serde(default, deserialize_with = "or_default")]
    principal_name: String,
    principal_type: Option<String>,
}

/// Reads the External Credential (facts/salesforce 4.1).
///
/// # Errors
/// [`ApiError`].
pub async fn read(org: &Org, record: &PackagedRecord) -> Result<ExternalCredential, ApiError> {
    let resource = Resource::named_credentials("external-credentials", record.full_name.as_str());
    let output: Output = org.get("salesforce.external_credential.read", &resource).await?;
    let rows = output.parameters.unwrap_or_default();
    let principals = output.principals.unwrap_or_default();
    let own = principals
        .iter()
        .filter(|principal| principal.principal_name == DEFAULT_PRINCIPAL);
    let own_rows = own.flat_map(|principal| principal.parameters.iter().flatten());
    let scopes = requested_scopes::in_rows(rows.iter().chain(own_rows), |_| true);
    let provider = rows.iter().find(|row| row.kind() == "ExternalAuthIdentityProvider");
    Ok(ExternalCredential {
        record: record.clone(),
        protocol: output.authentication_protocol.unwrap_or_default(),
        identity_provider: provider.and_then(Row::value).map(str::to_owned),
        scopes,
        principals: principals.into_iter().map(principal).collect(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct All {
    #[serde(default, deserialize_with = "or_default")]
    external_credentials: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    developer_name: Option<String>,
    principals: Option<Vec<PrincipalOutput>>,
}

/// The names of these principals in the Metadata API's form, `ns__Akeneo-Default` (facts/salesforce 6), in the order of the org's list.
///
/// # Errors
/// [`ApiError`].
pub async fn principal_names(org: &Org, ids: &BTreeSet<RecordId>) -> Result<Vec<String>, ApiError> {
    let resource = Resource::new(&["named-credentials", "external-credentials"]);
    let all: All = org.get("salesforce.external_credential.list", &resource).await?;
    let mut names = Vec::new();
    for credential in all.external_credentials {
        let name = credential.developer_name.unwrap_or_default();
        for found in credential.principals.into_iter().flatten().map(principal) {
            if found.id.is_some_and(|id| ids.contains(id.record())) {
                names.push(format!("{name}-{}", found.name));
            }
        }
    }
    Ok(names)
}

fn principal(output: PrincipalOutput) -> Principal {
    Principal {
        id: output.id.and_then(|id| PrincipalId::parse(&id).ok()),
        name: output.principal_name,
        kind: output.principal_type.unwrap_or_default(),
        status: AuthenticationStatus::read(output.authentication_status.as_deref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::record::FullName;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    const BODY: &str = r#"{"authenticationProtocol":"OAuth","authenticationProtocolVariant":null,"authenticationStatus":"Configured","createdByNamespace":"ns","customHeaders":[],
        "developerName":"ns__Akeneo","id":"0pt4H000000TNRhQAO","masterLabel":"Akeneo","parameters":[{"parameterName":"ns__Akeneo","parameterType":"ExternalAuthIdentityProvider","parameterValue":"ns__Akeneo"},
        {"parameterName":"Scope","parameterType":"AuthParameter","parameterValue":"read_products read_catalogs"}],
        "principals":[{"authenticationStatus":"Configured","id":"0pu4H000000TNRiQAO","parameters":[],"principalAccess":[],"principalName":"Other","principalType":"NamedPrincipal","sequenceNumber":2},
        {"authenticationStatus":"NotConfigured","id":"0pu4H000000TNRhQAO","parameters":[],"principalAccess":[],"principalName":"Default","principalType":"NamedPrincipal","sequenceNumber":1}],
        "relatedNamedCredentials":[],"url":"/services/data/v64.0/named-credentials/external-credentials/ns__Akeneo"}"#;

    fn record() -> PackagedRecord {
        PackagedRecord {
            id: RecordId::parse("0pt4H000000TNRhQAO").unwrap(),
            full_name: FullName::new("ns", "Akeneo"),
        }
    }

    #[tokio::test]
    async fn the_default_principal_counts() {
        let org = ScriptedOrg::start(vec![Reply::json(200, BODY)]);
        let credential = read(&org.org(), &record()).await.unwrap();
        let principal = credential.default_principal().unwrap();
        assert_eq!(principal.status, AuthenticationStatus::NotConfigured);
        assert_eq!(principal.id.as_ref().unwrap().as_str(), "0pu4H000000TNRhQAO");
        assert_eq!(credential.identity_provider.as_deref(), Some("ns__Akeneo"));
        assert_eq!(
            credential.scopes,
            Some(BTreeSet::from(["read_catalogs".to_owned(), "read_products".to_owned()]))
        );
        assert_eq!(org.lines(), ["GET named-credentials/external-credentials/ns__Akeneo"]);
        let text = serde_json::to_string(&credential).unwrap();
        assert_eq!(serde_json::from_str::<ExternalCredential>(&text).unwrap(), credential);
    }

    #[tokio::test]
    async fn an_empty_answer_is_a_matter_of_permission() {
        let org = ScriptedOrg::start(vec![Reply::json(
            200,
            r#"{"authenticationProtocol":"OAuth","parameters":null,"principals":[]}"#,
        )]);
        let credential = read(&org.org(), &record()).await.unwrap();
        assert!(credential.principals.is_empty() && credential.default_principal().is_none());
    }
}
