//! The presets, one row each.

use super::Preset;
use super::row::{Act, Installed, PLAIN, Remedy, Row};

const ADMIN: &str = "salesforce_admin";

/// Lets the service make the External Client App.
const MAKE_THE_APP: Act = (
    "press",
    r#"{"page": "/setup/org/self", "form": "/setup/org/self", "fields": {"action": "deploy"}}"#,
);

pub(super) const TABLE: &[Row] = &[
    PLAIN,
    Row {
        preset: Preset::WiredElsewhere,
        name: "wired-elsewhere",
        special: "completely set up with another PIM, callouts on",
        before: &[("set-up-elsewhere", "{}")],
        ..PLAIN
    },
    Row {
        preset: Preset::PackageMissing,
        name: "package-missing",
        special: "the package is not installed",
        installed: Installed::Nothing,
        remedies: &[Remedy {
            at: "package_missing",
            who: ADMIN,
            what: "installs the package with the link of the page",
            acts: &[("install-package", "{}")],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::PackageInstallByService,
        name: "package-install-by-service",
        special: "the package is not installed, and the administrator has the service install it",
        installed: Installed::Nothing,
        settings: r#"{"install": {"seconds": 1}}"#,
        remedies: &[Remedy {
            at: "package_missing",
            who: ADMIN,
            what: "ticks the box and lets the service install the package",
            acts: &[("press", r#"{"form": "/setup/install", "fields": {"confirm": "yes"}}"#)],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::NoPermission,
        name: "no-permission",
        special: "the administrator may not change credentials",
        before: &[(
            "set-permissions",
            r#"{"permissions": {"customize_application": false, "modify_metadata": false, "manage_named_credentials": false}}"#,
        )],
        remedies: &[Remedy {
            at: "permission_missing",
            who: ADMIN,
            what: "gives the user the permissions that the page names",
            acts: &[(
                "set-permissions",
                r#"{"permissions": {"customize_application": true, "modify_metadata": true, "manage_named_credentials": true}}"#,
            )],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::NoViewSetup,
        name: "no-view-setup",
        special: "the administrator may not see Setup",
        before: &[("set-permissions", r#"{"permissions": {"view_setup": false}}"#)],
        remedies: &[Remedy {
            at: "permission_missing",
            who: ADMIN,
            what: "gives the user the permission that the page names",
            acts: &[("set-permissions", r#"{"permissions": {"view_setup": true}}"#)],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::Sandbox,
        name: "sandbox",
        special: "a sandbox",
        sandbox: true,
        ..PLAIN
    },
    Row {
        preset: Preset::AppNotInstalled,
        name: "app-not-installed",
        special: "the org does not know the OAuth client of the service",
        settings: r#"{"app_installation": "not_found"}"#,
        remedies: &[Remedy {
            at: "app_not_installed",
            who: ADMIN,
            what: "has the app installed and connects again",
            acts: &[("install-app", "{}")],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::OwnApp,
        name: "own-app",
        special: "the org lets in only apps that were made there",
        settings: r#"{"app_installation": "not_found"}"#,
        remedies: &[Remedy {
            at: "app_not_installed",
            who: ADMIN,
            what: "makes a local External Client App as the page says and enters its key and secret",
            acts: &[
                (
                    "make-local-app",
                    r#"{"client_id": "3MVG9.own-app", "client_secret": "the-own-app-s-secret", "redirect_uri": "{service}/salesforce/callback"}"#,
                ),
                (
                    "press",
                    r#"{"page": "/setup/org/client", "form": "/setup/org/client",
                        "fields": {"client_id": "3MVG9.own-app", "client_secret": "the-own-app-s-secret", "my_domain": "{org}"}}"#,
                ),
            ],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::SelfPackaged,
        name: "self",
        special: "picklist synchronisation: the package's own records; the service makes the app, which Salesforce does not know at once",
        settings: r#"{"self_packaged": true, "client_app_propagation_seconds": 4}"#,
        picklists: &[MAKE_THE_APP],
        ..PLAIN
    },
    Row {
        preset: Preset::SelfByHand,
        name: "self-by-hand",
        special: "picklist synchronisation: the customer makes the app and enters its key and secret",
        settings: r#"{"self_packaged": true, "self_record_name": "Loopback", "client_app_propagation_seconds": 4}"#,
        picklists: &[
            (
                "make-client-app",
                r#"{"name": "Picklists", "fields": {"consumer_key": "3MVG9.picklists", "consumer_secret": "the-picklists-secret"}}"#,
            ),
            (
                "press",
                r#"{"page": "/setup/org/self", "form": "/setup/org/self", "fields": {"action": "paste",
                    "client_id": "3MVG9.picklists", "client_secret": "the-picklists-secret"}}"#,
            ),
        ],
        ..PLAIN
    },
    Row {
        preset: Preset::SelfNotPackaged,
        name: "self-not-packaged",
        special: "picklist synchronisation: the package brings no records, so the service makes them",
        picklists: &[MAKE_THE_APP],
        ..PLAIN
    },
    Row {
        preset: Preset::Denied,
        name: "denied",
        special: "the person presses Deny at first",
        settings: r#"{"approval": "deny"}"#,
        remedies: &[Remedy {
            at: "denied",
            who: ADMIN,
            what: "connects again and presses Allow",
            acts: &[("change-mind", "{}")],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::WritesRefused,
        name: "writes-refused",
        special: "the org refuses every write of the packaged records, by every way",
        settings: r#"{"connect_put_managed_eaip": "reject", "writes": {"tooling_named_credential": "reject",
            "connect_named_credential": "reject", "deploy_named_credential": "reject", "tooling_provider": "reject",
            "deploy_provider": "reject", "provider_credentials": "reject"}}"#,
        remedies: &[Remedy {
            at: "wiring_blocked",
            who: ADMIN,
            what: "enters in Setup what the page for doing it by hand shows",
            acts: &[
                (
                    "edit-provider",
                    r#"{"authorize_url": "{page:authorize-url}", "token_url": "{page:token-url}"}"#,
                ),
                (
                    "set-parameter",
                    r#"{"name": "code_identifier", "value": "{page:code-identifier}"}"#,
                ),
                (
                    "set-parameter",
                    r#"{"name": "code_challenge", "value": "{page:code-challenge}"}"#,
                ),
                (
                    "set-credentials",
                    r#"{"client_id": "{page:client-id}", "client_secret": "{client_secret}"}"#,
                ),
                ("grant-access", r#"{"username": "admin@acme.example"}"#),
                ("edit-url", r#"{"url": "{page:named-credential-url}"}"#),
                ("callouts-on", "{}"),
            ],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::AccessMissing,
        name: "access-missing",
        special: "the user who connects may not be given a permission set over the API",
        settings: r#"{"refused_assignments": {"admin@acme.example": "LICENSE_LIMIT_EXCEEDED"}}"#,
        remedies: &[Remedy {
            at: "wiring_blocked",
            who: ADMIN,
            what: "clicks Grant Access on the package's home page",
            acts: &[("grant-access", r#"{"username": "admin@acme.example"}"#)],
        }],
        ..PLAIN
    },
    Row {
        preset: Preset::RunnerInactive,
        name: "runner-inactive",
        special: "the only user chosen to run transfers becomes inactive",
        later: &[
            ("choose", r#"{"users": "integration@acme.example"}"#),
            ("deactivate-user", r#"{"username": "integration@acme.example"}"#),
        ],
        later_remedies: &[Remedy {
            at: "wiring_blocked",
            who: ADMIN,
            what: "activates the user again",
            acts: &[("activate-user", r#"{"username": "integration@acme.example"}"#)],
        }],
        ..PLAIN
    },
];
