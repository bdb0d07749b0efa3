//! Drift and plan of the headless way. Pure.
//!
//! External Credential → token → access → Named Credential. A token is never stored while callouts go to another PIM's host.

use crate::wiring::{Change, Drift, Finding, LegacyFinding};

/// A record of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Present {
    /// It is not there.
    Absent,
    /// It has other settings.
    Otherwise,
    /// It is as we make it.
    AsMade,
}

/// How the org looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Observed {
    /// The External Credential.
    pub(super) credential: Present,
    /// Whether the token that we have now is stored there, as far as we know.
    pub(super) token: bool,
    /// What is amiss with the access of the users that run transfers.
    pub(super) access: Vec<Finding>,
    /// The Named Credential.
    pub(super) named: Present,
    /// Whether its URL is the PIM's.
    pub(super) url: bool,
    /// Enabled for Callouts.
    pub(super) callouts: bool,
}

/// One full-state write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadlessChange {
    /// The External Credential.
    Credential,
    /// The token in it.
    Token,
    /// The Named Credential.
    Named {
        /// Enabled for Callouts.
        callouts: bool,
    },
    /// The same, where only callouts are off.
    Callouts,
}

impl HeadlessChange {
    /// Stable name for the audit trail and for findings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Credential => "token_credential",
            Self::Token => "stored_token",
            Self::Named { .. } => "named_credential",
            Self::Callouts => "callouts",
        }
    }

    /// Whether a health check may make it by itself.
    #[must_use]
    pub fn heals(self) -> bool {
        self == Self::Callouts
    }
}

/// What differs from what should be there.
pub(super) fn drift(observed: &Observed) -> Drift {
    let mut findings = Vec::new();
    let legacy = |what| Finding::Legacy { what };
    if observed.credential != Present::AsMade {
        findings.push(legacy(LegacyFinding::TokenCredential));
    }
    if !observed.token {
        findings.push(legacy(LegacyFinding::StoredToken));
    }
    findings.extend(observed.access.iter().cloned());
    if observed.named != Present::AsMade {
        findings.push(legacy(LegacyFinding::TokenNamedCredential));
    }
    if observed.named != Present::Absent {
        if !observed.url {
            findings.push(Finding::NamedCredentialUrl);
        }
        match (observed.token || observed.url, observed.callouts) {
            (false, true) => findings.push(Finding::CalloutsTooEarly),
            (_, false) => findings.push(Finding::CalloutsOff),
            (true, true) => {}
        }
    }
    Drift {
        findings,
        principal_is_stale: false,
    }
}

/// The changes that remove the findings, in order.
#[must_use]
pub(in super::super) fn plan(drift: &Drift) -> Vec<Change> {
    let found = |finding: &Finding| drift.findings.contains(finding);
    let legacy = |what| found(&Finding::Legacy { what });
    let headless = Change::Headless;
    let mut changes = Vec::new();
    if found(&Finding::CalloutsTooEarly) {
        changes.push(headless(HeadlessChange::Named { callouts: false }));
    }
    if legacy(LegacyFinding::TokenCredential) {
        changes.push(headless(HeadlessChange::Credential));
    }
    if legacy(LegacyFinding::StoredToken) {
        changes.push(headless(HeadlessChange::Token));
    }
    let access = |finding: &Finding| matches!(finding, Finding::AccessMissing { .. });
    // A principal that has just come into being is given by the next round, which knows its id.
    if drift.findings.iter().any(access) && !legacy(LegacyFinding::TokenCredential) {
        changes.push(Change::Access);
    }
    if legacy(LegacyFinding::TokenNamedCredential) || found(&Finding::NamedCredentialUrl) {
        changes.push(headless(HeadlessChange::Named { callouts: true }));
    } else if found(&Finding::CalloutsOff) {
        changes.push(headless(HeadlessChange::Callouts));
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An org as these records have it, with the host whose token is stored and the host that callouts go to.
    #[derive(Debug, Clone)]
    struct Org {
        credential: Present,
        stored: Option<u8>,
        named: Present,
        goes_to: u8,
        callouts: bool,
        access: bool,
    }

    /// The PIM that the connection is for.
    const OURS: u8 = 0;

    impl Org {
        fn observed(&self) -> Observed {
            let missing = Finding::AccessMissing {
                users: vec!["admin".to_owned()],
            };
            Observed {
                credential: self.credential,
                token: self.credential != Present::Absent && self.stored == Some(OURS),
                access: if self.access { Vec::new() } else { vec![missing] },
                named: self.named,
                url: self.goes_to == OURS,
                callouts: self.callouts,
            }
        }

        fn make(&mut self, change: Change) {
            match change {
                Change::Access => self.access = self.credential != Present::Absent,
                Change::Headless(HeadlessChange::Credential) => self.credential = Present::AsMade,
                Change::Headless(HeadlessChange::Token) => self.stored = Some(OURS),
                Change::Headless(HeadlessChange::Named { callouts }) => {
                    (self.named, self.goes_to, self.callouts) = (Present::AsMade, OURS, callouts);
                }
                Change::Headless(HeadlessChange::Callouts) => self.callouts = true,
                other => panic!("a change of another way: {other:?}"),
            }
        }

        /// Whether a callout would take one host's token to another host.
        fn leaks(&self) -> bool {
            let open = self.named != Present::Absent && self.callouts && self.credential != Present::Absent;
            open && self.stored.is_some_and(|stored| stored != self.goes_to)
        }
    }

    fn orgs() -> impl Strategy<Value = Org> {
        let present = || prop_oneof![Just(Present::Absent), Just(Present::Otherwise), Just(Present::AsMade)];
        let org = (
            present(),
            prop::option::of(0_u8..2),
            present(),
            0_u8..2,
            any::<bool>(),
            any::<bool>(),
        );
        org.prop_map(|(credential, stored, named, goes_to, callouts, access)| Org {
            stored: stored.filter(|_| credential != Present::Absent),
            credential,
            named,
            goes_to,
            callouts,
            access,
        })
    }

    proptest! {
        /// From any state, stopped after any number of changes and started again, the org ends as it should be; and a change never
        /// opens the way for a token to a host that it is not for, if it was not open before.
        #[test]
        fn every_state_converges_and_none_leaks(mut org in orgs(), stops in prop::collection::vec(0_usize..4, 0..6)) {
            let mut stops = stops.into_iter();
            for _ in 0..10 {
                let changes = plan(&drift(&org.observed()));
                let limit = stops.next().unwrap_or(usize::MAX);
                for change in changes.into_iter().take(limit) {
                    let before = org.leaks();
                    org.make(change);
                    prop_assert!(before || !org.leaks(), "{change:?} leaks: {org:?}");
                }
            }
            let after = drift(&org.observed());
            prop_assert!(after.findings.is_empty(), "{:?} of {org:?}", after.findings);
            prop_assert!(!org.leaks());
            prop_assert_eq!(plan(&after), vec![]);
        }
    }
}
