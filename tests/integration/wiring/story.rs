//! A preset's story, carried through without schedules: at each stop its person acts, later its event happens, and in the end it is
//! connected.

use std::time::Duration;

use salesforce_simulator::{Action, Preset, Told};
use serde_json::Value;

use crate::attended::Attended;

/// How many stages a story may have.
const MOST: usize = 12;

/// A connection at the end of a preset's story, and where it stopped: stage and what the person was told.
pub(super) struct Carried {
    pub(super) attended: Attended,
    pub(super) stops: Vec<(String, String)>,
    /// How many requests the org had seen when it was connected for the first time.
    pub(super) first_connected: usize,
    /// The codes of all findings that were told on the way.
    pub(super) told: Vec<String>,
}

impl Carried {
    /// Carries a preset through.
    pub(super) async fn through(preset: Preset) -> Self {
        let story = preset.story();
        let mut carried = Self {
            attended: Attended::begin(preset).await,
            stops: Vec::new(),
            first_connected: 0,
            told: Vec::new(),
        };
        carried.go_on(story.remedies).await;
        carried.first_connected = carried.attended.org().requests().len();
        if !story.later.is_empty() {
            carried.happen(&story.later).await;
            carried.attended.check_again().await;
            carried.go_on(story.later_remedies).await;
        }
        carried
    }

    async fn go_on(&mut self, mut expected: Vec<Told>) {
        for _ in 0..MOST {
            self.attended.wire().await;
            let shown = self.attended.show().await;
            self.note(&shown);
            match shown["stage"].as_str().unwrap() {
                "connected" => {
                    assert!(expected.is_empty(), "stops that did not come: {expected:?}");
                    return;
                }
                "connect_salesforce" => {
                    let walk = &mut self.attended.walk;
                    walk.connect_salesforce("production", "Allow").await.unwrap();
                    // The answer of the login itself may be a stop.
                    let shown = self.attended.show().await;
                    let fault = shown["salesforce"]["fault"].as_str();
                    let moved = shown["salesforce"]["other_org"].is_object().then_some("other_org");
                    if let Some(at) = moved.or(fault) {
                        self.stop(at, &shown, &mut expected).await;
                    }
                }
                "enter_akeneo" => self.attended.connect_pim().await,
                "authorize_principal" => {
                    self.attended.walk.authorize_principal().await.unwrap();
                    // As long as a code that was relayed may live.
                    self.attended.clock.advance(Duration::from_secs(31));
                }
                stage => {
                    let pressed = self.stop(stage, &shown, &mut expected).await;
                    // Whoever pressed a button of the page has had the org looked at with it.
                    if !pressed {
                        self.attended.check_again().await;
                    }
                }
            }
        }
        panic!("no end: {:?}", self.stops);
    }

    /// A stop that the story expects: its person acts. Whether they pressed a button of the service's page.
    async fn stop(&mut self, at: &str, shown: &Value, expected: &mut Vec<Told>) -> bool {
        let known = expected.iter().position(|told| told.at == at);
        let known = known.unwrap_or_else(|| panic!("{at}: {} {}", shown["next_action"], shown["wiring"]));
        let told = expected.remove(known);
        assert_eq!(shown["next_action"]["who"], told.who);
        let what = shown["next_action"]["what"].as_str().unwrap().to_owned();
        self.stops.push((at.to_owned(), what));
        self.happen(&told.actions).await
    }

    fn note(&mut self, shown: &Value) {
        let findings = shown["wiring"]["findings"].as_array().into_iter().flatten();
        let trail = shown["timeline"].as_array().into_iter().flatten();
        let found = trail.filter(|entry| entry["event"] == "found");
        for finding in found.chain(findings) {
            let code = finding["finding"].as_str().unwrap().to_owned();
            if !self.told.contains(&code) {
                self.told.push(code);
            }
        }
    }

    /// What a person or the package does; whether a button of the service's page was among it.
    async fn happen(&mut self, actions: &[Value]) -> bool {
        let (client_id, client_secret) = self.attended.app.clone().unwrap_or_default();
        let pim = self.attended.stack.pim.url().as_str().trim_end_matches('/').to_owned();
        let mut pressed = false;
        for action in actions {
            let state = self.attended.org().state();
            let filled = action
                .to_string()
                .replace("{pim}", &pim)
                .replace("{org_id}", state["org"]["id"].as_str().unwrap())
                .replace("{client_id}", &client_id)
                .replace("{client_secret}", &client_secret);
            if action["action"] == "press" {
                self.press(&serde_json::from_str(&filled).unwrap()).await;
                pressed = true;
            } else {
                let action: Action = serde_json::from_str(&filled).unwrap();
                self.attended.act(&action);
            }
        }
        pressed
    }

    async fn press(&mut self, action: &Value) {
        let fields = action["fields"].as_object().unwrap().iter();
        let fields: Vec<_> = fields
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let form = action["form"].as_str().unwrap();
        self.attended.walk.press_on("/setup", form, &fields).await.unwrap();
    }

    /// Proves that another run, whoever asks for it, writes nothing.
    pub(super) async fn must_rest(&mut self) {
        let writes = self.attended.writes().len();
        self.attended.reconcile().await.unwrap();
        self.attended.check_again().await;
        self.attended.wire().await;
        self.attended.sweep_later().await;
        let all = self.attended.written();
        assert_eq!(all.len(), writes, "written again: {:?}", &all[writes..]);
        self.attended.must_be("connected").await;
    }
}

#[test]
fn every_preset_is_in_the_table_of_the_readme() {
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, table) = readme.split_once("## Every org").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let missing: Vec<_> = Preset::all()
        .map(Preset::name)
        .filter(|name| !table.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}
