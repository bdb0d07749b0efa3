//! Presets: whole orgs in a known condition, as one table so that a new one is a new row.
//!
//! A preset builds the org afresh: new ids, no sessions, no grants. It starts from the settings that the simulator was started with and
//! changes only what its row says. The row also says what a person does about it, and what happens to the org later.

mod legacy;
mod row;
mod states;
mod table;

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;
use crate::control::action::ActionError;
use crate::control::perform::perform_in;
use crate::org::Org;
use crate::org::package::Version;
use crate::settings::Settings;
use crate::world::World;
use legacy::LEGACY;
use row::{Installed, PLAIN, Row};
pub use row::{Story, Told};
use states::STATES;
use table::TABLE;

/// A known condition of the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Package 3.x, freshly installed: placeholders, callouts off, nobody authenticated.
    #[default]
    Ready,
    /// Package 3.x, completely set up with another PIM.
    WiredElsewhere,
    /// No package.
    PackageMissing,
    /// A package below 3.0: no packaged credentials.
    #[serde(rename = "package-2")]
    #[value(name = "package-2")]
    Package2,
    /// A package below 3.0, and the customer goes on with it.
    Legacy,
    /// The same, and the package is upgraded after the connection was made.
    LegacyUpgraded,
    /// The same, and the package's code takes what needs no browser.
    LegacyHeadless,
    /// The same, with an Auth. Provider `Akeneo` of another type.
    LegacyForeignProvider,
    /// The same, and the org refuses every write of the legacy path.
    LegacyWritesRefused,
    /// A package below 3.0, and a customer who gives no access to the org.
    LegacyByHand,
    /// The administrator may not change credentials.
    NoPermission,
    /// The administrator may not see Setup.
    NoViewSetup,
    /// A sandbox.
    Sandbox,
    /// The org does not know the OAuth client.
    AppNotInstalled,
    /// The package brings records for picklist synchronisation.
    #[serde(rename = "self")]
    #[value(name = "self")]
    SelfPackaged,
    /// The same, and the customer makes the External Client App.
    SelfByHand,
    /// The package brings none.
    SelfNotPackaged,
    /// The package's own Set Up failed half-way.
    HalfSetUp,
    /// A request parameter exists twice.
    DuplicateRows,
    /// Records of the packaged name made by hand.
    Namesakes,
    /// A packaged request parameter was deleted.
    RowsDeleted,
    /// The package is upgraded once the org is connected.
    PackageUpgraded,
    /// A fresh copy of an org that was set up.
    SandboxRefreshed,
    /// The sandbox is refreshed once the org is connected.
    SandboxRefreshedLater,
    /// Package code switches callouts off once the org is connected.
    CalloutsSwitchedOff,
    /// Every program's write switches callouts off.
    CalloutsFallOff,
    /// The packaged permission set lost its read.
    ReadLost,
    /// The package's developer controls the Named Credential.
    DeveloperControlled,
    /// Connect writes nothing that is managed.
    ConnectRefused,
    /// Tooling writes nothing that is managed.
    ToolingRefused,
    /// Only Metadata deploys write what is managed.
    DeployOnly,
    /// No API may switch callouts on.
    CalloutsRefused,
    /// A packaged record was deleted.
    PackageBroken,
    /// The person refuses.
    Denied,
    /// The org refuses every write of its records.
    WritesRefused,
    /// The connecting user's licence takes no permission set.
    AccessMissing,
    /// A user that runs transfers becomes inactive.
    RunnerInactive,
    /// No package, and the service installs it.
    PackageInstallByService,
    /// The org does not know the OAuth client, and the customer makes one of their own.
    OwnApp,
}

/// All rows.
fn rows() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().chain(LEGACY).chain(STATES)
}

/// A name that is no preset.
#[derive(Debug, thiserror::Error)]
#[error("unknown preset")]
pub struct UnknownPreset;

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        rows()
            .find(|row| row.name == name)
            .map(|row| row.preset)
            .ok_or(UnknownPreset)
    }
}

impl Preset {
    /// All of them, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        rows().map(|row| row.preset)
    }

    /// The name on the command line and in control requests.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What is known of such an org beforehand, as a service may be configured with it: `name=accepted`, with commas between.
    #[must_use]
    pub fn known(self) -> &'static str {
        self.row().known
    }

    /// What a program that walks the journey has to know.
    #[must_use]
    pub fn story(self) -> Story {
        Story::of(self.row())
    }

    fn row(self) -> &'static Row {
        rows().find(|row| row.preset == self).unwrap_or(&PLAIN)
    }

    /// The settings of this preset.
    pub(crate) fn settings(self, start: &Settings) -> Settings {
        let patch: Value = serde_json::from_str(self.row().settings).unwrap_or_default();
        start.patched(&patch).unwrap_or_else(|_| start.clone())
    }

    /// Builds the org of this preset, as it is before [`Preset::arrange`].
    pub(crate) fn build(self, settings: &Settings, now: Millis) -> Org {
        let row = self.row();
        let mut org = Org::new(now, row.sandbox);
        let version = match row.installed {
            Installed::Nothing => None,
            Installed::Fixed(version) => Some(version),
            Installed::Current => Version::parse(&settings.package_version),
        };
        if let Some(version) = version {
            org.install(version, &settings.package_version_id, settings, now);
        }
        org
    }

    /// Does to the org what happened before anybody connects it.
    pub(crate) fn arrange(self, world: &mut World, now: Millis) -> Result<(), ActionError> {
        for act in self.row().before {
            perform_in(world, &row::action(*act)?, now)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::row::action;
    use super::{Preset, rows};
    use crate::oauth::OauthState;
    use crate::settings::Settings;
    use crate::world::World;
    use clap::ValueEnum;

    #[test]
    fn every_preset_has_one_row_and_the_name_that_clap_and_json_use() {
        for preset in Preset::value_variants() {
            assert_eq!(rows().filter(|row| row.preset == *preset).count(), 1, "{preset:?}");
            let clap_name = preset.to_possible_value().map(|value| value.get_name().to_owned());
            assert_eq!(clap_name.as_deref(), Some(preset.name()));
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.name());
        }
    }

    #[test]
    fn every_row_fits() {
        for row in rows() {
            let patch = serde_json::from_str(row.settings).unwrap();
            Settings::default().patched(&patch).unwrap();
            let mut world = World::new(row.preset, Settings::default(), OauthState::default(), 0);
            world.org = row.preset.build(&world.settings, 0);
            row.preset.arrange(&mut world, 0).unwrap();
            let remedies = row
                .remedies
                .iter()
                .chain(row.later_remedies)
                .flat_map(|remedy| remedy.acts);
            for act in remedies
                .chain(row.later)
                .chain(row.picklists)
                .filter(|act| !matches!(act.0, "press" | "choose" | "authenticate"))
            {
                action(*act).unwrap_or_else(|error| panic!("{}: {act:?}: {error}", row.name));
            }
        }
    }
}
