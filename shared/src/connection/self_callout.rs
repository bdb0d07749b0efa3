//! Picklist synchronisation ("Salesforce Self"), optional: what is known of it, and from that its own small stage and next
//! action (facts/salesforce 8). Nothing here ever changes the connection's stage or health.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Connection, NextAction, Who};
use crate::clock::{Timestamp, plus};
use crate::salesforce::Package;
use crate::wiring::{PrincipalStatus, SelfFault, SelfFinding};

/// How long Salesforce may take to make a new External Client App known (facts/salesforce 8.3).
pub const PROPAGATION: Duration = Duration::from_secs(30 * 60);

/// What is known of the picklist synchronisation. No secret is among it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SelfCallout {
    /// Whether an administrator asked for it.
    pub wanted: bool,
    /// The org that it was asked for: in another one nothing of this counts.
    pub org_id: Option<String>,
    /// Who makes the External Client App.
    pub source: Option<SelfSource>,
    /// The user that the app runs as, where the service makes it.
    pub execution_user: Option<String>,
    /// When an administrator last asked for it or for another try.
    pub asked_at: Option<Timestamp>,
    /// How far the making of the app is, where the service makes it.
    pub making: Option<Making>,
    /// The app's consumer key.
    pub client_id: Option<String>,
    /// Names the key and the secret in the secret store.
    pub generation: Option<String>,
    /// Since when the app is there, as far as we know.
    pub app_since: Option<Timestamp>,
    /// The generation with which the picklists could be read.
    pub proven: Option<String>,
    /// The generation that was last written into the org's records, which never give the secret back.
    pub credentials_written: Option<String>,
    /// Whether the org has shown after that write that there are credentials.
    pub credentials_seen: bool,
    /// The records in the org that use the app.
    pub records: Option<SelfRecordsNote>,
    /// What the last look found.
    pub findings: Vec<SelfFinding>,
    /// The principal at that look.
    pub principal: PrincipalStatus,
    /// When it was last looked at.
    pub looked_at: Option<Timestamp>,
    /// What a person has to mend.
    pub fault: Option<SelfFault>,
    /// What is waited for.
    pub waiting: Option<SelfWaiting>,
    /// When everything was in place for the first time.
    pub completed_at: Option<Timestamp>,
    /// Tries in a row that had to wait.
    pub tries: u32,
    /// When it is tried again by itself.
    pub try_again_at: Option<Timestamp>,
}

/// Who makes the External Client App.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfSource {
    /// The service, by a metadata deploy.
    Deploy,
    /// The customer, who pastes its key and secret.
    Pasted,
}

/// The steps of making the app, in order (facts/salesforce 13.B).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Making {
    /// The org's settings, so that the secret can be read later.
    #[default]
    Settings,
    /// The app itself.
    App,
    /// Its policy, which only exists after the app does.
    Policy,
    /// Reading key and secret.
    Secret,
}

/// The records in the org that use the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfRecordsNote {
    /// Whether the package brought them; otherwise the service made them.
    pub packaged: bool,
    /// Full name of the Named Credential.
    pub named_credential: String,
    /// Full name of the External Credential.
    pub external_credential: String,
    /// Full name of the identity provider, if there is one.
    pub identity_provider: Option<String>,
}

/// What goes away by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfWaiting {
    /// Salesforce does not know the new app everywhere yet.
    Propagation,
    /// A deploy is under way.
    Deploy,
    /// The org does not answer.
    Org,
}

/// Where the picklist synchronisation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfStage {
    /// Nobody asked for it.
    Off,
    /// It was asked for, and there is no app.
    NeedsApp,
    /// The new app is not known everywhere in Salesforce yet.
    Waiting,
    /// The service is at work.
    Wiring,
    /// Something needs a person.
    NeedsPerson,
    /// It works.
    Working,
}

impl SelfStage {
    /// In a word or two.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Off => "Not set up",
            Self::NeedsApp => "Needs an External Client App",
            Self::Waiting => "Waiting for Salesforce",
            Self::Wiring => "Being set up",
            Self::NeedsPerson => "Needs your attention",
            Self::Working => "Works",
        }
    }
}

impl SelfCallout {
    /// Begins anew for an org, at `now`; what is known of the org's records stays.
    pub fn begin(&mut self, org_id: &str, source: SelfSource, now: Timestamp) {
        let same_org = self.org_id.as_deref() == Some(org_id);
        let former = std::mem::take(self);
        *self = Self {
            wanted: true,
            org_id: Some(org_id.to_owned()),
            source: Some(source),
            ..Self::default()
        };
        if same_org {
            self.credentials_written = former.credentials_written;
            self.credentials_seen = former.credentials_seen;
            self.records = former.records;
        }
        self.ask(now);
    }

    /// Asks for another try.
    pub fn ask(&mut self, now: Timestamp) {
        self.asked_at = Some(now);
        self.fault = None;
        self.waiting = None;
        self.tries = 0;
        self.try_again_at = Some(now);
    }

    /// Takes the key of an app that is there since `now`.
    pub fn take_app(&mut self, client_id: &str, generation: &str, now: Timestamp) {
        self.client_id = Some(client_id.to_owned());
        self.generation = Some(generation.to_owned());
        self.app_since = Some(now);
        self.making = None;
    }

    /// Whether a new app may still be unknown in parts of Salesforce.
    #[must_use]
    pub fn may_be_unknown(&self, now: Timestamp) -> bool {
        self.app_since.is_some_and(|since| now < plus(since, PROPAGATION))
    }

    /// Whether a change in the org is only told: it worked, and nobody asked for anything since.
    #[must_use]
    pub fn only_tells(&self) -> bool {
        self.completed_at.is_some() && self.completed_at >= self.asked_at
    }

    fn stage_in(&self, org_id: Option<&str>) -> SelfStage {
        if !self.wanted || org_id.is_none() || self.org_id.as_deref() != org_id {
            return SelfStage::Off;
        }
        if self.fault.is_some() || self.findings.iter().any(SelfFinding::needs_a_person) {
            return SelfStage::NeedsPerson;
        }
        if self.generation.is_none() {
            return match self.source {
                Some(SelfSource::Deploy) => SelfStage::Wiring,
                _ => SelfStage::NeedsApp,
            };
        }
        if self.waiting == Some(SelfWaiting::Propagation) {
            return SelfStage::Waiting;
        }
        let complete = self.proven == self.generation && self.looked_at.is_some() && self.findings.is_empty();
        match (complete, self.only_tells()) {
            (true, _) => SelfStage::Working,
            (false, true) if self.waiting.is_none() => SelfStage::NeedsPerson,
            (false, _) => SelfStage::Wiring,
        }
    }
}

/// Whether it can be asked for: the connection was complete once, in a connected org whose package is one that can use it
/// (facts/akeneo, appendix A: 3.0 and higher).
#[must_use]
pub fn self_is_offered(connection: &Connection) -> bool {
    let package = connection
        .salesforce
        .readiness
        .as_ref()
        .map(|readiness| &readiness.package);
    let current = matches!(package, Some(Package::Current { .. }));
    current && connection.salesforce.org.is_some() && connection.health.verification.is_some()
}

/// Where the picklist synchronisation of a connection stands.
#[must_use]
pub fn self_stage(connection: &Connection) -> SelfStage {
    let org = connection.salesforce.org.as_ref().map(|org| org.org_id.as_str());
    connection.self_callout.stage_in(org)
}

/// Who has to do what about it.
#[must_use]
pub fn self_next_action(connection: &Connection) -> NextAction {
    let about = &connection.self_callout;
    let (who, what) = match self_stage(connection) {
        SelfStage::Off => (
            Who::Nobody,
            "Picklist synchronisation is not set up. It is optional: without it products are transferred all the same, and \
             new picklist values are added in Salesforce by hand."
                .to_owned(),
        ),
        SelfStage::NeedsApp => (
            Who::SalesforceAdmin,
            "Make an External Client App for picklist synchronisation and enter its key and secret, or let this service make it."
                .to_owned(),
        ),
        SelfStage::Waiting => (
            Who::Service,
            "Salesforce takes up to 30 minutes to make a new External Client App known. It is tried again by itself; there is \
             nothing for you to do."
                .to_owned(),
        ),
        SelfStage::Wiring if about.waiting == Some(SelfWaiting::Org) => (
            Who::Service,
            "Salesforce does not answer at the moment. It is tried again by itself; nothing is lost.".to_owned(),
        ),
        SelfStage::Wiring => (
            Who::Service,
            "Picklist synchronisation is being set up in the org. This takes a minute or two.".to_owned(),
        ),
        SelfStage::NeedsPerson => needs_person(about),
        SelfStage::Working => (
            Who::Nobody,
            "Nothing to do: the package can keep the picklists in Salesforce up to date.".to_owned(),
        ),
    };
    NextAction { who, what }
}

fn needs_person(about: &SelfCallout) -> (Who, String) {
    if let Some(fault) = &about.fault {
        return fault.in_words();
    }
    let words: Vec<_> = about.findings.iter().map(SelfFinding::in_words).collect();
    let again = if about.findings.iter().any(SelfFinding::needs_a_person) {
        ""
    } else {
        " “Check again” sets this right."
    };
    (Who::SalesforceAdmin, format!("{}{again}", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: Option<&str> = Some("00DWs000000AbCdMAK");

    fn at(seconds: i64) -> Timestamp {
        plus(Timestamp::UNIX_EPOCH, Duration::from_secs(seconds.unsigned_abs()))
    }

    fn begun(source: SelfSource) -> SelfCallout {
        let mut about = SelfCallout::default();
        about.begin("00DWs000000AbCdMAK", source, at(10));
        about
    }

    fn check(about: &SelfCallout, expect: SelfStage) {
        assert_eq!(about.stage_in(ORG), expect, "{about:?}");
    }

    #[test]
    fn each_stage_follows_from_the_facts() {
        check(&SelfCallout::default(), SelfStage::Off);
        check(&begun(SelfSource::Pasted), SelfStage::NeedsApp);
        let mut about = begun(SelfSource::Deploy);
        check(&about, SelfStage::Wiring);
        assert_eq!(
            about.stage_in(Some("00DWs000000OtherMAK")),
            SelfStage::Off,
            "another org"
        );
        about.take_app("3MVG9", "g1", at(20));
        check(&about, SelfStage::Wiring);
        about.waiting = Some(SelfWaiting::Propagation);
        check(&about, SelfStage::Waiting);
        about.waiting = None;
        about.proven = Some("g1".to_owned());
        about.looked_at = Some(at(30));
        check(&about, SelfStage::Working);
        about.findings = vec![SelfFinding::EndpointUrl];
        check(&about, SelfStage::Wiring);
        about.completed_at = Some(at(30));
        check(&about, SelfStage::NeedsPerson);
        about.ask(at(40));
        check(&about, SelfStage::Wiring);
        about.fault = Some(SelfFault::SecretWrong);
        check(&about, SelfStage::NeedsPerson);
    }

    #[test]
    fn an_app_is_new_for_half_an_hour() {
        let mut about = begun(SelfSource::Pasted);
        assert!(!about.may_be_unknown(at(11)), "there is none");
        about.take_app("3MVG9", "g1", at(20));
        assert!(about.may_be_unknown(at(20 + 1799)) && !about.may_be_unknown(at(20 + 1800)));
    }

    #[test]
    fn another_org_begins_with_nothing() {
        let mut about = begun(SelfSource::Pasted);
        about.credentials_written = Some("g1".to_owned());
        about.begin("00DWs000000AbCdMAK", SelfSource::Deploy, at(50));
        assert_eq!(about.credentials_written.as_deref(), Some("g1"));
        about.begin("00DWs000000OtherMAK", SelfSource::Deploy, at(60));
        assert_eq!(about.credentials_written, None);
    }
}
