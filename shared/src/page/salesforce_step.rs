//! Step 1: connecting the org (design section 4).

use super::instant::Instant;
use super::step::{OrgNeed, StepState, Steps, org_need};
use super::trip::Trip;
use super::trouble::Trouble;
use super::view::{FieldView, Journey};
use crate::connection::{CustomerClient, Install, OrgType, OtherOrg, Readiness, SalesforceFault, Who};
use crate::salesforce::Package;

/// What step 1 shows.
pub(super) struct SalesforceStep<'a> {
    pub(super) state: StepState,
    pub(super) need: OrgNeed,
    pub(super) org: Option<OrgFacts<'a>>,
    pub(super) trouble: Option<Trouble>,
    pub(super) trip: Option<Trip>,
    pub(super) missing_permissions: Vec<&'static str>,
    /// The version of a package that is too old.
    pub(super) old_version: Option<String>,
    /// When the org was looked at, while something is missing in it.
    pub(super) looked_at: Option<Instant>,
    /// Whether the last look did not succeed.
    pub(super) look_failed: bool,
    pub(super) install_link: Option<&'a str>,
    pub(super) install: Installation,
    /// The other org that the connection can move to.
    pub(super) other_org: Option<&'a OtherOrg>,
    pub(super) form: ConnectForm<'a>,
    /// Whether the customer sets the org up by hand.
    pub(super) by_hand: bool,
}

/// The package's installation by us.
pub(super) struct Installation {
    /// What became of it, if somebody asked for it.
    pub(super) words: Option<&'static str>,
    /// Whether it goes on by itself.
    pub(super) under_way: bool,
    /// Whether the admin may ask for it now.
    pub(super) offered: bool,
}

/// A connected org in one line.
pub(super) struct OrgFacts<'a> {
    pub(super) name: &'a str,
    pub(super) org_id: &'a str,
    pub(super) kind: &'static str,
    pub(super) username: &'a str,
    pub(super) host: &'a str,
    pub(super) connected_at: Instant,
    pub(super) package: Option<String>,
}

/// The form that leads to Salesforce.
pub(super) struct ConnectForm<'a> {
    /// `production`, `sandbox` or `mydomain`.
    pub(super) chosen: &'a str,
    pub(super) my_domain: &'a FieldView,
    /// The type of org that Customer Success laid down.
    pub(super) pinned: Option<&'static str>,
    pub(super) label: &'static str,
    /// The customer's own app, where ours is not used.
    pub(super) own: Option<&'a CustomerClient>,
    /// Whether the form is the next thing to do in this step; otherwise it is folded away.
    pub(super) first: bool,
}

impl<'a> SalesforceStep<'a> {
    pub(super) fn of(view: &'a Journey<'_>, steps: Steps) -> Self {
        let side = &view.connection.salesforce;
        let need = org_need(view.connection);
        let readiness = side.readiness.as_ref();
        Self {
            state: steps.salesforce,
            need,
            org: side.org.as_ref().map(|org| OrgFacts {
                name: &org.name,
                org_id: &org.org_id,
                kind: org.org_type.in_words(),
                username: &org.username,
                host: org.instance.host(),
                connected_at: Instant::of(org.connected_at),
                package: readiness.and_then(package_words),
            }),
            trouble: side.fault.map(|fault| {
                let trace = match fault {
                    // A run met it, not a person who came back.
                    SalesforceFault::GrantLost => view.connection.wiring.reference(),
                    _ => side.attempt.as_ref().and_then(|trip| trip.returned_under.as_ref()),
                };
                Trouble::of_salesforce(fault, view.connection).referring(trace)
            }),
            trip: Trip::of(side.attempt.as_ref(), view.now),
            missing_permissions: readiness
                .map(|readiness| {
                    readiness
                        .missing_permissions
                        .iter()
                        .map(|permission| permission.words())
                        .collect()
                })
                .unwrap_or_default(),
            old_version: readiness.and_then(old_version),
            looked_at: readiness
                .filter(|_| !matches!(need, OrgNeed::Nothing | OrgNeed::Connect))
                .map(|readiness| Instant::of(readiness.checked_at)),
            look_failed: !matches!(need, OrgNeed::Nothing | OrgNeed::Connect)
                && view.connection.wiring.waiting.is_some(),
            install_link: view.install_link.as_deref(),
            install: Installation::of(view, need),
            other_org: side
                .other_org
                .as_ref()
                .filter(|_| matches!(side.fault, Some(SalesforceFault::OtherOrg | SalesforceFault::GrantLost))),
            form: ConnectForm::of(view, need),
            by_hand: view.connection.by_hand().is_some(),
        }
    }

    /// Who has to do what outside of this page, where nothing here can help.
    pub(super) fn outside_help(&self) -> Option<Trouble> {
        match self.need {
            OrgNeed::NewerApi => Some(Trouble::new(
                Who::CustomerSuccess,
                "The org offers no Salesforce API version 63.0 or later. The package needs it.",
                "Tell your Akeneo contact, who finds out why. Then check again.",
            )),
            OrgNeed::OnePackage => Some(Trouble::new(
                Who::CustomerSuccess,
                "More than one package in the org has Akeneo credentials, so it is not clear which one to set up.",
                "Tell your Akeneo contact, who looks at the org with you. Then check again.",
            )),
            _ => None,
        }
    }
}

impl Installation {
    fn of(view: &Journey<'_>, need: OrgNeed) -> Self {
        let asked = view.connection.salesforce.install_here();
        let under_way = asked.is_some_and(Install::is_under_way);
        Self {
            words: asked.map(Install::in_words),
            under_way,
            offered: view.install_link.is_some()
                && !under_way
                && matches!(need, OrgNeed::Package | OrgNeed::NewerPackage),
        }
    }
}

impl<'a> ConnectForm<'a> {
    fn of(view: &'a Journey<'_>, need: OrgNeed) -> Self {
        let side = &view.connection.salesforce;
        let pinned = view.connection.terms.org_type;
        let known = pinned.or(side.org.as_ref().map(|org| org.org_type));
        let typed = view.salesforce_form.org_kind.as_str();
        let chosen = match (typed, known) {
            ("production" | "sandbox" | "mydomain", _) => typed,
            (_, Some(OrgType::Sandbox)) => "sandbox",
            _ => "production",
        };
        Self {
            chosen,
            my_domain: &view.salesforce_form.my_domain,
            pinned: pinned.map(OrgType::in_words),
            label: if need == OrgNeed::Connect || view.connection.by_hand().is_some() {
                "Connect Salesforce"
            } else {
                "Connect Salesforce again"
            },
            own: side.client.as_ref(),
            first: need == OrgNeed::Connect,
        }
    }

    pub(super) fn has_fault(&self) -> bool {
        self.my_domain.fault.is_some()
    }
}

fn package_words(readiness: &Readiness) -> Option<String> {
    match &readiness.package {
        Package::Legacy { installed, .. } => Some(installed.version.map_or_else(
            || "Akeneo PIM for Salesforce, older than 3.0".to_owned(),
            |version| format!("Akeneo PIM for Salesforce {version}, older than 3.0"),
        )),
        Package::Current { installed, .. } => {
            Some(installed.as_ref().and_then(|installed| installed.version).map_or_else(
                || "Akeneo PIM for Salesforce".to_owned(),
                |version| format!("Akeneo PIM for Salesforce {version}"),
            ))
        }
        _ => None,
    }
}

fn old_version(readiness: &Readiness) -> Option<String> {
    match &readiness.package {
        Package::Legacy { installed, .. } => installed.version.map(|version| version.to_string()),
        _ => None,
    }
}
