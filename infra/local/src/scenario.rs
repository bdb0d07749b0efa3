//! Scenarios: what can happen to a connection that works. Each breaks one thing in a simulator, looks until the service has told it, does
//! what the next action says, and ends where the connection works again; at every step it asserts what people and other systems are told.
//!
//! Nothing plays the schedules here: the clock is set forward and the sweep is run, so that hours pass in a second.

mod table;

use std::sync::Arc;
use std::time::Duration;

use connector::clock::{Clock as _, Deadline};
use connector::events::deliver_due;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::clock::ForwardClock;
use crate::stack::{Options, Stack, StackFault};
use crate::walk::{Walk, WalkFault};

use self::table::{Deed, Ends};
pub use self::table::{Scenario, scenarios};

/// Longer than any pause between two looks at a connection that is not idle.
const LONG: Duration = Duration::from_secs(21 * 60);
/// So long after the org's own authorization its token is known to be the new one.
const TRADED: Duration = Duration::from_secs(31);
/// How many things a person does before the scenario is given up.
const MOST: usize = 8;

/// Why a scenario does not end where it says.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioFault {
    /// There is none of this name.
    #[error("there is no scenario {0:?}; `--scenario list` names them")]
    Unknown(String),
    /// The stack does not start.
    #[error(transparent)]
    Stack(#[from] StackFault),
    /// A page or an answer is not as expected.
    #[error(transparent)]
    Walk(#[from] WalkFault),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] connector::store::StoreError),
    /// Something was told that should not have been, or not told.
    #[error("{what}: expected {expected}, found {found}")]
    NotAsTold {
        /// What was looked at.
        what: &'static str,
        /// What the scenario says.
        expected: String,
        /// What there was.
        found: String,
    },
}

/// One line of a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What happened.
    pub happened: String,
    /// The health state after it.
    pub health: String,
    /// Whose turn it is after it.
    pub whose_turn: String,
    /// What they are told to do.
    pub what: String,
    /// What other systems were told meanwhile.
    pub events: Vec<String>,
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}\n    health {}; turn of {}: {}",
            self.happened, self.health, self.whose_turn, self.what
        )?;
        if self.events.is_empty() {
            return Ok(());
        }
        write!(f, "\n    events: {}", self.events.join(", "))
    }
}

/// Runs the scenario of this name and tells each line when it has happened.
///
/// # Errors
/// [`ScenarioFault`], also when anything is not as the scenario says.
pub async fn run(name: &str, told: &mut impl FnMut(&Line)) -> Result<Vec<Line>, ScenarioFault> {
    let scenario = scenarios().into_iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| ScenarioFault::Unknown(name.to_owned()))?;
    let mut play = Play::begin(told).await?;
    let outcome = play.through(&scenario).await;
    let Play { stack, lines, .. } = play;
    stack.stop().await;
    outcome.map(|()| lines)
}

struct Play<'a, F> {
    stack: Stack,
    clock: ForwardClock,
    walk: Walk,
    id: String,
    client_id: String,
    lines: Vec<Line>,
    told: &'a mut F,
}

impl<'a, F: FnMut(&Line)> Play<'a, F> {
    async fn begin(told: &'a mut F) -> Result<Self, ScenarioFault> {
        let clock = ForwardClock::default();
        let options = Options {
            clock: Some(Arc::new(clock.clone())),
            unattended: true,
            ..Options::default()
        };
        let stack = Stack::start(options).await?;
        let mut walk = Walk::new(&stack.url, stack.pim.url())?;
        let made = walk.invite(&json!({ "customer": "Acme Corporation" })).await?;
        let link = made["link"].as_str().and_then(|link| Url::parse(link).ok());
        let link = link.ok_or_else(|| not_as_told("the invitation", "a link", &made))?;
        walk.start(&link).await?;
        let id = made["connection"].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            stack,
            clock,
            walk,
            id,
            client_id: String::new(),
            lines: Vec::new(),
            told,
        })
    }

    async fn through(&mut self, scenario: &Scenario) -> Result<(), ScenarioFault> {
        self.connect_both().await?;
        if scenario.before_verification {
            self.deed(&scenario.trouble).await?;
            self.walk.authorize_principal().await?;
            self.clock.advance(TRADED);
            self.wire().await?;
        } else {
            self.walk.authorize_principal().await?;
            self.clock.advance(TRADED);
            self.wire().await?;
            self.tell("the customer set the connection up").await?;
            self.must("health", "healthy").await?;
            self.deed(&scenario.trouble).await?;
            for _ in 0..scenario.looks {
                self.look().await?;
            }
        }
        self.tell(scenario.special).await?;
        let events = self.lines.last().map(|line| line.events.clone()).unwrap_or_default();
        match &scenario.ends {
            Ends::Healed => {
                let expected = [
                    format!("degraded ({})", scenario.name),
                    "healed".to_owned(),
                    "recovered".to_owned(),
                ];
                let as_told = expected
                    .iter()
                    .all(|event| events.iter().any(|found| found.starts_with(event.as_str())));
                if !as_told {
                    return Err(not_as_told("the events", &expected.join(", "), &events.join(", ")));
                }
                self.must("health", "healthy").await
            }
            Ends::Works => self.must("health", scenario.name).await,
            Ends::Passes { who, end, words } | Ends::Helped { who, end, words } => {
                self.must("health", scenario.name).await?;
                self.must("whose turn", who).await?;
                let degraded = format!("degraded ({})", scenario.name);
                if !scenario.before_verification && events.iter().filter(|event| **event == degraded).count() != 1 {
                    return Err(not_as_told("the events", &degraded, &events.join(", ")));
                }
                self.deed(end).await?;
                if matches!(scenario.ends, Ends::Helped { .. }) {
                    self.person().await?;
                } else {
                    self.look().await?;
                    self.wire().await?;
                }
                self.tell(words).await?;
                let end = if scenario.before_verification {
                    "connected"
                } else {
                    "recovered"
                };
                let events = self.lines.last().map(|line| line.events.clone()).unwrap_or_default();
                if !events.iter().any(|event| event.starts_with(end)) {
                    return Err(not_as_told("the events", end, &events.join(", ")));
                }
                self.must("health", "healthy").await
            }
        }
    }

    async fn connect_both(&mut self) -> Result<(), ScenarioFault> {
        self.walk.connect_salesforce("production", "Allow").await?;
        let (client_id, secret) = self.walk.create_app(&self.id).await?;
        let base_url = self.stack.pim.url().to_string();
        let wizard = self.walk.enter_akeneo(&base_url, &client_id, &secret).await?;
        self.walk.consent(wizard).await?;
        self.client_id = client_id;
        self.wire().await
    }

    /// Breaks or mends something in a simulator.
    async fn deed(&mut self, deed: &Deed) -> Result<(), ScenarioFault> {
        let found = |error: String| not_as_told("the simulator", "that it does this", &error);
        match deed {
            Deed::Nothing => {}
            Deed::Org(action) => {
                let action = serde_json::from_value(action.clone()).map_err(|error| found(error.to_string()))?;
                self.stack
                    .org
                    .control()
                    .act(&action)
                    .map_err(|error| found(error.to_string()))?;
            }
            Deed::OrgFails => {
                let silent = salesforce_simulator::Fault {
                    canned: Some(salesforce_simulator::Canned::Html503),
                    count: u32::MAX,
                    ..salesforce_simulator::Fault::new(salesforce_simulator::FaultKind::Status, "/services/data/v66.0")
                };
                self.stack.org.control().add_fault(silent);
            }
            Deed::OrgWorks => self.stack.org.control().clear_faults(),
            Deed::PimAnswers(status) => self.stack.pim.control().add_fault(akeneo_simulator::Fault {
                status: Some(*status),
                ..akeneo_simulator::Fault::new(akeneo_simulator::FaultKind::Status, "/api/rest/v1")
            }),
            Deed::PimWorks => self.stack.pim.control().clear_faults(),
            Deed::PimSettings(patch) => {
                let patched = self.stack.pim.control().patch_settings(patch.clone());
                patched.map_err(|error| found(error.to_string()))?;
            }
            Deed::Disconnect => {
                let gone = self.stack.pim.control().disconnect(&self.client_id);
                gone.map_err(|error| found(error.to_string()))?;
            }
            Deed::ReplaceToken => {
                let other = self
                    .stack
                    .pim
                    .control()
                    .second_consumer(&self.client_id, &["read_products"]);
                other.map_err(|error| found(error.to_string()))?;
            }
        }
        Ok(())
    }

    /// Does what the next action says, until it works.
    async fn person(&mut self) -> Result<(), ScenarioFault> {
        for _ in 0..MOST {
            let shown = self.walk.show(&self.id).await?;
            match (
                shown["stage"].as_str().unwrap_or_default(),
                shown["health"].as_str().unwrap_or_default(),
            ) {
                ("connected", _) => return Ok(()),
                ("connect_salesforce", _) => drop(self.walk.connect_salesforce("production", "Allow").await?),
                ("authorize_akeneo" | "scopes_missing", _)
                | ("degraded", "token_revoked" | "disconnected" | "scope_lost") => {
                    let wizard = self.walk.authorize_again().await?;
                    self.walk.consent(wizard).await?;
                }
                ("authorize_principal", _) => {
                    self.walk.authorize_principal().await?;
                    self.clock.advance(TRADED);
                }
                _ => drop(self.walk.check_again().await?),
            }
            self.wire().await?;
        }
        Err(not_as_told(
            "the stage",
            "connected",
            &self.walk.show(&self.id).await?["stage"],
        ))
    }

    /// One look at whatever is due by now for a health check or for wiring, after the longest pause.
    async fn look(&mut self) -> Result<(), ScenarioFault> {
        self.clock.advance(LONG);
        health_check::sweep(&self.stack.services, Deadline::after(Duration::from_secs(200))).await?;
        self.wire().await
    }

    async fn wire(&mut self) -> Result<(), ScenarioFault> {
        salesforce_patch::wire_due(&self.stack.services, Deadline::after(Duration::from_secs(110))).await?;
        Ok(())
    }

    /// Tells how it stands, and what other systems were told since the last line.
    async fn tell(&mut self, happened: &str) -> Result<(), ScenarioFault> {
        deliver_due(&self.stack.services, Deadline::after(Duration::from_secs(60))).await?;
        let mut events = self.stack.events.take();
        events.sort_by_key(|event| event.time);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let shown = self.walk.show(&self.id).await?;
        let line = Line {
            happened: happened.to_owned(),
            health: text(&shown["health"]),
            whose_turn: text(&shown["next_action"]["who"]),
            what: text(&shown["next_action"]["what"]),
            events: events
                .iter()
                .map(|event| format!("{} ({})", event.kind.name(), event.health.code()))
                .collect(),
        };
        (self.told)(&line);
        self.lines.push(line);
        Ok(())
    }

    /// Asserts what the last line says.
    async fn must(&self, what: &'static str, expected: &str) -> Result<(), ScenarioFault> {
        let Some(line) = self.lines.last() else { return Ok(()) };
        let found = if what == "health" {
            &line.health
        } else {
            &line.whose_turn
        };
        if found == expected {
            return Ok(());
        }
        let shown = self.walk.show(&self.id).await?;
        let found = json!({ "found": found, "stage": shown["stage"], "wiring": shown["wiring"]["findings"], "at": self.clock.now() });
        Err(not_as_told(what, expected, &found))
    }
}

fn not_as_told(what: &'static str, expected: &str, found: &impl ToString) -> ScenarioFault {
    ScenarioFault::NotAsTold {
        what,
        expected: expected.to_owned(),
        found: found.to_string(),
    }
}
