//! Drift: desired and observed in, findings out. Pure.

use std::collections::BTreeSet;

use url::Url;

use super::{Finding, LegacyFinding, PrincipalStatus, runners};
use crate::connection::RunnerTrouble;
use crate::salesforce::record::Kind;

/// What an org should look like, as far as it can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The provider's Authorize URL.
    pub authorize_url: String,
    /// The provider's Token URL.
    pub token_url: String,
    /// The Named Credential's URL.
    pub endpoint: String,
    /// Names the client id and secret that the provider should have.
    pub generation: String,
    /// The client id among them.
    pub client_id: String,
}

/// How an org looks. Secret-equivalent values have been compared already and are not in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The provider's Authorize URL.
    pub authorize_url: Option<String>,
    /// The provider's Token URL.
    pub token_url: Option<String>,
    /// Whether the two Akeneo parameters belong to the desired client secret (facts/salesforce 0, decision 3).
    pub pair_proves: bool,
    /// Whether one of them exists more than once.
    pub duplicate_rows: bool,
    /// Those of the two that do not exist.
    pub missing_rows: Vec<String>,
    /// Types and names of all request parameters.
    pub rows: BTreeSet<String>,
    /// Whether the provider's parameters hold values of some set-up while its credentials and the principal's token are not there.
    pub secrets_gone: bool,
    /// Whether the org shows which scopes it will ask the PIM for.
    pub shows_scopes: bool,
    /// Whether the org shows that the provider's client id and secret are not what we wrote. What it shows is not documented
    /// (facts/salesforce 3.3), so nothing shown proves nothing.
    pub credentials_contradict: bool,
    /// Users that run transfers and cannot use the credentials yet.
    pub users_without_access: Vec<String>,
    /// Users that run transfers whom only a person can help.
    pub users_in_trouble: Vec<(String, RunnerTrouble)>,
    /// How many users that run transfers can use the credentials.
    pub users_with_access: usize,
    /// Whether the packaged permission set does not give Read on stored credentials.
    pub read_lost: bool,
    /// Kinds of records with the packaged name that are not the package's.
    pub namesakes: Vec<Kind>,
    /// Whether the package's developer decides about the Named Credential.
    pub developer_controlled: bool,
    /// The package's version, if the org tells it.
    pub package: Option<String>,
    /// The Named Credential's URL.
    pub endpoint: Option<String>,
    /// Enabled for Callouts.
    pub callouts: bool,
    /// The `Default` principal.
    pub principal: PrincipalStatus,
}

/// What we remember and the org does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Memory {
    /// The generation of the client id and secret that we wrote last.
    pub credentials_written: Option<String>,
    /// The client id that we wrote last.
    pub client_written: Option<String>,
    /// Whether the principal's stored token is known to belong to another PIM or app than the target.
    pub principal_is_stale: bool,
    /// Whether the org is known to ask the PIM for other scopes than ours (facts/akeneo 1.2, row 9).
    pub asks_for_other_scopes: bool,
    /// Whether there may be records of the headless way from before the package was upgraded.
    pub headless_records: bool,
    /// The package's version at the last complete look.
    pub package: Option<String>,
    /// The request parameters at the last complete look.
    pub rows: BTreeSet<String>,
}

/// The differences, and what they mean for the principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The differences.
    pub findings: Vec<Finding>,
    /// Whether the principal's stored token belongs to another PIM or app: callouts stay off until it is renewed, or the new
    /// PIM would be sent the old one's token.
    pub principal_is_stale: bool,
}

/// Whether two URLs as Salesforce keeps them mean the same: WHATWG-equal, with or without a trailing slash.
fn same(found: Option<&str>, wanted: &str) -> bool {
    let normal = |text: &str| Url::parse(text).map(|url| url.as_str().trim_end_matches('/').to_owned());
    matches!((found.map(normal), normal(wanted)), (Some(Ok(found)), Ok(wanted)) if found == wanted)
}

fn same_origin(found: Option<&str>, wanted: &str) -> bool {
    let origin = |text: &str| Url::parse(text).map(|url| url.origin());
    matches!((found.map(origin), origin(wanted)), (Some(Ok(found)), Ok(wanted)) if found == wanted)
}

/// What is told and holds nothing up.
fn notes(observed: &Observed, memory: &Memory) -> impl Iterator<Item = Finding> {
    let namesakes = (!observed.namesakes.is_empty()).then(|| Finding::Namesakes {
        kinds: observed.namesakes.clone(),
    });
    let controlled = observed.developer_controlled.then_some(Finding::DeveloperControlled);
    let lost: Vec<String> = memory.rows.difference(&observed.rows).cloned().collect();
    let lost = (!lost.is_empty()).then_some(Finding::RowsLost { rows: lost });
    let changed = match (&memory.package, &observed.package) {
        (Some(from), Some(to)) if from != to => Some(Finding::PackageChanged {
            from: from.clone(),
            to: to.clone(),
        }),
        _ => None,
    };
    [namesakes, controlled, lost, changed].into_iter().flatten()
}

/// Compares an org with its target.
#[must_use]
pub fn drift(target: &Target, observed: &Observed, memory: &Memory) -> Drift {
    let mut findings = Vec::new();
    let configured = observed.principal == PrincipalStatus::Configured;
    let issued_elsewhere = !same_origin(observed.token_url.as_deref(), &target.token_url);
    // A token from before we wrote this app's credentials cannot be this app's.
    let other_app = memory.client_written.as_ref() != Some(&target.client_id);
    let principal_is_stale = configured && (memory.principal_is_stale || issued_elsewhere || other_app);

    if observed.duplicate_rows {
        findings.push(Finding::DuplicateParameterRows);
    }
    let urls = same(observed.authorize_url.as_deref(), &target.authorize_url)
        && same(observed.token_url.as_deref(), &target.token_url);
    if !urls {
        findings.push(Finding::ProviderUrls);
    }
    if !observed.missing_rows.is_empty() {
        findings.push(Finding::NeedsRepair {
            rows: observed.missing_rows.clone(),
        });
    }
    if !observed.pair_proves {
        findings.push(Finding::ProviderParameters);
    }
    if memory.asks_for_other_scopes && !observed.shows_scopes {
        findings.push(Finding::ScopesNotAsked);
    }
    // Whoever wrote another app's pair wrote its client id and secret too, which the org need not show.
    let overwritten = observed.credentials_contradict || !observed.pair_proves;
    if observed.secrets_gone && overwritten {
        findings.push(Finding::SecretsGone);
    }
    if overwritten || memory.credentials_written.as_ref() != Some(&target.generation) {
        findings.push(Finding::ProviderCredentials);
    }
    findings.extend(runners::findings(
        &observed.users_without_access,
        &observed.users_in_trouble,
        observed.users_with_access,
        observed.read_lost,
    ));
    if !same(observed.endpoint.as_deref(), &target.endpoint) {
        findings.push(Finding::NamedCredentialUrl);
    }
    match (principal_is_stale, observed.callouts) {
        (true, true) => findings.push(Finding::CalloutsTooEarly),
        (false, false) => findings.push(Finding::CalloutsOff),
        _ => {}
    }
    if memory.headless_records {
        findings.push(Finding::Legacy {
            what: LegacyFinding::TokenRecords,
        });
    }
    findings.extend(notes(observed, memory));
    Drift {
        findings,
        principal_is_stale,
    }
}
