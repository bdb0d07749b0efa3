//! The course of a walk: at each stage what a person does there, and at a stop what they do after being told.
//!
//! What they do about a stop is not known here: the simulated org tells it (its preset's story), because it is the org that a person
//! changes. A stop of which the story knows nothing is one that nobody expected.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::walk::{Walk, WalkFault};

/// How many things a person does before the walk is given up.
const MOST: usize = 30;

/// A stop of the journey: a person had to act.
#[derive(Debug, Clone, Serialize)]
pub struct Stop {
    /// Where it stood.
    pub stage: String,
    /// Why the org could not be connected, where that was the stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Whose turn it was.
    pub who: String,
    /// What they were told to do.
    pub what: String,
    /// What they did, as actions of the simulated org; nothing if nobody expected the stop.
    pub remedy: Vec<Value>,
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "stopped at {}", self.stage)?;
        if let Some(fault) = &self.fault {
            write!(f, " ({fault})")?;
        }
        write!(f, "; turn of {}: {}", self.who, self.what)?;
        for action in &self.remedy {
            write!(f, " [{action}]")?;
        }
        Ok(())
    }
}

/// What a listener hears.
#[derive(Debug)]
pub enum Happened<'a> {
    /// Somebody did something.
    Done(&'static str),
    /// Somebody had to act, and did.
    Stopped(&'a Stop),
}

/// How the course ended.
#[derive(Debug)]
pub(crate) enum Course {
    /// Connected; the client id of the Custom App.
    Connected { shown: Value, client_id: String },
    /// At a stop that nobody expected.
    Unexpected(Stop),
}

/// A person under way.
pub(crate) struct Traveller<'a, F> {
    pub(crate) walk: &'a mut Walk,
    pub(crate) connection: String,
    pub(crate) pim: &'a Url,
    pub(crate) org: &'a Url,
    pub(crate) told: &'a mut F,
    /// Client id and secret of the Custom App, once it was made.
    pub(crate) app: Option<(String, String)>,
    /// Whether the Custom App has Salesforce's own callback.
    pub(crate) by_salesforce: bool,
    /// What the story still expects.
    pub(crate) expected: Vec<Value>,
    pub(crate) stops: Vec<Stop>,
}

impl<F: FnMut(Happened<'_>)> Traveller<'_, F> {
    /// Goes on until the connection is connected or nobody knows what to do.
    pub(crate) async fn go_on(&mut self) -> Result<Course, WalkFault> {
        for _ in 0..MOST {
            let shown = self.walk.settled(&self.connection).await?;
            match shown["stage"].as_str().unwrap_or_default() {
                "connected" => {
                    let client_id = self.app.clone().unwrap_or_default().0;
                    return Ok(Course::Connected { shown, client_id });
                }
                "connect_salesforce" if !self.is_expected("connect_salesforce") => {
                    self.walk.connect_salesforce("production", "Allow").await?;
                    let shown = self.walk.show(&self.connection).await?;
                    if shown["stage"] != "connect_salesforce" {
                        self.done("the Salesforce admin connected the org");
                    } else if let Some(stop) = self.stop(&shown).await? {
                        return Ok(Course::Unexpected(stop));
                    }
                }
                "enter_akeneo" if self.app.is_none() => self.enter_akeneo().await?,
                "authorize_akeneo" => {
                    let wizard = self.walk.authorize_again().await?;
                    self.walk.consent(wizard).await?;
                    self.done("the PIM admin authorized the connection");
                }
                "authorize_principal" => {
                    self.done("the org was wired");
                    self.walk.authorize_principal().await?;
                    self.walk.wait_while(&self.connection, "authorize_principal").await?;
                    self.done(if self.by_salesforce {
                        "Salesforce authorized itself in the PIM at its own callback"
                    } else {
                        "Salesforce authorized itself in the PIM through the relay"
                    });
                }
                _ => {
                    if let Some(stop) = self.stop(&shown).await? {
                        return Ok(Course::Unexpected(stop));
                    }
                }
            }
        }
        Err(WalkFault::Unexpected {
            what: "the walk goes round in circles",
            found: self.connection.clone(),
        })
    }

    /// Goes on after these things have happened to an org that was connected.
    pub(crate) async fn after(&mut self, later: &[Value]) -> Result<Course, WalkFault> {
        for action in later {
            self.act(action).await?;
        }
        self.walk.check_again().await?;
        self.done("something happened to the org, and it was looked at again");
        self.go_on().await
    }

    /// Sets picklist synchronisation up and waits until it works.
    pub(crate) async fn set_up_picklists(&mut self, acts: &[Value]) -> Result<Value, WalkFault> {
        for act in acts {
            self.act(act).await?;
        }
        self.done("the Salesforce admin asked for picklist synchronisation");
        let shown = self.walk.picklists_work(&self.connection).await?;
        self.done("the org may call itself");
        Ok(shown)
    }

    /// Whether every stop that the story knows has come.
    pub(crate) fn all_as_expected(&self) -> Result<(), WalkFault> {
        if self.expected.is_empty() {
            return Ok(());
        }
        Err(WalkFault::Unexpected {
            what: "a stop that should have come did not",
            found: json!(self.expected).to_string(),
        })
    }

    /// Whether the story knows of a stop at this stage.
    fn is_expected(&self, stage: &str) -> bool {
        self.expected.iter().any(|one| one["at"] == stage)
    }

    fn done(&mut self, what: &'static str) {
        (self.told)(Happened::Done(what));
    }

    async fn enter_akeneo(&mut self) -> Result<(), WalkFault> {
        let (client_id, client_secret) = if self.by_salesforce {
            let made = self.walk.create_app_of_salesforce(self.org).await?;
            self.done("the PIM admin had a Custom App with Salesforce's own callback");
            made
        } else {
            let made = self.walk.create_app(&self.connection).await?;
            self.done("the PIM admin created the Custom App with the URLs from the page");
            made
        };
        let base_url = self.pim.as_str();
        let wizard = self.walk.enter_akeneo(base_url, &client_id, &client_secret).await?;
        self.walk.consent(wizard).await?;
        self.done(if self.by_salesforce {
            "the PIM admin entered the credentials"
        } else {
            "the PIM admin entered the credentials and consented; the code was exchanged"
        });
        self.app = Some((client_id, client_secret));
        Ok(())
    }

    /// A stop: the person that the story knows acts and has it looked at again. Comes back with a stop that the story does not know.
    async fn stop(&mut self, shown: &Value) -> Result<Option<Stop>, WalkFault> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let stage = text(&shown["stage"]).unwrap_or_default();
        let fault = if shown["salesforce"]["other_org"].is_object() {
            Some("other_org".to_owned())
        } else {
            text(&shown["salesforce"]["fault"])
        };
        let fault = fault.filter(|_| stage == "connect_salesforce");
        let next = &shown["next_action"];
        let mut stop = Stop {
            fault: fault.clone(),
            who: text(&next["who"]).unwrap_or_default(),
            what: text(&next["what"]).unwrap_or_default(),
            stage: stage.clone(),
            remedy: Vec::new(),
        };
        let at = fault.unwrap_or(stage);
        let known = self
            .expected
            .iter()
            .position(|one| one["at"] == *at && one["who"] == *stop.who);
        let Some(known) = known else {
            return Ok(Some(stop));
        };
        let known = self.expected.remove(known);
        stop.remedy = known["actions"].as_array().cloned().unwrap_or_default();
        (self.told)(Happened::Stopped(&stop));
        for action in &stop.remedy {
            self.act(action).await?;
        }
        // Whoever pressed a button of the page, or let the org authorize itself through us, has had the org looked at with it.
        let pressed = |action: &Value| matches!(action["action"].as_str(), Some("press" | "authenticate"));
        let pressed = stop.remedy.iter().any(pressed);
        if stop.stage != "connect_salesforce" && !pressed {
            self.walk.check_again().await?;
        }
        self.stops.push(stop);
        Ok(None)
    }

    /// Does one thing: presses a button on the journey page or in Setup, chooses users, or what a person or the package does to the org.
    pub(crate) async fn act(&mut self, action: &Value) -> Result<(), WalkFault> {
        if action["action"] == "press" {
            let mut action = self.filled(action);
            if action.to_string().contains("{org_id}") {
                let state = self.walk.simulator_state(self.org).await?;
                let id = state["org"]["id"].as_str().unwrap_or_default();
                action = serde_json::from_str(&action.to_string().replace("{org_id}", id)).unwrap_or_default();
            }
            return self.press(&action).await;
        }
        if action["action"] == "authenticate" {
            let button = action["button"].as_str().unwrap_or_default();
            return self.walk.authenticate(self.org, button).await.map(drop);
        }
        if action["action"] == "choose" {
            let text = action["users"].as_str().unwrap_or_default();
            self.walk.choose_users(text).await?;
            return self.walk.looked_at(&self.connection).await;
        }
        let mut action = self.filled(action);
        if action.to_string().contains("{page:") {
            action = copied(&action, &self.walk.values_by_hand().await?);
        }
        self.walk.simulator_action(self.org, action).await
    }

    async fn press(&mut self, action: &Value) -> Result<(), WalkFault> {
        let page = action["page"].as_str().unwrap_or("/setup");
        let fields: Vec<(&str, &str)> = action["fields"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .collect();
        let form = action["form"].as_str().unwrap_or_default();
        self.walk.press_on(page, form, &fields).await.map(drop)
    }

    /// An action with what only the walk knows filled in.
    fn filled(&self, action: &Value) -> Value {
        let (client_id, client_secret) = self.app.clone().unwrap_or_default();
        let filled = action
            .to_string()
            .replace("{pim}", self.pim.as_str().trim_end_matches('/'))
            .replace("{org}", self.org.as_str().trim_end_matches('/'))
            .replace("{service}", self.walk.service().as_str().trim_end_matches('/'))
            .replace("{client_id}", &client_id)
            .replace("{client_secret}", &client_secret);
        serde_json::from_str(&filled).unwrap_or_else(|_| json!({}))
    }
}

/// An action with the values that the page for setting the org up by hand shows: `{page:ID}` is the field `ID`.
fn copied(action: &Value, values: &BTreeMap<String, String>) -> Value {
    let text = values.iter().fold(action.to_string(), |text, (id, value)| {
        text.replace(&format!("{{page:{id}}}"), value)
    });
    serde_json::from_str(&text).unwrap_or_else(|_| json!({}))
}
