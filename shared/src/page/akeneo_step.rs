//! Step 2: the Custom App in the PIM and its authorization (design sections 4 and 5, facts/akeneo 8).

use super::instant::Instant;
use super::step::{PimNeed, StepState, Steps, pim_need};
use super::trip::Trip;
use super::trouble::Trouble;
use super::view::{FieldView, Journey};
use crate::akeneo::in_words;
use crate::connection::CallbackMode;

/// What step 2 shows.
pub(super) struct AkeneoStep<'a> {
    pub(super) state: StepState,
    pub(super) need: PimNeed,
    /// Whether the Custom App has our callback, and we therefore authorize ourselves.
    pub(super) by_service: bool,
    pub(super) app: Option<AppFacts<'a>>,
    /// Whether other credentials have proven themselves before and are still in use.
    pub(super) rotating: bool,
    pub(super) missing: Vec<MissingScope<'a>>,
    pub(super) trouble: Option<Trouble>,
    pub(super) trip: Option<Trip>,
    /// The words of the button that leads to Akeneo, if credentials are known.
    pub(super) authorize: Option<&'static str>,
    pub(super) form: CredentialsForm<'a>,
    pub(super) activate_url: &'a str,
    pub(super) callback_url: &'a str,
}

/// A Custom App in one line.
pub(super) struct AppFacts<'a> {
    pub(super) host: &'a str,
    pub(super) client_id: &'a str,
    pub(super) entered_at: Instant,
    /// What the PIM granted, once an exchange has proven the credentials that are shown.
    pub(super) granted: Option<Granted<'a>>,
}

/// What the PIM granted.
pub(super) struct Granted<'a> {
    pub(super) scopes: Vec<&'a str>,
    pub(super) at: Instant,
}

/// A scope that the PIM did not grant.
pub(super) struct MissingScope<'a> {
    pub(super) name: String,
    pub(super) meaning: &'a str,
}

/// The form of the Custom App's credentials.
pub(super) struct CredentialsForm<'a> {
    pub(super) base_url: Field<'a>,
    pub(super) client_id: Field<'a>,
    pub(super) secret_fault: Option<&'a str>,
    pub(super) pinned_host: Option<&'a str>,
    /// A host of the customer's own, to be confirmed.
    pub(super) own_host: Option<&'a str>,
    pub(super) label: &'static str,
    /// Whether the form is the next thing to do in this step; otherwise it is folded away.
    pub(super) first: bool,
    /// Whether it is unfolded although other things come first.
    pub(super) open: bool,
}

/// A text field with what it holds.
pub(super) struct Field<'a> {
    pub(super) value: String,
    pub(super) fault: Option<&'a str>,
}

impl<'a> Field<'a> {
    fn of(view: &'a FieldView, otherwise: impl FnOnce() -> String) -> Self {
        let untouched = view.value.is_empty() && view.fault.is_none();
        Self {
            value: if untouched { otherwise() } else { view.value.clone() },
            fault: view.fault.as_deref(),
        }
    }
}

impl<'a> AkeneoStep<'a> {
    pub(super) fn of(view: &'a Journey<'_>, steps: Steps) -> Self {
        let side = &view.connection.akeneo;
        let need = pim_need(view.connection);
        let by_service = view.connection.terms.callback == CallbackMode::Service;
        let app = app_facts(view);
        let tried = side.attempt.is_some() || side.proven.is_some();
        Self {
            state: steps.akeneo,
            need,
            by_service,
            rotating: side.proven.is_some() && app.as_ref().is_some_and(|app| app.granted.is_none()),
            app,
            missing: missing_scopes(view),
            trouble: side.fault.map(|fault| {
                let trip = side.attempt.as_ref();
                Trouble::of_akeneo(fault).referring(trip.and_then(|trip| trip.returned_under.as_ref()))
            }),
            trip: Trip::of(side.attempt.as_ref(), view.now),
            authorize: (by_service && side.credentials.is_some() && need != PimNeed::Credentials).then_some(if tried {
                "Authorize again"
            } else {
                "Authorize in Akeneo"
            }),
            form: CredentialsForm::of(view, need),
            activate_url: &view.activate_url,
            callback_url: &view.callback_url,
        }
    }

    pub(super) fn granted(&self) -> Option<&Granted<'a>> {
        self.app.as_ref()?.granted.as_ref()
    }
}

impl<'a> CredentialsForm<'a> {
    fn of(view: &'a Journey<'_>, need: PimNeed) -> Self {
        let (form, known) = (&view.akeneo_form, view.connection.akeneo.credentials.as_ref());
        let pinned = view.connection.terms.pim_host.as_deref();
        let base_url = || match (known, pinned) {
            (Some(known), _) => known.pim.as_str().to_owned(),
            (None, Some(host)) => format!("https://{host}"),
            (None, None) => String::new(),
        };
        let by_service = view.connection.terms.callback == CallbackMode::Service;
        Self {
            base_url: Field::of(&form.base_url, base_url),
            client_id: Field::of(&form.client_id, || {
                known.map(|known| known.client_id.clone()).unwrap_or_default()
            }),
            secret_fault: form.client_secret_fault.as_deref(),
            pinned_host: pinned,
            own_host: form.own_host.as_deref(),
            label: if by_service { "Save and authorize" } else { "Save" },
            first: need == PimNeed::Credentials,
            open: form.open || form.has_fault(),
        }
    }
}

fn app_facts<'a>(view: &'a Journey<'_>) -> Option<AppFacts<'a>> {
    let side = &view.connection.akeneo;
    let credentials = side.credentials.as_ref()?;
    let proven = side
        .proven
        .as_ref()
        .filter(|proven| proven.credentials.generation == credentials.generation);
    Some(AppFacts {
        host: credentials.pim.host(),
        client_id: &credentials.client_id,
        entered_at: Instant::of(credentials.entered_at),
        granted: proven.map(|proven| Granted {
            scopes: proven.granted.iter().map(|scope| scope.as_str()).collect(),
            at: Instant::of(proven.at),
        }),
    })
}

fn missing_scopes(view: &Journey<'_>) -> Vec<MissingScope<'static>> {
    if pim_need(view.connection) != PimNeed::Scopes {
        return Vec::new();
    }
    let granted = view
        .connection
        .akeneo
        .proven
        .as_ref()
        .map(|proven| proven.granted.clone())
        .unwrap_or_default();
    let missing = view.connection.scopes_to_request().missing_from(&granted);
    missing
        .iter()
        .map(|scope| MissingScope {
            name: scope.to_string(),
            meaning: in_words(scope),
        })
        .collect()
}
