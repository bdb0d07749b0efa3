//! What a person did in an org that we cannot set up by ourselves: which tasks of the guide's Part B or D are left, and whether the client id
//! and secret were entered, which the org never gives back (facts/salesforce 3.3). Pure.

use super::{Finding, LegacyFinding, PrincipalStatus};
use crate::connection::{Connection, Evidence, GuidePart, Task, Wiring};

/// The package shows no plugin that we know.
const UNKNOWN: Finding = Finding::Legacy {
    what: LegacyFinding::PluginUnknown,
};

/// Whether the org refuses what the service would write, or does not show what it would have to name there, so that a person has to do it.
#[must_use]
pub fn is_refused(connection: &Connection) -> bool {
    let findings = &connection.wiring.findings;
    let refused = findings
        .iter()
        .any(|finding| matches!(finding, Finding::WriteRefused { .. }));
    let needed = refused || is_plugin_unknown(connection);
    let side = &connection.salesforce;
    side.org.is_some() && side.readiness.is_some() && connection.has_its_package() && needed
}

/// Whether the package shows no plugin that the service knows, so that only a person can make the Auth. Provider.
#[must_use]
pub fn is_plugin_unknown(connection: &Connection) -> bool {
    connection.wiring.findings.contains(&UNKNOWN)
}

/// Whether a person ticks a task of an org that is connected, because the org does not tell whether it is done.
#[must_use]
pub fn is_ticked(connection: &Connection, task: Task) -> bool {
    match connection.guide_part() {
        GuidePart::Fallback => task == Task::Credentials,
        GuidePart::AuthProvider => task == Task::AuthProvider && connection.wiring.settings_hidden,
    }
}

/// What the last look says of each task of an org that is connected, in the safe order.
#[must_use]
pub fn tasks(connection: &Connection) -> Vec<(Task, Option<Evidence>)> {
    match connection.guide_part() {
        GuidePart::Fallback => of_the_packaged(&connection.wiring),
        GuidePart::AuthProvider => of_the_classic(&connection.wiring),
    }
}

/// Part D. The last look shows everything but, in some orgs, how the provider was made.
fn of_the_classic(wiring: &Wiring) -> Vec<(Task, Option<Evidence>)> {
    let found = |finding: Finding| wiring.findings.contains(&finding);
    if found(UNKNOWN) {
        // The service does the rest as soon as there is a provider.
        return vec![(Task::AuthProvider, None)];
    }
    let differs = |task: Task| {
        let about = |finding: &Finding| matches!(finding, Finding::Legacy { what } if what.task() == Some(task));
        wiring.findings.iter().any(about)
    };
    let stale = wiring.principal_stale_since.is_some();
    let evidence = |open: bool| (!open).then_some(Evidence::Seen);
    let provider = evidence(differs(Task::AuthProvider));
    // While callouts are off none can prove it; what passed through us has to do until then.
    let passed = wiring.relayed_at.is_some() && !wiring.callouts_enabled;
    let authorized = wiring.principal == PrincipalStatus::Configured || passed;
    let said = (wiring.settings_hidden && wiring.credentials_by_hand.is_some()).then_some(Evidence::Said);
    let mut tasks = Vec::new();
    if found(Finding::CalloutsTooEarly) {
        tasks.push((Task::Pause, None));
    }
    tasks.extend([
        (Task::AuthProvider, provider.map(|seen| said.unwrap_or(seen))),
        (
            Task::ClassicCredential,
            evidence(differs(Task::ClassicCredential) || found(Finding::NamedCredentialUrl)),
        ),
        (Task::Authorize, evidence(!authorized || stale)),
        (Task::Callouts, evidence(stale || !wiring.callouts_enabled)),
    ]);
    tasks
}

/// Part B.
fn of_the_packaged(wiring: &Wiring) -> Vec<(Task, Option<Evidence>)> {
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
