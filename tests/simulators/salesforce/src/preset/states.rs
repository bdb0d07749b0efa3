//! The states that an org with package 3.0 or higher can be in (the guide's Parts A and B), one row each.

use super::Preset;
use super::row::{Installed, PLAIN, Remedy, Row};

const ADMIN: &str = "salesforce_admin";

/// The package's code writes the same values once more, and Salesforce switches callouts off because of it.
const BY_PACKAGE_CODE: &[(&str, &str)] = &[
    ("edit-url", r#"{"url": "https://placeholder.example.com"}"#),
    (
        "in-app-setup",
        r#"{"base_url": "{pim}", "client_id": "{client_id}", "client_secret": "{client_secret}"}"#,
    ),
];

pub(super) const STATES: &[Row] = &[
    Row {
        preset: Preset::HalfSetUp,
        name: "half-set-up",
        special: "the package's own Set Up failed half-way, for another app",
        before: &[("half-set-up", r#"{"base_url": "https://half-way.example.com"}"#)],
        ..PLAIN
    },
    Row {
        preset: Preset::DuplicateRows,
        name: "duplicate-rows",
        special: "a request parameter exists twice",
        before: &[(
            "add-parameter",
            r#"{"kind": "TokenRequestBodyParameter", "name": "code_challenge", "value": "SET_DURING_AKENEO_SETUP"}"#,
        )],
        remedies: &[Remedy {
            at: "wiring_blocked",
            who: ADMIN,
            what: "deletes the extra row in Setup",
            acts: &[("delete-duplicates", r#"{"name": "code_challenge"}"#)],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::Namesakes,
        name: "namesakes",
        special: "records named Akeneo made by hand beside the packaged ones",
        before: &[("make-namesakes", "{}")],
        ..PLAIN
    },
    Row {
        preset: Preset::RowsDeleted,
        name: "rows-deleted",
        special: "a packaged request parameter was deleted; later an upgrade takes its replacement away",
        before: &[("delete-parameter", r#"{"name": "code_challenge"}"#)],
        later: &[("package-upgrade", r#"{"version": "3.3.0"}"#)],
        ..PLAIN
    },
    Row {
        preset: Preset::PackageUpgraded,
        name: "package-upgraded",
        special: "once connected, the package is upgraded and a request parameter of the customer's is lost",
        before: &[(
            "add-parameter",
            r#"{"kind": "TokenRequestHttpHeader", "name": "X-Tenant", "value": "acme"}"#,
        )],
        later: &[("package-upgrade", r#"{"version": "3.3.0"}"#)],
        ..PLAIN
    },
    Row {
        preset: Preset::SandboxRefreshed,
        name: "sandbox-refreshed",
        special: "a fresh copy of a production org that was set up: secrets and tokens are gone, the callback is another",
        sandbox: true,
        before: &[("set-up-elsewhere", "{}"), ("sandbox-refresh", "{}")],
        ..PLAIN
    },
    Row {
        preset: Preset::SandboxRefreshedLater,
        name: "sandbox-refreshed-later",
        special: "once connected, the sandbox is refreshed and so is another org",
        sandbox: true,
        later: &[("sandbox-refresh", "{}")],
        later_remedies: &[Remedy {
            at: "other_org",
            who: ADMIN,
            what: "confirms that the connection moves to the refreshed sandbox",
            acts: &[(
                "press",
                r#"{"form": "/setup/salesforce", "fields": {"move_to": "{org_id}", "confirm": "yes"}}"#,
            )],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::CalloutsSwitchedOff,
        name: "callouts-switched-off",
        special: "once connected, package code writes the credential and Salesforce switches callouts off",
        later: BY_PACKAGE_CODE,
        ..PLAIN
    },
    Row {
        preset: Preset::CalloutsFallOff,
        name: "callouts-fall-off",
        special: "Salesforce switches callouts off after every program's write, the service's included",
        settings: r#"{"disable_on_write": "any"}"#,
        ..PLAIN
    },
    Row {
        preset: Preset::ReadLost,
        name: "read-lost",
        special: "the packaged permission set lost its Read on User External Credentials when it was installed",
        settings: r#"{"uec_read_lost_at_install": true}"#,
        ..PLAIN
    },
    Row {
        preset: Preset::DeveloperControlled,
        name: "developer-controlled",
        special: "the package's developer controls the Named Credential; an upgrade puts the packaged values back",
        settings: r#"{"named_credential_managed_by": "developer"}"#,
        later: &[("package-upgrade", r#"{"version": "3.3.0"}"#)],
        ..PLAIN
    },
    Row {
        preset: Preset::ConnectRefused,
        name: "connect-refused",
        special: "Connect writes nothing that is managed: Tooling does",
        settings: r#"{"connect_put_managed_eaip": "reject", "writes": {"connect_named_credential": "reject"}}"#,
        ..PLAIN
    },
    Row {
        preset: Preset::ToolingRefused,
        name: "tooling-refused",
        special: "Tooling writes nothing that is managed: Connect does, and a Metadata deploy switches callouts on",
        settings: r#"{"writes": {"tooling_named_credential": "reject", "tooling_provider": "reject"}}"#,
        ..PLAIN
    },
    Row {
        preset: Preset::DeployOnly,
        name: "deploy-only",
        special: "Connect and Tooling write nothing that is managed: Metadata deploys do",
        settings: r#"{"connect_put_managed_eaip": "reject", "uec_read_lost_at_install": true, "writes": {
            "tooling_named_credential": "reject", "tooling_provider": "reject", "connect_named_credential": "reject",
            "permission_set_rows": "reject"}}"#,
        ..PLAIN
    },
    Row {
        preset: Preset::CalloutsRefused,
        name: "callouts-refused",
        special: "no API may switch callouts on: only a person in Setup",
        settings: r#"{"tooling_callout_status": "reject", "writes": {"deploy_named_credential": "reject"}}"#,
        remedies: &[Remedy {
            at: "wiring_blocked",
            who: ADMIN,
            what: "switches Enabled for Callouts on in Setup",
            acts: &[("callouts-on", "{}")],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::PackageBroken,
        name: "package-broken",
        special: "the packaged External Credential was deleted",
        installed: Installed::Current,
        before: &[("delete-external-credential", "{}")],
        remedies: &[Remedy {
            at: "package_incomplete",
            who: ADMIN,
            what: "upgrades the package once more, which brings the record back",
            acts: &[("package-upgrade", r#"{"version": "3.3.0"}"#)],
        }],
        ..PLAIN
    },
];
