//! Orgs whose package is older than 3.0 (facts/salesforce 7; the guide's Part D), one row each.

use super::Preset;
use super::row::{Act, Installed, PLAIN, Remedy, Row};
use crate::org::package::Version;

const ADMIN: &str = "salesforce_admin";

const VERSION_2: Version = Version {
    major: 2,
    minor: 9,
    patch: 0,
};

/// The explicit second choice for a package before 3.0.
const GO_ON: Remedy = Remedy {
    at: "package_outdated",
    who: ADMIN,
    what: "ticks the box and goes on with the installed version",
    acts: &[("press", r#"{"form": "/setup/legacy", "fields": {"confirm": "yes"}}"#)],
};

/// The guide's Part D, with the values of the page for doing it by hand.
const MAKE_PROVIDER: Act = (
    "make-auth-provider",
    r#"{"name": "{page:provider-name}", "client_id": "{page:client-id}", "client_secret": "{client_secret}",
        "authorize_endpoint": "{page:authorize-endpoint}", "token_endpoint": "{page:token-endpoint}",
        "base_endpoint": "{page:base-endpoint}", "scopes": "{page:authentication-scopes}"}"#,
);
const MAKE_CREDENTIAL: Act = (
    "make-classic-credential",
    r#"{"name": "{page:credential-name}", "url": "{page:named-credential-url}", "scope": "{page:scope}"}"#,
);
const START_ON_SAVE: Act = (
    "authenticate",
    r#"{"button": "Save Akeneo with Start Authentication Flow on Save"}"#,
);

/// Something that a person says on the page for setting the org up by hand.
macro_rules! on_the_list {
    ($fields:literal) => {
        (
            "press",
            concat!(
                r#"{"page": "/setup/org/manual", "form": "/setup/org/manual", "fields": "#,
                $fields,
                "}"
            ),
        )
    };
}

pub(super) const LEGACY: &[Row] = &[
    Row {
        preset: Preset::Package2,
        name: "package-2",
        special: "the package is older than 3.0: no packaged credentials",
        installed: Installed::Fixed(VERSION_2),
        remedies: &[Remedy {
            at: "package_outdated",
            who: ADMIN,
            what: "upgrades the package",
            acts: &[("package-upgrade", r#"{"version": "3.2.0"}"#)],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::Legacy,
        name: "legacy",
        special: "the package is older than 3.0, and the customer does not upgrade it",
        installed: Installed::Fixed(VERSION_2),
        remedies: &[GO_ON],
        ..PLAIN
    },
    Row {
        preset: Preset::LegacyUpgraded,
        name: "legacy-upgraded",
        special: "as legacy, and the package is upgraded to 3.x after the connection was made",
        installed: Installed::Fixed(VERSION_2),
        remedies: &[GO_ON],
        later: &[("package-upgrade", r#"{"version": "3.2.0"}"#)],
        ..PLAIN
    },
    Row {
        preset: Preset::LegacyHeadless,
        name: "legacy-headless",
        special: "as legacy, and it is known that the package's code takes our token from an External Credential of ours",
        installed: Installed::Fixed(VERSION_2),
        settings: r#"{"legacy_custom_credential": "works"}"#,
        known: "legacy_custom_credential=accepted",
        remedies: &[GO_ON],
        ..PLAIN
    },
    Row {
        preset: Preset::LegacyForeignProvider,
        name: "legacy-foreign-provider",
        special: "as legacy, and an Auth. Provider Akeneo of another type is there",
        installed: Installed::Fixed(VERSION_2),
        before: &[("foreign-auth-provider", "{}")],
        remedies: &[
            GO_ON,
            Remedy {
                at: "wiring_blocked",
                who: ADMIN,
                what: "deletes the Auth. Provider that nobody can change",
                acts: &[("delete-auth-provider", "{}")],
            },
        ],
        ..PLAIN
    },
    Row {
        preset: Preset::LegacyWritesRefused,
        name: "legacy-writes-refused",
        special: "as legacy, and the org refuses every write of Part D",
        installed: Installed::Fixed(VERSION_2),
        settings: r#"{"writes": {"deploy_plugin_settings": "reject", "deploy_auth_provider": "reject",
            "deploy_classic_credential": "reject", "tooling_classic_credential": "reject"}}"#,
        remedies: &[
            GO_ON,
            Remedy {
                at: "wiring_blocked",
                who: ADMIN,
                what: "makes the Auth. Provider and the Named Credential in Setup with the values of the page, and authorizes",
                acts: &[MAKE_PROVIDER, MAKE_CREDENTIAL, START_ON_SAVE],
            },
        ],
        ..PLAIN
    },
    Row {
        preset: Preset::LegacyByHand,
        name: "legacy-by-hand",
        special: "the package is older than 3.0, and the customer gives no access to the org",
        installed: Installed::Fixed(VERSION_2),
        remedies: &[
            Remedy {
                at: "connect_salesforce",
                who: ADMIN,
                what: "gives no access and chooses to set Salesforce up by hand",
                acts: &[("press", r#"{"form": "/setup/by-hand", "fields": {"choice": "yes"}}"#)],
            },
            Remedy {
                at: "set_up_by_hand",
                who: ADMIN,
                what: "says that the package is older, follows Part D with the values of the page, and ticks it",
                acts: &[
                    on_the_list!(r#"{"action": "part", "part": "auth_provider"}"#),
                    on_the_list!(r#"{"action": "tick", "task": "pause"}"#),
                    MAKE_PROVIDER,
                    on_the_list!(r#"{"action": "tick", "task": "auth_provider"}"#),
                    on_the_list!(r#"{"action": "callback", "callback": "{org}/services/authcallback/Akeneo"}"#),
                    MAKE_CREDENTIAL,
                    on_the_list!(r#"{"action": "tick", "task": "classic_credential"}"#),
                    START_ON_SAVE,
                    on_the_list!(r#"{"action": "tick", "task": "callouts"}"#),
                ],
            },
        ],
        ..PLAIN
    },
];
