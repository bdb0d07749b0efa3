//! Observe, apply and note for the headless way.

use url::Url;

use super::drift::{HeadlessChange, Observed, Present, drift};
use crate::akeneo::Scopes;
use crate::clock::Timestamp;
use crate::connection::{Connection, Wiring};
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::capability::Capability;
use crate::salesforce::grant::{self, Grants};
use crate::salesforce::legacy::token_credential::{self, Own};
use crate::salesforce::legacy::{NAME, TokenRecords};
use crate::salesforce::named_credential::{Callouts, NamedCredential};
use crate::salesforce::record_id::PrincipalId;
use crate::salesforce::smoke::{self, Smoke};
use crate::salesforce::{ChangeError, UserId};
use crate::secret::AccessToken;
use crate::wiring::legacy::CALLOUT;
use crate::wiring::runners::Runners;
use crate::wiring::{Change, Desired, Drift, Evidence, Finding, PrincipalStatus};

/// Whether an org with a package before 3.0 is to be wired this way, or is already.
pub(in super::super) fn is_suitable(org: &Org, connection: &Connection, desired: &Desired) -> bool {
    let (known, wiring) = (org.capabilities(), &connection.wiring);
    let is_known = known.has(Capability::LegacyCustomCredential) && known.may(Capability::ExecuteAnonymous);
    // A token with other scopes than the package needs would be worth less than the one that a browser brings.
    let has_token = wiring.headless_records || connection.akeneo.holds_exactly(&Scopes::required());
    is_known && has_token && wiring.headless_refused_at.is_none() && desired.token.is_some()
}

/// What should be there. Holds the token in memory, never stored.
#[derive(Debug, Clone)]
struct Wanted {
    endpoint: Url,
    token: AccessToken,
    /// When the token was issued; names it.
    issued_at: Timestamp,
}

/// The org's records as read.
#[derive(Debug)]
pub(in super::super) struct HeadlessReading {
    namespace: String,
    runners: Vec<UserId>,
    wanted: Wanted,
    records: TokenRecords,
    grants: Option<Grants>,
    smoke: Option<Smoke>,
}

impl HeadlessReading {
    /// Reads everything that drift looks at, and lets the org call the PIM where everything is in place. `None` if we hold no token, or if
    /// somebody else has records of these names, as an org has that was set up the guide's way.
    pub(in super::super) async fn take(
        org: &Org,
        namespace: &str,
        desired: &Desired,
        connection: &Connection,
    ) -> Result<Option<Self>, ApiError> {
        let Some((token, proven)) = desired.token.clone().zip(connection.akeneo.proven.as_ref()) else {
            return Ok(None);
        };
        let wanted = Wanted {
            endpoint: desired.endpoint(),
            token,
            issued_at: proven.at,
        };
        let reading = Self::read(org, namespace.to_owned(), wanted, connection).await?;
        Ok(Some(reading).filter(|reading| !reading.records.taken))
    }

    /// Reads the same once more.
    pub(in super::super) async fn again(&self, org: &Org, connection: &Connection) -> Result<Self, ApiError> {
        Self::read(org, self.namespace.clone(), self.wanted.clone(), connection).await
    }

    async fn read(org: &Org, namespace: String, wanted: Wanted, connection: &Connection) -> Result<Self, ApiError> {
        let records = token_credential::read(org, &namespace).await?;
        let runners: Vec<UserId> = connection.runners().into_iter().map(|runner| runner.user_id).collect();
        let grants = match principal(&records) {
            Some(principal) => Some(grant::observe(org, principal, &runners).await?),
            None => None,
        };
        let mut reading = Self {
            namespace,
            runners,
            wanted,
            records,
            grants,
            smoke: None,
        };
        if !reading.records.taken && reading.drift(&connection.wiring).findings.iter().all(Finding::is_note) {
            reading.smoke = Some(smoke::callout(org, NAME, CALLOUT).await?);
        }
        Ok(reading)
    }

    /// The package's namespace.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    fn named(&self) -> Option<&NamedCredential> {
        self.records.named_credential.as_ref().map(|own| &own.record)
    }

    fn access(&self) -> Runners<'_> {
        Runners::of(&self.runners, self.grants.as_ref())
    }

    /// What differs from what is desired. A callout that the org did not make shows that something is not as we remember it.
    pub(in super::super) fn drift(&self, wiring: &Wiring) -> Drift {
        fn present<T>(own: Option<&Own<T>>) -> Present {
            match own {
                None => Present::Absent,
                Some(own) if own.as_made => Present::AsMade,
                Some(_) => Present::Otherwise,
            }
        }
        let written = wiring.token_written == Some(self.wanted.issued_at);
        drift(&Observed {
            credential: present(self.records.external_credential.as_ref()),
            token: written && self.records.token && self.smoke != Some(Smoke::NotSent),
            access: self.access().findings(&wiring.runner_refusals, false),
            named: present(self.records.named_credential.as_ref()),
            url: self.points_at_the_pim(),
            callouts: self.callouts(),
        })
    }

    /// Whether callouts go to the desired PIM.
    pub(in super::super) fn points_at_the_pim(&self) -> bool {
        self.named().is_some_and(|named| named.points_at(&self.wanted.endpoint))
    }

    fn callouts(&self) -> bool {
        self.named().is_some_and(|named| named.callouts == Callouts::Enabled)
    }

    /// Whether the org is authorized, and how that is known. Once it was proven, a PIM that is down takes nothing back; that a token does not
    /// work any more is what our own probe of it says.
    pub(in super::super) fn standing(&self, wiring: &Wiring) -> (PrincipalStatus, Option<Evidence>) {
        let before = wiring.evidence == Some(Evidence::Callout) && wiring.principal == PrincipalStatus::Configured;
        if self.smoke == Some(Smoke::Passed) || before && self.named().is_some() {
            (PrincipalStatus::Configured, Some(Evidence::Callout))
        } else {
            (PrincipalStatus::NotConfigured, None)
        }
    }

    /// Whether the browser's way has to be taken: the names are somebody else's, the org refused something, or the first callout did not
    /// reach the PIM.
    pub(in super::super) fn steps_aside(&self, wiring: &Wiring) -> bool {
        let refused = |finding: &Finding| matches!(finding, Finding::WriteRefused { .. });
        let unproven = self.smoke.is_some() && self.standing(wiring).0 != PrincipalStatus::Configured;
        self.records.taken || unproven || wiring.findings.iter().any(refused)
    }

    /// Performs one change. The next look reads it back, and a callout proves it. Users whom the org did not let have access come back.
    pub(in super::super) async fn apply(&self, org: &Org, change: Change) -> Result<Vec<UserId>, ChangeError> {
        if self.records.taken {
            return Err(ChangeError::Unsuitable);
        }
        let (records, endpoint) = (&self.records, &self.wanted.endpoint);
        let named =
            async |callouts| token_credential::write_named(org, records, endpoint, &self.namespace, callouts).await;
        match change {
            Change::Access => return self.give_access(org).await,
            Change::Headless(HeadlessChange::Credential) => token_credential::write_credential(org, records).await?,
            Change::Headless(HeadlessChange::Token) => {
                token_credential::write_token(org, records, &self.wanted.token).await?;
            }
            Change::Headless(HeadlessChange::Named { callouts: false }) => named(Callouts::Disabled).await?,
            Change::Headless(HeadlessChange::Named { callouts: true } | HeadlessChange::Callouts) => {
                named(Callouts::Enabled).await?;
            }
            _ => return Err(ChangeError::Unsuitable),
        }
        Ok(Vec::new())
    }

    async fn give_access(&self, org: &Org) -> Result<Vec<UserId>, ChangeError> {
        match principal(&self.records) {
            Some(principal) => {
                let granted = grant::grant_access(org, principal, &self.namespace, &self.runners);
                Ok(granted.await?.refused)
            }
            None => Ok(Vec::new()),
        }
    }

    /// Notes what a look found.
    pub(in super::super) fn note(&self, wiring: &mut Wiring) {
        (wiring.principal, wiring.evidence) = self.standing(wiring);
        // Before the first of them is made, so that a crash leaves none behind.
        wiring.headless_records |= !self.records.taken;
        wiring.named_credential_url = self.named().and_then(|named| named.url.clone());
        wiring.callouts_enabled = self.callouts();
        (wiring.callback_url, wiring.org_scopes) = (None, None);
        (wiring.callout_refused, wiring.settings_hidden) = (self.smoke == Some(Smoke::Refused), false);
        self.access().forget_settled(&mut wiring.runner_refusals);
    }

    /// Notes a change that is in place.
    pub(in super::super) fn note_change(&self, wiring: &mut Wiring, change: HeadlessChange) {
        if change == HeadlessChange::Token {
            wiring.token_written = Some(self.wanted.issued_at);
        }
    }

    /// Notes users that the org did not let have access.
    pub(in super::super) fn note_refused(&self, wiring: &mut Wiring, users: &[UserId]) {
        self.access().note_refused(&mut wiring.runner_refusals, users);
    }
}

/// The principal that holds the token.
fn principal(records: &TokenRecords) -> Option<&PrincipalId> {
    let credential = &records.external_credential.as_ref()?.record;
    credential.default_principal()?.id.as_ref()
}
