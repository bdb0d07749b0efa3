//! The status page: how a connection is that was verified once.

use super::instant::Instant;
use crate::akeneo::{ProbeReport, Verdict};
use crate::connection::{CallbackMode, Connection, HealthState, Stage, Who, stage};
use crate::wiring::{Finding, PrincipalStatus};

/// The status of a connection.
pub(super) struct Status<'a> {
    /// `done` or `turn` or `waiting`, for the style sheet.
    pub(super) class: &'static str,
    pub(super) heading: &'static str,
    /// What happens next, in a sentence.
    pub(super) text: String,
    /// Whose turn it is, if it is somebody's.
    pub(super) who: Option<&'static str>,
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
    /// What the probes of the PIM saw, in words.
    pub(super) pim_probe: String,
    /// What the PIM says it is.
    pub(super) pim_version: Option<String>,
    /// What the look at the org saw, in words.
    pub(super) org_probe: &'static str,
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
        let (who, text) = state.remedy();
        let verification = connection.health.verification.as_ref();
        let wiring = &connection.wiring;
        Some(Self {
            class: if who == Who::Service { "waiting" } else { class },
            heading: heading(state),
            text: if state == HealthState::Healthy {
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
            findings: wiring.findings.iter().map(Finding::in_words).collect(),
            remedy: Remedy::of(connection),
            named_credential_url: wiring.named_credential_url.as_deref(),
            callouts: wiring.callouts_enabled,
            principal: match wiring.principal {
                PrincipalStatus::Configured => "Configured",
                PrincipalStatus::NotConfigured => "Not configured",
                PrincipalStatus::Unknown => "Salesforce does not tell",
            },
            access_granted: !wiring
                .findings
                .iter()
                .any(|found| matches!(found, Finding::AccessMissing { .. })),
            verified_at: verification.map(|verification| Instant::of(verification.at)),
            checked_at: connection.health.checked_at.map(Instant::of),
            pim_probe: pim_probe(connection),
            pim_version: verification.and_then(|verification| pim_version(verification.pim.as_ref()?)),
            org_probe: match verification {
                Some(verification) if verification.org => "Records, access and authorization are as they should be",
                Some(_) => "Something is not as it should be",
                None => "Not checked yet",
            },
        })
    }
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
            | HealthState::OrgUnreachable
            | HealthState::RateLimited => Self::Check,
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
        HealthState::OrgUnreachable => "Salesforce does not answer",
        HealthState::OrgGrantLost => "Access to the Salesforce org was revoked",
        HealthState::RateLimited => "Fewer calls are allowed for now",
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
