//! What a walk through the whole journey did and what it verified in the end.

use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::course::{Course, Happened, Stop, Traveller};
use crate::walk::{Walk, WalkFault};

/// One step and how long it took, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What was done.
    pub step: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// How a walk ended.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Ending {
    /// Connected, and what the service, the PIM and the org say about it.
    Connected(Box<Facts>),
    /// A person has to act, and the org's preset does not say how.
    NeedsAPerson(Stop),
}

/// What was verified.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// The connection.
    pub connection: String,
    /// The PIM's host.
    pub pim: String,
    /// The org.
    pub org_id: String,
    /// The granted scopes.
    pub scopes: String,
    /// The Named Credential's URL.
    pub named_credential_url: String,
    /// Enabled or Disabled.
    pub callouts: &'static str,
    /// The principal's status.
    pub principal: String,
    /// How the principal's status is known, where the org tells none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// Whether everybody who runs transfers has access.
    pub grants: &'static str,
    /// The probe of the PIM with our token: scopes that work, of scopes asked for.
    pub pim_probe: String,
    /// The look at the org.
    pub org_probe: &'static str,
    /// How many consent screens the PIM showed.
    pub consents: Value,
    /// How many tokens of the app are alive in the PIM.
    pub live_tokens: usize,
    /// Whether the token that the org stored is the one that is alive.
    pub org_holds_that_token: bool,
    /// The user as whom the package's code in the org read something from the PIM.
    pub transfer: String,
    /// Picklist synchronisation: `off`, or how it is and with which Named Credential.
    pub picklists: String,
    /// What is told of the org and holds nothing up, as codes of findings.
    pub told: Vec<String>,
    /// Where people had to act on the way, and what they did.
    pub stops: Vec<Stop>,
}

/// Walks the journey against a service, a simulated PIM and a simulated org that are running. At a stop that the org's preset expects, the
/// simulated person does what helps; then the walk goes on. `told` hears of each step when it is done.
///
/// # Errors
/// [`WalkFault`] when a page or an answer is not as expected.
pub async fn walk(service: &Url, pim: &Url, org: &Url, told: &mut impl FnMut(&Step)) -> Result<Ending, WalkFault> {
    walk_on(&json!({}), service, pim, org, told).await
}

/// [`walk`] on terms that Customer Success lays down, as in the body of an invitation.
///
/// # Errors
/// [`WalkFault`].
pub async fn walk_on(
    terms: &Value,
    service: &Url,
    pim: &Url,
    org: &Url,
    told: &mut impl FnMut(&Step),
) -> Result<Ending, WalkFault> {
    let mut since = Instant::now();
    let mut told = |happened: Happened<'_>| {
        let duration_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let step = match happened {
            Happened::Done(step) => step.to_owned(),
            Happened::Stopped(stop) => stop.to_string(),
        };
        told(&Step { step, duration_ms });
        since = Instant::now();
    };
    let mut walk = Walk::new(service, pim)?;
    let mut story = walk.story(org).await?;
    let mut wanted = terms.clone();
    wanted["customer"] = json!("Acme Corporation");
    let invitation = walk.invite(&wanted).await?;
    told(Happened::Done("Customer Success made a setup link"));
    let link = invitation["link"].as_str().and_then(|link| Url::parse(link).ok());
    let Some(link) = link else {
        return Err(WalkFault::Unexpected {
            what: "a link",
            found: invitation.to_string(),
        });
    };
    walk.start(&link).await?;
    told(Happened::Done("the link was opened and the setup started"));
    let mut traveller = Traveller {
        walk: &mut walk,
        connection: text(&invitation["connection"]),
        pim,
        org,
        told: &mut told,
        app: None,
        by_salesforce: terms["callback"] == "salesforce",
        expected: list(story["remedies"].take()),
        stops: Vec::new(),
    };
    let mut course = traveller.go_on().await?;
    let later = list(story["later"].take());
    if matches!(course, Course::Connected { .. }) && !later.is_empty() {
        traveller.all_as_expected()?;
        traveller.expected = list(story["later_remedies"].take());
        course = traveller.after(&later).await?;
    }
    if matches!(course, Course::Connected { .. }) {
        traveller.all_as_expected()?;
    }
    let picklists = list(story["picklists"].take());
    if let (Course::Connected { shown, .. }, false) = (&mut course, picklists.is_empty()) {
        *shown = traveller.set_up_picklists(&picklists).await?;
    }
    let stops = std::mem::take(&mut traveller.stops);
    let (shown, client_id) = match course {
        Course::Unexpected(stop) => return Ok(Ending::NeedsAPerson(stop)),
        Course::Connected { shown, client_id } => (shown, client_id),
    };
    told(Happened::Done("both sides were verified"));
    let (pim_state, org_state) = (walk.simulator_state(pim).await?, walk.simulator_state(org).await?);
    let transfer = walk.transfer(org, &org_state).await?;
    let facts = facts(&shown, &client_id, &pim_state, &org_state);
    Ok(Ending::Connected(Box::new(Facts {
        transfer,
        stops,
        ..facts
    })))
}

/// Findings about users without access.
const ACCESS: [&str; 3] = ["access_missing", "runner_without_access", "nobody_has_access"];

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list,
        _ => Vec::new(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn facts(shown: &Value, client_id: &str, pim: &Value, org: &Value) -> Facts {
    let (wiring, probes) = (&shown["wiring"], &shown["verification"]);
    let findings = wiring["findings"].as_array().into_iter().flatten();
    let told: Vec<String> = findings.map(|finding| text(&finding["finding"])).collect();
    let scopes = probes["pim"]["scopes"].as_object();
    let working = scopes.map_or(0, |all| {
        all.values()
            .filter(|verdict| matches!(verdict.as_str(), Some("granted" | "inferred")))
            .count()
    });
    let tokens = pim["live_tokens"].as_array().cloned().unwrap_or_default();
    let live: Vec<_> = tokens.iter().filter(|token| token["app"] == client_id).collect();
    let first = |kind: &str| org[kind].as_array().and_then(|all| all.first());
    // A package before 3.0 has no principals: the classic Named Credential holds the token itself.
    let holder = first("principals").or_else(|| first("legacy_tokens"));
    // A token that was stored without a browser is one of its values.
    let token = |holder: &Value| {
        [&holder["access_token"], &holder["values"]["Token"]]
            .into_iter()
            .find(|token| token.is_string())
            .cloned()
    };
    let held = holder.and_then(token);
    // Without access nobody but the customer sees the org.
    let alone = shown["salesforce"]["org"].is_null();
    let seen = |what: String| if alone { "not seen".to_owned() } else { what };
    Facts {
        connection: text(&shown["connection"]),
        pim: text(&shown["pim"]),
        org_id: seen(text(&shown["org_id"])),
        scopes: match &shown["akeneo"]["proven"]["granted"] {
            Value::Null => "known to Salesforce alone".to_owned(),
            granted => text(granted),
        },
        named_credential_url: seen(text(&wiring["named_credential_url"])),
        callouts: match &wiring["callouts_enabled"] {
            _ if alone => "not seen",
            Value::Bool(true) => "Enabled",
            _ => "Disabled",
        },
        principal: seen(text(&wiring["principal"])),
        evidence: wiring["evidence"].as_str().map(str::to_owned),
        grants: if alone {
            "not seen"
        } else if wiring["evidence"].is_string() && first("principals").is_none() {
            "not needed"
        } else if !told.iter().any(|code| ACCESS.contains(&code.as_str())) {
            "complete"
        } else {
            "incomplete"
        },
        pim_probe: scopes.map_or_else(
            || "none, Salesforce alone holds the token".to_owned(),
            |scopes| format!("{working} of {} scopes work", scopes.len()),
        ),
        org_probe: match &probes["org"] {
            _ if alone => "not possible, it was set up by hand",
            Value::Bool(true) => "as it should be",
            _ => "not as it should be",
        },
        consents: pim["consents"].clone(),
        live_tokens: live.len(),
        org_holds_that_token: live.len() == 1 && held.is_some_and(|held| held == live[0]["value"]),
        transfer: String::new(),
        picklists: match shown["self_callout"]["stage"].as_str() {
            Some("off") | None => "off".to_owned(),
            Some(stage) => {
                let records = &shown["self_callout"]["facts"]["records"];
                format!("{stage} through {}", text(&records["named_credential"]))
            }
        },
        told,
        stops: Vec::new(),
    }
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NeedsAPerson(stop) => write!(f, "{stop}; nobody expected that"),
            Self::Connected(facts) => write!(
                f,
                "connected PIM {}; org {}; scopes {}; Named Credential {}; callouts {}; principal {}{}; grants {}; \
                 PIM probe: {}; org probe: {}; consents {}; live tokens {}, the org holds that token: {}; \
                 the package's code reached the PIM as {}; picklists {}; told: {}",
                facts.pim,
                facts.org_id,
                facts.scopes,
                facts.named_credential_url,
                facts.callouts,
                facts.principal,
                facts
                    .evidence
                    .as_deref()
                    .map(|by| format!(" (known by {by})"))
                    .unwrap_or_default(),
                facts.grants,
                facts.pim_probe,
                facts.org_probe,
                facts.consents["accepted"],
                facts.live_tokens,
                facts.org_holds_that_token,
                facts.transfer,
                facts.picklists,
                if facts.told.is_empty() {
                    "nothing".to_owned()
                } else {
                    facts.told.join(", ")
                },
            ),
        }
    }
}
