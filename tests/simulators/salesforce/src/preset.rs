//! Presets: whole orgs in a known condition, as one table so that a new one is a new row.
//!
//! A preset builds the org afresh: new ids, no sessions, no grants. It starts from the settings that the simulator was started with and
//! changes only what its row says.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::org::Org;
use crate::org::external_credential::StoredToken;
use crate::org::identity_provider::Credentials;
use crate::org::named_credential::CalloutStatus;
use crate::org::package::{PRINCIPAL, Version};
use crate::org::user::Permissions;
use crate::settings::{AppInstallation, Approval, Settings};

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
    /// The administrator may not change credentials.
    NoPermission,
    /// The administrator may not see Setup.
    NoViewSetup,
    /// A sandbox.
    Sandbox,
    /// The org does not know the OAuth client.
    AppNotInstalled,
    /// The person refuses.
    Denied,
}

/// The package in a preset.
#[derive(Debug, Clone, Copy)]
enum Installed {
    Nothing,
    Fixed(Version),
    /// The version of the settings.
    Current,
}

/// One preset: what differs from a plain org.
#[derive(Debug)]
struct Row {
    preset: Preset,
    name: &'static str,
    installed: Installed,
    wired_elsewhere: bool,
    sandbox: bool,
    administrator: Permissions,
    approval: Option<Approval>,
    app: AppInstallation,
}

const PLAIN: Row = Row {
    preset: Preset::Ready,
    name: "ready",
    installed: Installed::Current,
    wired_elsewhere: false,
    sandbox: false,
    administrator: Permissions::ALL,
    approval: None,
    app: AppInstallation::Installed,
};

const MAY_NOT_CHANGE: Permissions = Permissions {
    customize_application: false,
    modify_metadata: false,
    manage_named_credentials: false,
    ..Permissions::ALL
};

const MAY_NOT_SEE: Permissions = Permissions {
    view_setup: false,
    ..Permissions::ALL
};

const VERSION_2: Version = Version {
    major: 2,
    minor: 9,
    patch: 0,
};

const TABLE: &[Row] = &[
    PLAIN,
    Row {
        preset: Preset::WiredElsewhere,
        name: "wired-elsewhere",
        wired_elsewhere: true,
        ..PLAIN
    },
    Row {
        preset: Preset::PackageMissing,
        name: "package-missing",
        installed: Installed::Nothing,
        ..PLAIN
    },
    Row {
        preset: Preset::Package2,
        name: "package-2",
        installed: Installed::Fixed(VERSION_2),
        ..PLAIN
    },
    Row {
        preset: Preset::NoPermission,
        name: "no-permission",
        administrator: MAY_NOT_CHANGE,
        ..PLAIN
    },
    Row {
        preset: Preset::NoViewSetup,
        name: "no-view-setup",
        administrator: MAY_NOT_SEE,
        ..PLAIN
    },
    Row {
        preset: Preset::Sandbox,
        name: "sandbox",
        sandbox: true,
        ..PLAIN
    },
    Row {
        preset: Preset::AppNotInstalled,
        name: "app-not-installed",
        app: AppInstallation::NotFound,
        ..PLAIN
    },
    Row {
        preset: Preset::Denied,
        name: "denied",
        approval: Some(Approval::Deny),
        ..PLAIN
    },
];

/// A name that is no preset.
#[derive(Debug, thiserror::Error)]
#[error("unknown preset")]
pub struct UnknownPreset;

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        TABLE
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.preset)
            .ok_or(UnknownPreset)
    }
}

impl Preset {
    /// The name on the command line and in control requests.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.preset == self).unwrap_or(&PLAIN)
    }

    /// The settings of this preset.
    pub(crate) fn settings(self, start: &Settings) -> Settings {
        let row = self.row();
        let mut settings = start.clone();
        settings.approval = row.approval.unwrap_or(start.approval);
        if row.app != AppInstallation::Installed {
            settings.app_installation = row.app;
        }
        settings
    }

    /// Builds the org of this preset.
    pub(crate) fn build(self, settings: &Settings, now: Millis) -> Org {
        let row = self.row();
        let mut org = Org::new(now, row.sandbox);
        if let Some(administrator) = org.users.first_mut() {
            administrator.permissions = row.administrator;
        }
        let version = match row.installed {
            Installed::Nothing => None,
            Installed::Fixed(version) => Some(version),
            Installed::Current => Version::parse(&settings.package_version),
        };
        if let Some(version) = version {
            org.install(version, &settings.package_version_id, settings, now);
        }
        if row.wired_elsewhere {
            wire_elsewhere(&mut org, now);
        }
        org
    }
}

/// Sets every value as a finished set-up with another PIM would have left it.
fn wire_elsewhere(org: &mut Org, now: Millis) {
    const OTHER: &str = "https://other-pim.example.com";
    for named in &mut org.named_credentials {
        named.metadata.set_url(OTHER);
        named.metadata.callout_status = Some(CalloutStatus::Enabled);
    }
    for provider in &mut org.identity_providers {
        let metadata = &mut provider.metadata;
        metadata.set(
            "AuthorizeUrl",
            "AuthorizeUrl",
            &format!("{OTHER}/connect/apps/v1/authorize"),
        );
        metadata.set("TokenUrl", "TokenUrl", &format!("{OTHER}/connect/apps/v1/oauth2/token"));
        // The pair of facts/akeneo 5.1 for this identifier and secret.
        metadata.set("TokenRequestBodyParameter", "code_identifier", "2DkpkyHfgm");
        let challenge = "6ffbb306c0ce4a545d2540c9303c10258c4e4c321c3899c5177fd94106e1b73d";
        metadata.set("TokenRequestBodyParameter", "code_challenge", challenge);
        provider.credentials = Some(Credentials {
            client_id: "0e5f2a31-7c55-4b0e-8a1d-2f6f3f9f3a10".to_owned(),
            client_secret: "nDYbJo8X48fL".to_owned(),
        });
    }
    let principals: Vec<String> = org
        .external_credentials
        .iter()
        .filter_map(|credential| credential.metadata.principal("NamedPrincipal", PRINCIPAL))
        .map(|row| row.id.clone())
        .collect();
    for principal in principals {
        let token = StoredToken {
            access_token: "token-of-the-other-pim".to_owned(),
            scope: None,
            obtained: now,
        };
        org.principal_tokens.insert(principal, token);
    }
}

#[cfg(test)]
mod tests {
    use super::{Preset, TABLE};
    use clap::ValueEnum;

    #[test]
    fn every_preset_has_one_row_and_the_name_that_clap_and_json_use() {
        for preset in Preset::value_variants() {
            assert_eq!(
                TABLE.iter().filter(|row| row.preset == *preset).count(),
                1,
                "{preset:?}"
            );
            let clap_name = preset.to_possible_value().map(|value| value.get_name().to_owned());
            assert_eq!(clap_name.as_deref(), Some(preset.name()));
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.name());
        }
    }
}
