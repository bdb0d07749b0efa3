//! One preset as data: what differs from a plain org, what a person does about it, what happens to the org later.

use serde::Serialize;
use serde_json::{Value, json};

use super::Preset;
use crate::control::Action;
use crate::org::package::Version;

/// An action by name with its fields as JSON, as they are sent to `/_simulator/actions/{name}`.
pub(super) type Act = (&'static str, &'static str);

/// The package in a preset.
#[derive(Debug, Clone, Copy)]
pub(super) enum Installed {
    Nothing,
    Fixed(Version),
    /// The version of the settings.
    Current,
}

/// What a person does after being told at a stop of the journey.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remedy {
    /// The stage of the stop, or the code of the fault where the org could not be connected.
    pub(super) at: &'static str,
    /// Whose turn it is then.
    pub(super) who: &'static str,
    /// What they do, in a few words.
    pub(super) what: &'static str,
    /// How, as actions. `press`, `choose` and `authenticate` are no actions of the org: they press the button of a
    /// form on the journey page, choose users that run transfers, and press a button in Setup that leads to the PIM and back. `{page:ID}` is a value of the page for setting up by hand.
    pub(super) acts: &'static [Act],
}

/// One preset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) preset: Preset,
    pub(super) name: &'static str,
    /// What is special, in a few words.
    pub(super) special: &'static str,
    pub(super) installed: Installed,
    pub(super) sandbox: bool,
    /// A merge patch of the settings that the simulator was started with.
    pub(super) settings: &'static str,
    /// What is known of such an org beforehand, as a service may be configured with it: `name=accepted`, with commas between.
    pub(super) known: &'static str,
    /// What happened to the org before anybody connects it.
    pub(super) before: &'static [Act],
    /// Where the journey stops, in order, and what is done about it. Empty: it ends connected by itself.
    pub(super) remedies: &'static [Remedy],
    /// What happens to the org once it is connected.
    pub(super) later: &'static [Act],
    /// Where the journey stops after that.
    pub(super) later_remedies: &'static [Remedy],
    /// How somebody sets picklist synchronisation up in the end; nobody does if it is empty.
    pub(super) picklists: &'static [Act],
}

/// A plain org: package 3.x, freshly installed.
pub(super) const PLAIN: Row = Row {
    preset: Preset::Ready,
    name: "ready",
    special: "freshly installed: placeholders, callouts off, nobody authenticated",
    installed: Installed::Current,
    sandbox: false,
    settings: "{}",
    known: "",
    before: &[],
    remedies: &[],
    later: &[],
    later_remedies: &[],
    picklists: &[],
};

/// What a program that walks the journey has to know of a preset.
#[derive(Debug, Clone, Serialize)]
pub struct Story {
    /// The preset.
    pub preset: &'static str,
    /// What is special, in a few words.
    pub special: &'static str,
    /// Where the journey stops, in order.
    pub remedies: Vec<Told>,
    /// What happens to the org once it is connected, as bodies of actions.
    pub later: Vec<Value>,
    /// Where the journey stops after that.
    pub later_remedies: Vec<Told>,
    /// How somebody sets picklist synchronisation up in the end, as bodies of actions.
    pub picklists: Vec<Value>,
}

/// A stop and what a person does about it.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// The stage, or the code of the fault where the org could not be connected.
    pub at: &'static str,
    /// Whose turn it is.
    pub who: &'static str,
    /// What they do, in a few words.
    pub what: &'static str,
    /// How, as bodies of actions.
    pub actions: Vec<Value>,
}

impl Story {
    pub(super) fn of(row: &Row) -> Self {
        let bodies = |acts: &[Act]| acts.iter().map(|act| body(*act)).collect();
        let told = |remedies: &[Remedy]| {
            remedies
                .iter()
                .map(|remedy| Told {
                    at: remedy.at,
                    who: remedy.who,
                    what: remedy.what,
                    actions: bodies(remedy.acts),
                })
                .collect()
        };
        Self {
            preset: row.name,
            special: row.special,
            remedies: told(row.remedies),
            later: bodies(row.later),
            later_remedies: told(row.later_remedies),
            picklists: bodies(row.picklists),
        }
    }

    /// How a walk ends: connected, perhaps after somebody's turn.
    #[must_use]
    pub fn ending(&self) -> String {
        let turns = self.remedies.iter().chain(&self.later_remedies);
        let mut ending: Vec<_> = turns.map(|told| format!("{}: {}", told.who, told.what)).collect();
        ending.push("connected".to_owned());
        ending.join("; then ")
    }
}

/// An action as one JSON object.
fn body((name, fields): Act) -> Value {
    let mut body: Value = serde_json::from_str(fields).unwrap_or_else(|_| json!({}));
    body["action"] = json!(name);
    body
}

/// The action of a row.
pub(super) fn action(act: Act) -> Result<Action, serde_json::Error> {
    serde_json::from_value(body(act))
}
