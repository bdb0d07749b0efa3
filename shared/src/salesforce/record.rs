//! The packaged records named `Akeneo`, and the namespace that they reveal (facts/salesforce 2.1, 13.A step 2).
//!
//! The namespace is not public; the records tell it. Records of the same name without a namespace are the customer's
//! own and are never touched: the source forbids duplicates, and these are no replacement for the packaged ones.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::api::{ApiError, Org, literal};
use super::record_id::RecordId;

/// The developer name of all three records (facts/salesforce 2.1).
pub const DEVELOPER_NAME: &str = "Akeneo";

/// A developer name with its namespace: `ns__Akeneo` (facts/salesforce 1.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FullName(String);

impl FullName {
    /// The full name of a packaged record.
    #[must_use]
    pub fn new(namespace: &str, developer_name: &str) -> Self {
        Self(format!("{namespace}__{developer_name}"))
    }

    /// The full name of a record without a namespace.
    #[must_use]
    pub fn local(developer_name: &str) -> Self {
        Self(developer_name.to_owned())
    }

    /// `ns__Akeneo`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `name` is this one, with its namespace or without.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.0 == name || self.0.split_once("__").is_some_and(|(_, bare)| bare == name)
    }
}

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of the three kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Named Credential.
    NamedCredential,
    /// External Credential.
    ExternalCredential,
    /// External Auth Identity Provider.
    IdentityProvider,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NamedCredential, Self::ExternalCredential, Self::IdentityProvider];

    /// The Tooling object (facts/salesforce 1.3).
    #[must_use]
    pub fn tooling_object(self) -> &'static str {
        match self {
            Self::NamedCredential => "NamedCredential",
            Self::ExternalCredential => "ExternalCredential",
            Self::IdentityProvider => "ExternalAuthIdentityProvider",
        }
    }
}

/// A packaged record, found and not yet read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackagedRecord {
    /// Its id, for Tooling.
    pub id: RecordId,
    /// Its full name, for Connect.
    pub full_name: FullName,
}

/// The three packaged records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackagedRecords {
    /// The package's namespace.
    pub namespace: String,
    /// Named Credential.
    pub named_credential: PackagedRecord,
    /// External Credential.
    pub external_credential: PackagedRecord,
    /// External Auth Identity Provider.
    pub identity_provider: PackagedRecord,
    /// Kinds of which the customer has a record of the same name without a namespace.
    pub local_namesakes: BTreeSet<Kind>,
}

/// What there is in the org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Discovery {
    /// Exactly one set of records.
    Found(PackagedRecords),
    /// One namespace with some of the records.
    Incomplete {
        /// The namespace.
        namespace: String,
        /// What it lacks.
        missing: BTreeSet<Kind>,
    },
    /// No packaged record: no package, or one before 3.0.
    Missing,
    /// Several namespaces have such records, and none was expected.
    Ambiguous {
        /// Their namespaces.
        namespaces: BTreeSet<String>,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: RecordId,
    namespace_prefix: Option<String>,
}

/// Looks for the records (facts/salesforce 2.1). With an expected namespace, records of others do not count.
///
/// # Errors
/// [`ApiError`].
pub async fn discover(org: &Org, expected_namespace: Option<&str>) -> Result<Discovery, ApiError> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let soql = format!(
            "SELECT Id,DeveloperName,NamespacePrefix,ManageableState FROM {} WHERE DeveloperName={}",
            kind.tooling_object(),
            literal(DEVELOPER_NAME)
        );
        let rows: Vec<Row> = org.tooling_query("salesforce.discover", &soql).await?;
        found.extend(rows.into_iter().map(|row| (kind, row)));
    }
    Ok(sort(&found, expected_namespace))
}

fn sort(found: &[(Kind, Row)], expected: Option<&str>) -> Discovery {
    let namespace_of = |row: &Row| row.namespace_prefix.clone().filter(|prefix| !prefix.is_empty());
    let local_namesakes = found
        .iter()
        .filter(|(_, row)| namespace_of(row).is_none())
        .map(|(kind, _)| *kind)
        .collect();
    let namespaces: BTreeSet<String> = found
        .iter()
        .filter_map(|(_, row)| namespace_of(row))
        .filter(|namespace| expected.is_none_or(|expected| expected == namespace))
        .collect();
    let record = |namespace: &str, wanted: Kind| {
        found
            .iter()
            .find(|(kind, row)| *kind == wanted && row.namespace_prefix.as_deref() == Some(namespace))
            .map(|(_, row)| PackagedRecord {
                id: row.id.clone(),
                full_name: FullName::new(namespace, DEVELOPER_NAME),
            })
    };
    let complete = |namespace: &String| {
        Some(PackagedRecords {
            namespace: namespace.clone(),
            named_credential: record(namespace, Kind::NamedCredential)?,
            external_credential: record(namespace, Kind::ExternalCredential)?,
            identity_provider: record(namespace, Kind::IdentityProvider)?,
            local_namesakes: BTreeSet::clone(&local_namesakes),
        })
    };
    let mut sets: Vec<PackagedRecords> = namespaces.iter().filter_map(complete).collect();
    match (sets.pop(), sets.is_empty(), namespaces.len()) {
        (Some(records), true, _) => Discovery::Found(records),
        (None, _, 0) => Discovery::Missing,
        (None, _, 1) => {
            let namespace = namespaces.into_iter().next().unwrap_or_default();
            let missing = Kind::ALL
                .into_iter()
                .filter(|kind| record(&namespace, *kind).is_none())
                .collect();
            Discovery::Incomplete { namespace, missing }
        }
        _ => Discovery::Ambiguous { namespaces },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    fn row(kind: Kind, namespace: Option<&str>) -> (Kind, Row) {
        (
            kind,
            Row {
                id: RecordId::parse("0XA4H000000TNRhWAO").unwrap(),
                namespace_prefix: namespace.map(str::to_owned),
            },
        )
    }

    fn set(namespace: &str) -> Vec<(Kind, Row)> {
        Kind::ALL.into_iter().map(|kind| row(kind, Some(namespace))).collect()
    }

    #[test]
    fn one_complete_set_is_found() {
        let mut found = set("ns");
        found.push(row(Kind::NamedCredential, None));
        found.push(row(Kind::NamedCredential, Some("other")));
        let Discovery::Found(records) = sort(&found, None) else {
            panic!("not found")
        };
        assert_eq!(records.external_credential.full_name.as_str(), "ns__Akeneo");
        assert_eq!(records.local_namesakes, BTreeSet::from([Kind::NamedCredential]));
    }

    #[test]
    fn anything_else_stops() {
        assert_eq!(sort(&[], None), Discovery::Missing);
        assert_eq!(sort(&[row(Kind::NamedCredential, None)], None), Discovery::Missing);
        assert_eq!(sort(&[row(Kind::NamedCredential, Some(""))], None), Discovery::Missing);
        assert_eq!(sort(&set("ns"), Some("expected")), Discovery::Missing);
        assert_eq!(
            sort(&set("ns")[..1], None),
            Discovery::Incomplete {
                namespace: "ns".into(),
                missing: BTreeSet::from([Kind::ExternalCredential, Kind::IdentityProvider])
            }
        );
        let two = [set("ns"), set("fork")].concat();
        assert_eq!(
            sort(&two, None),
            Discovery::Ambiguous {
                namespaces: BTreeSet::from(["fork".into(), "ns".into()])
            }
        );
        assert!(matches!(sort(&two, Some("fork")), Discovery::Found(records) if records.namespace == "fork"));
    }

    #[tokio::test]
    async fn each_kind_is_asked_for() {
        let page = |object: &str, id: &str| {
            Reply::json(
                200,
                &format!(
                    r#"{{"size":1,"totalSize":1,"done":true,"queryLocator":null,"entityTypeName":"{object}","records":[{{"attributes":{{"type":"{object}","url":"/x"}},
                    "Id":"{id}","DeveloperName":"Akeneo","NamespacePrefix":"ns","ManageableState":"installed"}}]}}"#
                ),
            )
        };
        let org = ScriptedOrg::start(vec![
            page("NamedCredential", "0XA4H000000TNRhWAO"),
            page("ExternalCredential", "0pt4H000000TNRhQAO"),
            page("ExternalAuthIdentityProvider", "0so4H000000TNRhQAO"),
        ]);
        let Discovery::Found(records) = discover(&org.org(), None).await.unwrap() else {
            panic!("not found")
        };
        assert_eq!(records.identity_provider.id.as_str(), "0so4H000000TNRhQAO");
        assert_eq!(
            org.lines()[0],
            "GET tooling/query/?q=SELECT+Id%2CDeveloperName%2CNamespacePrefix%2CManageableState+FROM+NamedCredential+WHERE+DeveloperName%3D%27Akeneo%27"
        );
    }
}
