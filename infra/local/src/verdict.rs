//! What a walk through the whole journey did and what it verified in the end.

use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::walk::{Walk, WalkFault};

/// One step and how long it took, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What was done.
    pub step: &'static str,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// How a walk ended.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Ending {
    /// Connected, and what the service, the PIM and the org say about it.
    Connected(Box<Facts>),
    /// A person has to act in a way that a walk cannot.
    NeedsAPerson {
        /// Where it stands.
        stage: String,
        /// Whose turn it is.
        who: String,
        /// What to do.
        what: String,
    },
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
}

/// Stages at which a walk cannot go on by itself.
const STUCK: [&str; 7] = [
    "org_too_old",
    "permission_missing",
    "package_missing",
    "package_outdated",
    "package_incomplete",
    "package_ambiguous",
    "wiring_blocked",
];

/// Walks the journey against a service, a simulated PIM and a simulated org that are running. `told` hears of each step when it is done.
///
/// # Errors
/// [`WalkFault`] when a page or an answer is not as expected.
pub async fn walk(service: &Url, pim: &Url, org: &Url, told: &mut impl FnMut(&Step)) -> Result<Ending, WalkFault> {
    let mut since = Instant::now();
    let mut done = |step| {
        let duration_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        told(&Step { step, duration_ms });
        since = Instant::now();
    };
    let mut walk = Walk::new(service, pim)?;
    let invitation = walk.invite(&json!({ "customer": "Acme Corporation" })).await?;
    done("Customer Success made a setup link");
    let link = invitation["link"].as_str().and_then(|link| Url::parse(link).ok());
    let Some(link) = link else {
        return Err(WalkFault::Unexpected {
            what: "a link",
            found: invitation.to_string(),
        });
    };
    let id = text(&invitation["connection"]);
    walk.start(&link).await?;
    done("the link was opened and the setup started");
    walk.connect_salesforce("production", "Allow").await?;
    done("the Salesforce admin connected the org");
    let shown = walk.show(&id).await?;
    if STUCK.iter().any(|stage| shown["stage"] == *stage) {
        return Ok(stopped(&shown));
    }
    let (client_id, client_secret) = walk.create_app(&id).await?;
    done("the PIM admin created the Custom App with the URLs from the page");
    let wizard = walk.enter_akeneo(pim.as_str(), &client_id, &client_secret).await?;
    walk.consent(wizard).await?;
    done("the PIM admin entered the credentials and consented; the code was exchanged");
    let shown = walk
        .wait_for(&id, &[&["authorize_principal", "connected"], &STUCK[..]].concat())
        .await?;
    if STUCK.iter().any(|stage| shown["stage"] == *stage) {
        return Ok(stopped(&shown));
    }
    done("the org was wired");
    if shown["stage"] == "authorize_principal" {
        walk.authorize_principal().await?;
        done("Salesforce authorized itself in the PIM through the relay");
    }
    let shown = walk.wait_for(&id, &["connected"]).await?;
    done("both sides were verified");
    let (pim_state, org_state) = (walk.simulator_state(pim).await?, walk.simulator_state(org).await?);
    Ok(Ending::Connected(Box::new(facts(
        &shown, &client_id, &pim_state, &org_state,
    ))))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn stopped(shown: &Value) -> Ending {
    let next = &shown["next_action"];
    Ending::NeedsAPerson {
        stage: text(&shown["stage"]),
        who: text(&next["who"]),
        what: text(&next["what"]),
    }
}

fn facts(shown: &Value, client_id: &str, pim: &Value, org: &Value) -> Facts {
    let (wiring, probes) = (&shown["wiring"], &shown["verification"]);
    let scopes = probes["pim"]["scopes"].as_object();
    let working = scopes.map_or(0, |all| {
        all.values()
            .filter(|verdict| matches!(verdict.as_str(), Some("granted" | "inferred")))
            .count()
    });
    let tokens = pim["live_tokens"].as_array().cloned().unwrap_or_default();
    let live: Vec<_> = tokens.iter().filter(|token| token["app"] == client_id).collect();
    let held = org["principals"]
        .as_array()
        .and_then(|all| all.first())
        .map(|principal| &principal["access_token"]);
    Facts {
        connection: text(&shown["connection"]),
        pim: text(&shown["pim"]),
        org_id: text(&shown["org_id"]),
        scopes: text(&shown["akeneo"]["proven"]["granted"]),
        named_credential_url: text(&wiring["named_credential_url"]),
        callouts: if wiring["callouts_enabled"] == true {
            "Enabled"
        } else {
            "Disabled"
        },
        principal: text(&wiring["principal"]),
        grants: if wiring["findings"] == json!([]) {
            "complete"
        } else {
            "incomplete"
        },
        pim_probe: format!("{working} of {} scopes work", scopes.map_or(0, serde_json::Map::len)),
        org_probe: if probes["org"] == true {
            "as it should be"
        } else {
            "not as it should be"
        },
        consents: pim["consents"].clone(),
        live_tokens: live.len(),
        org_holds_that_token: live.len() == 1 && held.is_some_and(|held| *held == live[0]["value"]),
    }
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NeedsAPerson { stage, who, what } => write!(f, "stopped at {stage}; turn of {who}: {what}"),
            Self::Connected(facts) => write!(
                f,
                "connected PIM {}; org {}; scopes {}; Named Credential {}; callouts {}; principal {}; grants {}; \
                 PIM probe: {}; org probe: {}; consents {}; live tokens {}, the org holds that token: {}",
                facts.pim,
                facts.org_id,
                facts.scopes,
                facts.named_credential_url,
                facts.callouts,
                facts.principal,
                facts.grants,
                facts.pim_probe,
                facts.org_probe,
                facts.consents["accepted"],
                facts.live_tokens,
                facts.org_holds_that_token,
            ),
        }
    }
}
