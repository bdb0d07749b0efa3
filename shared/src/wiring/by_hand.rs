//! What a person did in an org that refuses our writes: which tasks of the guide's Part B are left, and whether the client id
//! and secret were entered, which the org never gives back (facts/salesforce 3.3). Pure.

use super::{Finding, PrincipalStatus};
use crate::connection::{Connection, Evidence, Task, Wiring};
use crate::salesforce::Package;

/// Whether the org refuses what the service would write, so that a person has to do it.
#[must_use]
pub fn is_refused(connection: &Connection) -> bool {
    let findings = &connection.wiring.findings;
    let refused = findings
        .iter()
        .any(|finding| matches!(finding, Finding::WriteRefused { .. }));
    let readiness = connection.salesforce.readiness.as_ref();
    let packaged = readiness.is_some_and(|readiness| matches!(readiness.package, Package::Current { .. }));
    connection.salesforce.org.is_some() && packaged && refused
}

/// What the last look says of each task of an org that is connected, in the safe order.
#[must_use]
pub fn tasks(connection: &Connection) -> Vec<(Task, Option<Evidence>)> {
    let wiring = &connection.wiring;
    let found = |wanted: fn(&Finding) -> bool| wiring.findings.iter().any(wanted);
    let stale = wiring.principal_stale_since.is_some();
    let callouts = found(|finding| matches!(finding, Finding::NamedCredentialUrl | Finding::CalloutsOff));
    let evidence = |open: bool| (!open).then_some(Evidence::Seen);
    let mut tasks = Vec::new();
    if found(|finding| matches!(finding, Finding::CalloutsTooEarly)) {
        tasks.push((Task::Pause, None));
    }
    tasks.push((
        Task::ProviderUrls,
        evidence(found(|finding| matches!(finding, Finding::ProviderUrls))),
    ));
    let rows = |finding: &Finding| {
        matches!(
            finding,
            Finding::ProviderParameters | Finding::DuplicateParameterRows | Finding::NeedsRepair { .. }
        )
    };
    tasks.push((Task::Parameters, evidence(found(rows))));
    if found(|finding| matches!(finding, Finding::ScopesNotAsked)) {
        tasks.push((Task::Scopes, None));
    }
    let said = (wiring.credentials_by_hand.is_some() && !wiring.credentials_match).then_some(Evidence::Said);
    let credentials = evidence(found(|finding| {
        matches!(finding, Finding::ProviderCredentials | Finding::SecretsGone)
    }));
    tasks.push((Task::Credentials, credentials.map(|seen| said.unwrap_or(seen))));
    let access = |finding: &Finding| {
        matches!(
            finding,
            Finding::AccessMissing { .. } | Finding::NobodyHasAccess | Finding::ReadLost
        )
    };
    tasks.push((Task::Access, evidence(found(access))));
    let authorize = evidence(wiring.principal != PrincipalStatus::Configured || stale);
    // Callouts last where the stored token is another PIM's; before the authorization otherwise, as the service does it.
    if stale {
        tasks.push((Task::Authorize, authorize));
        tasks.push((Task::NamedCredential, None));
    } else {
        tasks.push((Task::NamedCredential, evidence(callouts)));
        tasks.push((Task::Authorize, authorize));
    }
    tasks
}

/// Whether a person has entered the credentials since the last look: the org refused our writes, did not show these credentials
/// then, and shows them now.
pub(super) fn entered(wiring: &Wiring, matching: bool) -> bool {
    let refused = wiring
        .findings
        .iter()
        .any(|finding| matches!(finding, Finding::WriteRefused { .. }));
    refused && matching && !wiring.credentials_match
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_appear_after_a_refusal_were_entered_by_a_person() {
        let refused = Finding::WriteRefused {
            change: "provider".to_owned(),
        };
        let check = |findings: Vec<Finding>, before, now, expect| {
            let wiring = Wiring {
                findings,
                credentials_match: before,
                ..Wiring::default()
            };
            assert_eq!(entered(&wiring, now), expect);
        };
        check(vec![refused.clone()], false, true, true);
        check(vec![refused.clone()], true, true, false);
        check(vec![refused], false, false, false);
        check(vec![Finding::ProviderCredentials], false, true, false);
    }
}
