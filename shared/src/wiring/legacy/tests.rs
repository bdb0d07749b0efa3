//! From every state of an org's legacy records the plan, carried out change by change and begun anew after each, reaches what is
//! desired, and never sends one PIM the token of another.

use super::{
    LegacyChange, LegacyCredential, LegacyFinding, LegacyMemory, LegacyObserved, LegacyTarget, legacy_drift,
    legacy_plan,
};
use crate::salesforce::legacy::{ProviderState, SettingsState};
use crate::wiring::{Change, Finding};

/// Whose something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Nobodys,
    Others,
    Ours,
}

const ANY: [Whose; 3] = [Whose::Nobodys, Whose::Others, Whose::Ours];

/// The classic Named Credential of a modelled org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    url: Whose,
    guide: bool,
    our_provider: bool,
    callouts: bool,
    token: Whose,
}

/// What is there of the headless way; its Named Credential has the name of the classic one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Headless {
    Nothing,
    Both,
    ExternalCredential,
}

/// An org, as far as the rules can tell states apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct World {
    headless: Headless,
    settings: Whose,
    provider: ProviderState,
    named: Option<Named>,
}

fn target() -> LegacyTarget {
    LegacyTarget {
        generation: "g".to_owned(),
        client_id: "app".to_owned(),
    }
}

impl World {
    fn all() -> Vec<Self> {
        let mut named = vec![None];
        for url in [Whose::Others, Whose::Ours] {
            for bits in 0..8 {
                let (guide, our_provider, callouts) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
                named.extend(ANY.map(|token| {
                    Some(Named {
                        url,
                        guide: guide && our_provider,
                        our_provider,
                        callouts,
                        token,
                    })
                }));
            }
        }
        let providers = [
            ProviderState::Absent,
            ProviderState::OtherSettings,
            ProviderState::Equal,
        ];
        let mut worlds = Vec::new();
        for settings in ANY {
            for provider in providers {
                worlds.extend(named.iter().map(|named| Self {
                    headless: Headless::Nothing,
                    settings,
                    provider,
                    named: *named,
                }));
                worlds.extend([Headless::Both, Headless::ExternalCredential].map(|headless| Self {
                    headless,
                    settings,
                    provider,
                    named: None,
                }));
            }
        }
        worlds
    }

    fn observed(self) -> LegacyObserved {
        let ours = self.settings == Whose::Ours;
        let credential = self
            .named
            .map_or(LegacyCredential::Absent, |named| LegacyCredential::Classic {
                url: named.url == Whose::Ours,
                guide: named.guide,
                our_provider: named.our_provider,
                callouts: named.callouts,
            });
        let credential = match self.headless {
            Headless::Both => LegacyCredential::Headless,
            _ => credential,
        };
        LegacyObserved {
            plugin: true,
            settings: match self.settings {
                Whose::Nobodys => SettingsState::Absent,
                _ => SettingsState::Present {
                    equal: ours,
                    same_app: ours,
                },
            },
            provider: self.provider,
            credential,
        }
    }

    fn apply(&mut self, change: Change, memory: &mut LegacyMemory) {
        let Change::Legacy(change) = change else {
            panic!("a change of another path: {change:?}")
        };
        match change {
            LegacyChange::Withdraw => {
                self.headless = Headless::Nothing;
                memory.headless_records = false;
            }
            LegacyChange::Pause => {
                self.named = self.named.map(|named| Named {
                    callouts: false,
                    ..named
                })
            }
            LegacyChange::Settings => {
                self.settings = Whose::Ours;
                memory.settings_written = Some(target().generation);
                memory.client_written = Some(target().client_id);
            }
            LegacyChange::Provider => {
                assert_ne!(self.settings, Whose::Nobodys, "a provider needs its settings");
                self.provider = ProviderState::Equal;
                memory.provider_written = true;
            }
            LegacyChange::Credential { callouts } => self.write(callouts),
            LegacyChange::Callouts => self.write(true),
        }
    }

    fn write(&mut self, callouts: bool) {
        assert_eq!(
            self.provider,
            ProviderState::Equal,
            "a Named Credential needs its provider"
        );
        assert_ne!(self.headless, Headless::Both, "two Named Credentials of one name");
        self.named = Some(Named {
            url: Whose::Ours,
            guide: true,
            our_provider: true,
            callouts,
            token: self.named.map_or(Whose::Nobodys, |named| named.token),
        });
    }

    /// Callouts carry the other PIM's token to ours, or the other way round.
    fn leaks(self) -> bool {
        let wrong = |named: Named| named.callouts && named.token != Whose::Nobodys && named.token != named.url;
        self.named.is_some_and(wrong)
    }
}

/// Runs to the end, making at most `at_once` changes of a plan before the next look, as after a crash.
fn run(start: World, at_once: usize) -> World {
    let (mut world, mut memory) = (start, LegacyMemory::default());
    // It is noted before the first of these records is made.
    memory.headless_records = start.headless != Headless::Nothing;
    for _ in 0..20 {
        let found = legacy_drift(&target(), &world.observed(), &memory);
        memory.principal_is_stale = found.principal_is_stale;
        let changes = legacy_plan(&found);
        for change in changes.iter().take(at_once) {
            world.apply(*change, &mut memory);
            assert!(
                !world.leaks() || start.leaks(),
                "{start:?} leaks after {change:?}: {world:?}"
            );
        }
        if !changes.is_empty() {
            continue;
        }
        let Some(named) = &mut world.named else { continue };
        if named.token == Whose::Ours && !memory.principal_is_stale {
            break;
        }
        // A person goes through the org's own authorization.
        named.token = Whose::Ours;
        memory.principal_is_stale = false;
    }
    world
}

#[test]
fn every_state_ends_as_desired_wherever_it_is_interrupted() {
    let desired = World {
        headless: Headless::Nothing,
        settings: Whose::Ours,
        provider: ProviderState::Equal,
        named: Some(Named {
            url: Whose::Ours,
            guide: true,
            our_provider: true,
            callouts: true,
            token: Whose::Ours,
        }),
    };
    for start in World::all() {
        // Whatever a person left behind in full working order but with another app's token cannot be told from the outside.
        let indistinguishable = start.settings == Whose::Ours
            && start
                .named
                .is_some_and(|named| named.url == Whose::Ours && named.our_provider && named.token == Whose::Others);
        if indistinguishable {
            continue;
        }
        for at_once in [1, 9] {
            assert_eq!(run(start, at_once), desired, "{start:?}");
        }
    }
    let found = legacy_drift(&target(), &desired.observed(), &LegacyMemory::default());
    assert_eq!(
        (found.findings, found.principal_is_stale),
        (vec![], false),
        "a second run has nothing to do"
    );
}

#[test]
fn what_cannot_be_changed_stops_everything_until_a_person_has_acted() {
    let usual = LegacyObserved {
        plugin: true,
        settings: SettingsState::Absent,
        provider: ProviderState::Absent,
        credential: LegacyCredential::Absent,
    };
    let foreign = LegacyObserved {
        provider: ProviderState::Foreign,
        ..usual
    };
    let taken = LegacyObserved {
        credential: LegacyCredential::OtherKind,
        ..usual
    };
    let unknown = LegacyObserved { plugin: false, ..usual };
    for (observed, what) in [
        (foreign, LegacyFinding::ForeignProvider),
        (taken, LegacyFinding::NameTaken),
        (unknown, LegacyFinding::PluginUnknown),
    ] {
        let found = legacy_drift(&target(), &observed, &LegacyMemory::default());
        assert_eq!(found.findings, [Finding::Legacy { what }]);
        assert!(found.findings.iter().all(Finding::needs_a_person));
        assert_eq!(legacy_plan(&found), []);
        assert!(what.in_words().contains("check again"), "{what:?}");
    }
}

#[test]
fn a_provider_that_a_person_made_needs_no_known_plugin() {
    let observed = LegacyObserved {
        plugin: false,
        settings: SettingsState::Hidden,
        provider: ProviderState::Hidden,
        credential: LegacyCredential::Absent,
    };
    let said = |generation: &str| LegacyMemory {
        settings_written: Some(generation.to_owned()),
        client_written: Some("app".to_owned()),
        provider_written: true,
        principal_is_stale: false,
        headless_records: false,
    };
    let found = |observed: &LegacyObserved, generation| legacy_drift(&target(), observed, &said(generation)).findings;
    let missing = |what| vec![Finding::Legacy { what }];
    assert_eq!(found(&observed, "g"), missing(LegacyFinding::Credential));
    assert_eq!(found(&observed, "former"), missing(LegacyFinding::PluginUnknown));
    let gone = LegacyObserved {
        provider: ProviderState::Absent,
        ..observed
    };
    let both = [LegacyFinding::Provider, LegacyFinding::Credential];
    assert_eq!(
        found(&gone, "g"),
        both.map(|what| Finding::Legacy { what }),
        "seen not to be there"
    );
}

#[test]
fn what_an_org_does_not_show_is_remembered() {
    let hidden = LegacyObserved {
        plugin: true,
        settings: SettingsState::Hidden,
        provider: ProviderState::Hidden,
        credential: LegacyCredential::Absent,
    };
    let names = |memory: &LegacyMemory| -> Vec<&'static str> {
        legacy_plan(&legacy_drift(&target(), &hidden, memory))
            .iter()
            .map(|change| change.name())
            .collect()
    };
    let all = ["plugin_settings", "auth_provider", "classic_named_credential"];
    assert_eq!(names(&LegacyMemory::default()), all);
    let written = LegacyMemory {
        settings_written: Some("g".to_owned()),
        client_written: Some("app".to_owned()),
        provider_written: true,
        principal_is_stale: false,
        headless_records: false,
    };
    assert_eq!(names(&written), all[2..]);
    let rotated = LegacyMemory {
        settings_written: Some("former".to_owned()),
        ..written
    };
    assert_eq!(
        names(&rotated),
        [all[0], all[2]],
        "a new secret is written, the provider stays"
    );
}
