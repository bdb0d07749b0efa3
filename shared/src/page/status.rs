//! The status page: how a connection is that was verified once.

use super::instant::Instant;
use super::self_callout::SelfLine;
use crate::akeneo::{ProbeReport, Verdict};
use crate::connection::{CallbackMode, Connection, HealthState, PastIncident, Stage, Who, self_is_offered, stage};
use crate::salesforce::OrgUrl;
use crate::wiring::{Evidence, Finding, PrincipalStatus};

/// The status of a connection.
pub(super) struct Status<'a> {
    /// `done` or `turn` or `waiting`, for the style sheet.
    pub(super) class: &'static str,
    pub(super) heading: &'static str,
    /// What happens next, in a sentence.
    pub(super) text: String,
    /// Whose turn it is, if it is somebody's.
    pub(super) who: Option<&'static str>,
    /// What Customer Success did or asks for, in words.
    pub(super) notes: Vec<&'static str>,
    /// Whether our access to the org is kept; none where there is no org that we have access to or had.
    pub(super) access_kept: Option<bool>,
    /// What the last look at the org found, in words.
    pub(super) findings: Vec<String>,
    /// The one thing that helps.
    pub(super) remedy: Remedy,
    pub(super) named_credential_url: Option<&'a str>,
    pub(super) callouts: bool,
    pub(super) principal: &'static str,
    pub(super) access_granted: bool,
    pub(super) verified_at: Option<Instant>,
    pub(super) checked_at: Option<Instant>,
    /// What was wrong last, and is over.
    pub(super) past: Option<Past>,
    /// What the probes of the PIM saw, in words.
    pub(super) pim_probe: String,
    /// What the PIM says it is.
    pub(super) pim_version: Option<String>,
    /// Whether the org was set up by hand, so that nothing in it can be seen.
    pub(super) by_hand: bool,
    /// Where that org is, as far as a person told.
    pub(super) org_by_hand: Option<&'a str>,
    /// What the look at the org saw, in words.
    pub(super) org_probe: &'static str,
    /// Picklist synchronisation.
    pub(super) picklists: Option<SelfLine>,
    /// What people quote when they ask for help, where something is wrong.
    pub(super) reference: Option<String>,
}

/// What a status page says of an org that nobody but the customer can see.
const BY_HAND: &str = "Salesforce was set up by hand, and this service cannot look into the org. Run a transfer there to be sure \
     that everything was entered as it should be.";

/// The same of an org to which this service has no access any more.
const GIVEN_BACK: &str = "Our access to the Salesforce org was given back as agreed, so this service cannot look into the org. To have \
     something changed there, ask your Akeneo contact.";

/// An incident that is over.
pub(super) struct Past {
    pub(super) what: &'static str,
    pub(super) since: Instant,
    pub(super) ended_at: Instant,
    /// Whether the service put it right by itself.
    pub(super) healed: bool,
}

impl Past {
    fn of(past: &PastIncident) -> Self {
        Self {
            what: heading(past.cause),
            since: Instant::of(past.since),
            ended_at: Instant::of(past.ended_at),
            healed: past.healed,
        }
    }
}

/// The form that a status page leads with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// None.
    Nothing,
    /// The form that leads to Salesforce.
    Connect,
    /// The button that leads to Akeneo.
    Authorize,
    /// The button that lets Salesforce authorize itself.
    Principal,
    /// "Check again".
    Check,
}

impl<'a> Status<'a> {
    /// `None` before the connection was verified for the first time.
    pub(super) fn of(connection: &'a Connection) -> Option<Self> {
        let class = match stage(connection) {
            Stage::Connected => "done",
            Stage::Degraded => "turn",
            _ => return None,
        };
        let state = connection.health.state;
        let (who, text) = state.remedy(connection.terms.heal);
        let verification = connection.health.verification.as_ref();
        let wiring = &connection.wiring;
        let by_hand = connection.by_hand().is_some();
        let given_back = connection.salesforce.given_back.is_some();
        Some(Self {
            by_hand,
            org_by_hand: connection
                .by_hand()
                .and_then(|manual| manual.callback.as_ref())
                .map(OrgUrl::host),
            class: if who == Who::Service { "waiting" } else { class },
            heading: match connection.terms.callback {
                _ if state != HealthState::Healthy => heading(state),
                _ if given_back => "What can be seen from here works",
                _ if !by_hand => heading(state),
                CallbackMode::Service => "What can be seen from here works",
                CallbackMode::Salesforce => "Everything is set up, as you say",
            },
            text: if by_hand && state == HealthState::Healthy {
                BY_HAND.to_owned()
            } else if given_back && state == HealthState::Healthy {
                GIVEN_BACK.to_owned()
            } else if state == HealthState::Healthy {
                "There is nothing for you to do.".to_owned()
            } else {
                text
            },
            who: match who {
                Who::Nobody => None,
                Who::Service => Some("Nothing for you to do right now"),
                Who::SalesforceAdmin => Some("Next: your Salesforce administrator"),
                Who::PimAdmin => Some("Next: your Akeneo PIM administrator"),
                Who::CustomerSuccess => Some("Next: your Akeneo contact"),
            },
            notes: notes(connection),
            access_kept: connection
                .salesforce
                .org
                .as_ref()
                .map(|_| !connection.terms.drop_salesforce_token),
            findings: wiring.findings.iter().map(Finding::in_words).collect(),
            remedy: Remedy::of(connection),
            named_credential_url: wiring.named_credential_url.as_deref(),
            callouts: wiring.callouts_enabled,
            principal: match wiring.principal {
                PrincipalStatus::Configured => match wiring.evidence {
                    None => "Configured",
                    Some(Evidence::Callout) => "Configured: a callout from Salesforce reached the PIM",
                    Some(Evidence::Relay) => "Configured; Salesforce lets us make no test callout",
                },
                PrincipalStatus::NotConfigured => "Not configured",
                PrincipalStatus::Unknown => "Salesforce does not tell",
            },
            access_granted: !wiring
                .findings
                .iter()
                .any(|found| matches!(found, Finding::AccessMissing { .. } | Finding::NobodyHasAccess)),
            verified_at: verification.map(|verification| Instant::of(verification.at)),
            checked_at: connection.health.checked_at.map(Instant::of),
            past: connection.health.past.as_ref().map(Past::of),
            pim_probe: pim_probe(connection),
            pim_version: verification.and_then(|verification| pim_version(verification.pim.as_ref()?)),
            org_probe: match verification {
                _ if by_hand => "Not possible: it was set up by hand, and this service has no access to it",
                _ if given_back => "Not possible: our access to it was given back; what follows is how it was then",
                Some(verification) if verification.org => "Records, access and authorization are as they should be",
                Some(_) => "Something is not as it should be",
                None => "Not checked yet",
            },
            reference: wiring
                .reference()
                .filter(|_| state != HealthState::Healthy || wiring.waiting.is_some())
                .map(ToString::to_string),
            picklists: (self_is_offered(connection) && !given_back).then(|| SelfLine::of(connection)),
        })
    }
}

/// What Customer Success did or asks for, beside the health.
fn notes(connection: &Connection) -> Vec<&'static str> {
    let paused = connection.paused_at.map(|_| {
        "Your Akeneo contact has paused the regular checks. The connection itself goes on working; “Check again” still looks."
    });
    let rotation = connection.akeneo.rotation_asked_at.map(|_| {
        "Your Akeneo contact asks for a new client secret. In Akeneo PIM, open the Custom App, regenerate its secret, and enter it \
         below. Everything goes on working until then."
    });
    [paused, rotation].into_iter().flatten().collect()
}

impl Remedy {
    fn of(connection: &Connection) -> Self {
        match connection.health.state {
            HealthState::Healthy => Self::Nothing,
            HealthState::OrgGrantLost => Self::Connect,
            HealthState::PrincipalLost => Self::Principal,
            HealthState::TokenRevoked | HealthState::Disconnected | HealthState::ScopeLost => {
                match connection.terms.callback {
                    CallbackMode::Service => Self::Authorize,
                    CallbackMode::Salesforce => Self::Principal,
                }
            }
            HealthState::Unknown
            | HealthState::CalloutsOff
            | HealthState::Drifted
            | HealthState::AccessMissing
            | HealthState::PimUnreachable
            | HealthState::PimMisconfigured
            | HealthState::OrgUnreachable
            | HealthState::RateLimited
            | HealthState::PackageChanged => Self::Check,
        }
    }
}

fn heading(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "The connection works",
        HealthState::Unknown => "The connection is being checked",
        HealthState::CalloutsOff => "Salesforce switched callouts off",
        HealthState::Drifted => "Settings in the Salesforce org were changed",
        HealthState::AccessMissing => "A Salesforce user lost access to the credentials",
        HealthState::PrincipalLost => "Salesforce lost its authorization in Akeneo",
        HealthState::TokenRevoked => "Akeneo no longer accepts the connection’s token",
        HealthState::Disconnected => "The app was disconnected in Akeneo PIM",
        HealthState::ScopeLost => "Akeneo no longer grants everything",
        HealthState::PimUnreachable => "Akeneo PIM does not answer",
        HealthState::PimMisconfigured => "Our calls do not get through to Akeneo PIM",
        HealthState::OrgUnreachable => "Salesforce does not answer",
        HealthState::OrgGrantLost => "Access to the Salesforce org was revoked",
        HealthState::RateLimited => "Fewer calls are allowed for now",
        HealthState::PackageChanged => "The package in Salesforce is not the one that was set up",
    }
}

fn pim_probe(connection: &Connection) -> String {
    if connection.terms.callback == CallbackMode::Salesforce {
        return "Not possible here: the Custom App has Salesforce’s callback, so this service holds no token"
            .to_owned();
    }
    let report = connection
        .health
        .verification
        .as_ref()
        .and_then(|verification| verification.pim.as_ref());
    let Some(report) = report else {
        return "Not tested yet".to_owned();
    };
    match report.overall() {
        Verdict::Granted | Verdict::Inferred => "Every permission was tested and works".to_owned(),
        Verdict::Missing => format!("Not granted: {}", report.missing().to_string().replace(' ', ", ")),
        verdict => verdict.in_words().to_owned(),
    }
}

fn pim_version(report: &ProbeReport) -> Option<String> {
    let pim = report.pim.as_ref()?;
    let words: Vec<_> = [pim.edition.as_deref(), pim.version.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
