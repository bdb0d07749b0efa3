//! Whether the "Akeneo PIM for Salesforce" package is installed, and which one (facts/salesforce 9).
//!
//! The source splits the ways by one question: are the packaged records there? The version only refines the answer, so a
//! user who may not see installed packages can still be served. It installs nothing: the link does, after a person's click.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::absence::or_default;
use super::api::{ApiError, Org, literal};
use super::record::{Discovery, Kind};
use super::record_id::PackageVersionId;

/// The first major version with packaged credentials (facts/salesforce 9).
const FIRST_WITH_RECORDS: u32 = 3;

/// A package version; compares like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackageVersion {
    /// Major.
    pub major: u32,
    /// Minor.
    pub minor: u32,
    /// Patch.
    pub patch: u32,
    /// Build.
    pub build: u32,
    /// Whether it is a beta.
    pub is_beta: bool,
}

impl fmt::Display for PackageVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.major, self.minor, self.patch, self.build)?;
        if self.is_beta { f.write_str(" beta") } else { Ok(()) }
    }
}

/// A version that an org has installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// `04t…`.
    pub version_id: PackageVersionId,
    /// The number, if the org tells it.
    pub version: Option<PackageVersion>,
}

/// What the org has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Package {
    /// No such package.
    Missing,
    /// A package before 3.0: no packaged credentials (facts/salesforce 7).
    Legacy {
        /// Its namespace.
        namespace: String,
        /// Its version.
        installed: Installed,
    },
    /// 3.0 or later, with its records.
    Current {
        /// Its namespace.
        namespace: String,
        /// Its version; `None` when this user may not see installed packages.
        installed: Option<Installed>,
    },
    /// 3.0 or later, but records are gone or invisible to this user.
    Incomplete {
        /// Its namespace.
        namespace: String,
        /// Its version.
        installed: Option<Installed>,
        /// What is not there.
        missing: BTreeSet<Kind>,
    },
    /// Several candidates; a person has to name the namespace.
    Ambiguous {
        /// Their namespaces.
        namespaces: BTreeSet<String>,
    },
}

#[derive(Debug, Deserialize)]
struct InstalledRow {
    #[serde(rename = "SubscriberPackage")]
    package: Option<PackageRow>,
    #[serde(rename = "SubscriberPackageVersionId")]
    version_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PackageRow {
    name: Option<String>,
    namespace_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionRow {
    major_version: u32,
    minor_version: u32,
    patch_version: u32,
    build_number: u32,
    #[serde(default, deserialize_with = "or_default")]
    is_beta: bool,
}

/// Decides what the org has, from its records and its installed packages (facts/salesforce 9).
///
/// # Errors
/// [`ApiError`]; a refusal to list packages is one only where the records leave the question open.
pub async fn detect(org: &Org, records: &Discovery, expected_namespace: Option<&str>) -> Result<Package, ApiError> {
    let namespace = match records {
        Discovery::Ambiguous { namespaces } => {
            return Ok(Package::Ambiguous {
                namespaces: namespaces.clone(),
            });
        }
        Discovery::Found(found) => Some(found.namespace.clone()),
        Discovery::Incomplete { namespace, .. } => Some(namespace.clone()),
        Discovery::Missing => expected_namespace.map(str::to_owned),
    };
    let rows = match list(org).await {
        Err(error) if error.is_refusal() && *records != Discovery::Missing => Vec::new(),
        other => other?,
    };
    let mut candidates: Vec<(String, PackageVersionId)> = rows
        .into_iter()
        .filter_map(|row| {
            let package = row
                .package
                .filter(|package| is_akeneos(package, namespace.as_deref()))?;
            let version_id = PackageVersionId::parse(row.version_id?.as_str()).ok()?;
            Some((package.namespace_prefix.unwrap_or_default(), version_id))
        })
        .collect();
    if candidates.len() > 1 {
        return Ok(Package::Ambiguous {
            namespaces: candidates.into_iter().map(|(namespace, _)| namespace).collect(),
        });
    }
    let installed = match candidates.pop() {
        Some((found, version_id)) => Some((
            found,
            Installed {
                version: number(org, &version_id).await?,
                version_id,
            },
        )),
        None => None,
    };
    Ok(judge(records, installed))
}

async fn list(org: &Org) -> Result<Vec<InstalledRow>, ApiError> {
    let soql = "SELECT SubscriberPackage.Id, SubscriberPackage.Name, SubscriberPackage.NamespacePrefix, SubscriberPackageVersionId FROM InstalledSubscriberPackage";
    org.tooling_query("salesforce.packages", soql).await
}

/// By namespace where one is known, else by name.
fn is_akeneos(package: &PackageRow, namespace: Option<&str>) -> bool {
    match namespace {
        Some(namespace) => package.namespace_prefix.as_deref() == Some(namespace),
        None => package
            .name
            .as_ref()
            .is_some_and(|name| name.to_ascii_lowercase().contains("akeneo")),
    }
}

async fn number(org: &Org, id: &PackageVersionId) -> Result<Option<PackageVersion>, ApiError> {
    let soql = format!(
        "SELECT MajorVersion,MinorVersion,PatchVersion,BuildNumber,IsBeta FROM SubscriberPackageVersion WHERE Id={}",
        literal(id.as_str())
    );
    let rows: Vec<VersionRow> = match org.tooling_query("salesforce.package_version", &soql).await {
        Err(error) if error.is_refusal() => Vec::new(),
        other => other?,
    };
    Ok(rows.into_iter().next().map(|row| PackageVersion {
        major: row.major_version,
        minor: row.minor_version,
        patch: row.patch_version,
        build: row.build_number,
        is_beta: row.is_beta,
    }))
}

fn judge(records: &Discovery, installed: Option<(String, Installed)>) -> Package {
    let major = installed
        .as_ref()
        .and_then(|(_, installed)| installed.version)
        .map(|version| version.major);
    let is_old = major.is_some_and(|major| major < FIRST_WITH_RECORDS);
    match (records, installed) {
        (Discovery::Ambiguous { namespaces }, _) => Package::Ambiguous {
            namespaces: namespaces.clone(),
        },
        (_, Some((namespace, installed))) if is_old => Package::Legacy { namespace, installed },
        (Discovery::Found(found), installed) => Package::Current {
            namespace: found.namespace.clone(),
            installed: installed.map(|(_, installed)| installed),
        },
        (Discovery::Incomplete { namespace, missing }, installed) => Package::Incomplete {
            namespace: namespace.clone(),
            installed: installed.map(|(_, installed)| installed),
            missing: missing.clone(),
        },
        (Discovery::Missing, Some((namespace, installed))) if major.is_some() => Package::Incomplete {
            namespace,
            installed: Some(installed),
            missing: Kind::ALL.into_iter().collect(),
        },
        // The version is not visible: the records decide, as they do in the source.
        (Discovery::Missing, Some((namespace, installed))) => Package::Legacy { namespace, installed },
        (Discovery::Missing, None) => Package::Missing,
    }
}

/// The click-through link that installs a version (facts/salesforce 9). `host` is the login host of the org's type, or the org's own.
#[must_use]
pub fn install_link(host: &Url, version: &PackageVersionId) -> Url {
    let mut url = host.clone();
    url.set_path("/packaging/installPackage.apexp");
    url.set_fragment(None);
    url.query_pairs_mut().clear().append_pair("p0", version.as_str());
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::record::{FullName, PackagedRecord, PackagedRecords};
    use crate::salesforce::record_id::RecordId;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    const REFUSED: &str =
        r#"[{"errorCode":"INVALID_TYPE","message":"sObject type 'InstalledSubscriberPackage' is not supported."}]"#;

    fn found() -> Discovery {
        let record = PackagedRecord {
            id: RecordId::parse("0XA4H000000TNRhWAO").unwrap(),
            full_name: FullName::new("ns", "Akeneo"),
        };
        Discovery::Found(PackagedRecords {
            namespace: "ns".into(),
            named_credential: record.clone(),
            external_credential: record.clone(),
            identity_provider: record,
            local_namesakes: BTreeSet::new(),
        })
    }

    fn packages(entries: &[(&str, &str)]) -> Reply {
        let rows: Vec<_> = entries
            .iter()
            .map(|(name, namespace)| {
                serde_json::json!({"attributes": {}, "SubscriberPackage": {"attributes": {}, "Id": "0334H000000TNRhQAO", "Name": name, "NamespacePrefix": namespace},
                    "SubscriberPackageVersionId": "04t4H000000TNRhQAO"})
            })
            .collect();
        Reply::json(
            200,
            &serde_json::json!({"size": rows.len(), "done": true, "queryLocator": null, "records": rows}).to_string(),
        )
    }

    fn version(major: u32) -> Reply {
        let row = serde_json::json!({"MajorVersion": major, "MinorVersion": 1, "PatchVersion": 0, "BuildNumber": 4, "IsBeta": false});
        Reply::json(
            200,
            &serde_json::json!({"size": 1, "done": true, "records": [row]}).to_string(),
        )
    }

    async fn detected(replies: Vec<Reply>, records: &Discovery, expected: Option<&str>) -> Result<Package, ApiError> {
        detect(&ScriptedOrg::start(replies).org(), records, expected).await
    }

    #[tokio::test]
    async fn records_and_version_together() {
        let all = [("Other", "oth"), ("Akeneo PIM", "ns")];
        let package = detected(vec![packages(&all), version(3)], &found(), None)
            .await
            .unwrap();
        let Package::Current {
            namespace,
            installed: Some(installed),
        } = package
        else {
            panic!("{package:?}")
        };
        assert_eq!(
            (namespace.as_str(), installed.version.unwrap().to_string().as_str()),
            ("ns", "3.1.0.4")
        );
        assert!(matches!(
            detected(vec![packages(&all), version(2)], &Discovery::Missing, None)
                .await
                .unwrap(),
            Package::Legacy { .. }
        ));
        assert!(matches!(
            detected(vec![packages(&all), version(2)], &found(), None)
                .await
                .unwrap(),
            Package::Legacy { .. }
        ));
        let package = detected(vec![packages(&all), version(4)], &Discovery::Missing, None)
            .await
            .unwrap();
        assert!(matches!(package, Package::Incomplete { missing, .. } if missing.len() == 3));
        let package = detected(vec![packages(&all)], &Discovery::Missing, Some("expected"))
            .await
            .unwrap();
        assert_eq!(package, Package::Missing);
        assert_eq!(
            detected(vec![packages(&[])], &Discovery::Missing, None).await.unwrap(),
            Package::Missing
        );
        let two = [("Akeneo PIM", "ns"), ("Akeneo fork", "fork")];
        assert!(matches!(
            detected(vec![packages(&two)], &Discovery::Missing, None).await.unwrap(),
            Package::Ambiguous { .. }
        ));
    }

    #[tokio::test]
    async fn records_suffice_where_packages_are_invisible() {
        let package = detected(vec![Reply::json(400, REFUSED)], &found(), None).await.unwrap();
        assert_eq!(
            package,
            Package::Current {
                namespace: "ns".into(),
                installed: None
            }
        );
        let error = detected(vec![Reply::json(400, REFUSED)], &Discovery::Missing, None)
            .await
            .unwrap_err();
        assert!(error.has_code("INVALID_TYPE"));
        let package = detected(
            vec![packages(&[("x", "ns")]), Reply::json(403, REFUSED)],
            &found(),
            None,
        )
        .await
        .unwrap();
        assert!(matches!(
            package,
            Package::Current {
                installed: Some(Installed { version: None, .. }),
                ..
            }
        ));
    }

    #[test]
    fn the_link_and_the_order_of_versions() {
        let id = PackageVersionId::parse("04t4H000000TNRh").unwrap();
        let login = Url::parse("https://test.salesforce.com/x?y#z").unwrap();
        assert_eq!(
            install_link(&login, &id).as_str(),
            "https://test.salesforce.com/packaging/installPackage.apexp?p0=04t4H000000TNRhQAO"
        );
        let version = |major, minor| PackageVersion {
            major,
            minor,
            patch: 0,
            build: 1,
            is_beta: true,
        };
        assert!(version(3, 10) > version(3, 9) && version(4, 0) > version(3, 10));
        assert_eq!(version(3, 1).to_string(), "3.1.0.1 beta");
    }
}
