//! The pages for setting the org up by hand, and for the users who run transfers.

use scraper::Html;
use serde_json::{Value, json};

use super::facts::{Facts, HOSTILE, NINE};
use super::gallery::{CSRF, now, view};
use super::older_by_hand;
use super::{at, main_text, select};
use crate::connection::{Connection, GuidePart};
use crate::page::view::{FieldView, ManualView, Notice, NoticeKind, PairView, UsersView};
use crate::page::{journey, manual, users};
use crate::salesforce::UserId;
use crate::salesforce::organization::FoundUser;
use crate::web;

const PAIR: PairView<'static> = PairView {
    code_identifier: "3f2a90c4d5e6b7a8091a2b3c4d5e6f70",
    code_challenge: "0a79bd0946b8458854202d7b0ccd2fc1f15dd388c437020b846c7eeef57fc9c1",
};
const CALLBACK: &str = "https://acme-outdoor.my.salesforce.com/services/authcallback/akeneo_pim__Akeneo";

pub(super) fn alone(done: &[&str]) -> Facts {
    let tick = json!({ "at": "2026-11-23T14:12:00Z", "credentials": {
        "pim": "https://acme.cloud.akeneo.com", "client_id": "0a1b2c3d-4e5f-6789-abcd-ef0123456789", "generation": "g1",
        "entered_at": "2026-11-23T14:07:00Z" } });
    let done: serde_json::Map<String, Value> = done.iter().map(|task| ((*task).to_owned(), tick.clone())).collect();
    Facts::invited().with(
        "salesforce.manual",
        json!({ "chosen_at": "2026-11-23T14:04:00Z", "callback": CALLBACK, "done": done }),
    )
}

const ALL: [&str; 7] = [
    "pause",
    "provider_urls",
    "parameters",
    "credentials",
    "access",
    "authorize",
    "named_credential",
];

fn refused() -> Facts {
    Facts::invited().both_sides().looked(json!([
        { "finding": "provider_urls" }, { "finding": "provider_parameters" }, { "finding": "provider_credentials" },
        { "finding": "access_missing", "users": ["admin@acme-outdoor.example"] }, { "finding": "named_credential_url" },
        { "finding": "callouts_off" }, { "finding": "write_refused", "change": "provider" },
    ]))
}

fn runner_refused() -> Facts {
    Facts::invited().verified("healthy").with(
        "wiring.findings",
        json!([{ "finding": "runner_without_access", "user": "sales@acme-outdoor.example", "why": "licence" }]),
    )
}

/// Points of the journey that belong to this page.
pub(super) fn points() -> Vec<(String, Facts)> {
    let mut chosen = alone(&[]);
    chosen = chosen.with("salesforce.manual.callback", Value::Null);
    let verified = json!({ "at": "2026-11-23T14:13:00Z", "org": false,
        "pim": { "pim": null, "scopes": { "read_products": "granted" } } });
    let points = [
        ("by-hand", chosen.clone()),
        ("by-hand-open", chosen.granted(NINE)),
        ("by-hand-half", alone(&ALL[..4]).granted(NINE)),
        ("by-hand-verifying", alone(&ALL).granted(NINE)),
        (
            "by-hand-connected",
            alone(&ALL)
                .granted(NINE)
                .with("health.state", json!("healthy"))
                .with("health.verification", verified.clone()),
        ),
        (
            "by-hand-lost",
            alone(&ALL)
                .granted(NINE)
                .with("health.state", json!("token_revoked"))
                .with("health.verification", verified),
        ),
        (
            "by-hand-by-salesforce",
            alone(&ALL[..2]).by_salesforce().credentials(),
        ),
        ("writes-refused", refused()),
        (
            "writes-refused-stale",
            refused()
                .with("wiring.principal_stale_since", json!("2026-11-23T14:09:00Z"))
                .with("wiring.findings", json!([{ "finding": "callouts_too_early" }, { "finding": "write_refused", "change": "named_credential" }])),
        ),
        (
            "credentials-entered",
            Facts::invited()
                .wired()
                .with("wiring.credentials_by_hand", json!("g1"))
                .with("wiring.principal_started_at", json!("2026-11-23T14:11:00Z")),
        ),
        (
            "nobody-has-access",
            Facts::invited().both_sides().looked(json!([
                { "finding": "runner_without_access", "user": "admin@acme-outdoor.example", "why": "inactive" },
                { "finding": "nobody_has_access" },
            ])),
        ),
        ("runner-refused", runner_refused()),
    ];
    let points = points.into_iter().chain(older_by_hand::points());
    points.map(|(name, facts)| (name.to_owned(), facts)).collect()
}

fn manual_view(connection: &Connection) -> ManualView<'_> {
    ManualView {
        connection,
        csrf: CSRF,
        values: Some(PAIR),
        callback_form: FieldView::default(),
        now: now(),
        notice: None,
    }
}

fn users_view(connection: &Connection) -> UsersView<'_> {
    UsersView {
        connection,
        csrf: CSRF,
        query: FieldView::default(),
        found: None,
        notice: None,
    }
}

fn found() -> Vec<FoundUser> {
    let user = |id: &str, name: &str, is_person| FoundUser {
        id: UserId::parse(id).unwrap(),
        username: format!("{name}@acme-outdoor.example"),
        name: format!("{name} {HOSTILE}"),
        is_person,
    };
    vec![
        user("005xx000001Sv6eAAC", "ada", true),
        user("005xx000001Sv6fAAC", "cloud", false),
    ]
}

fn chosen() -> Connection {
    let runner = |id: &str, name: &str| json!({ "user_id": id, "username": name });
    let runners = json!([
        runner("005xx000001Sv6eAAC", "ada@acme-outdoor.example"),
        runner("005xx000001Sv6fAAC", "sales@acme-outdoor.example")
    ]);
    runner_refused().with("salesforce.runners", runners).build()
}

/// The pages at each of these points, and forms that came back.
pub(super) fn pages() -> Vec<(String, web::Html)> {
    let mut pages = Vec::new();
    for (name, facts) in points() {
        let connection = facts.build();
        pages.push((format!("manual-{name}"), manual(&manual_view(&connection))));
        let unknown = ManualView {
            values: None,
            ..manual_view(&connection)
        };
        pages.push((format!("manual-unknown-{name}"), manual(&unknown)));
    }
    let open = alone(&[]).granted(NINE).with("customer", json!(HOSTILE)).build();
    let fault = |text: &str| FieldView {
        value: HOSTILE.to_owned(),
        fault: Some(text.to_owned()),
    };
    let came_back = ManualView {
        callback_form: fault("This is not an address of Salesforce."),
        ..manual_view(&open)
    };
    pages.push(("manual-came-back".to_owned(), manual(&came_back)));
    let (connection, offered) = (chosen(), found());
    let default = Facts::invited().verified("healthy").build();
    for (name, view) in [
        ("default", users_view(&default)),
        ("chosen", users_view(&connection)),
        (
            "found",
            UsersView {
                found: Some(&offered),
                ..users_view(&default)
            },
        ),
        (
            "nobody",
            UsersView {
                found: Some(&[]),
                query: FieldView {
                    value: HOSTILE.to_owned(),
                    fault: None,
                },
                ..users_view(&connection)
            },
        ),
        (
            "came-back",
            UsersView {
                query: fault("Type at least two letters."),
                notice: Some(Notice {
                    kind: NoticeKind::Bad,
                    title: "Salesforce did not answer".to_owned(),
                    text: "Nothing was changed.".to_owned(),
                }),
                ..users_view(&connection)
            },
        ),
    ] {
        pages.push((format!("users-{name}"), users(&view)));
    }
    pages
}

pub(super) fn page_at(name: &str) -> Html {
    let (_, facts) = points().into_iter().find(|(point, _)| point == name).unwrap();
    let connection = facts.build();
    Html::parse_document(&manual(&manual_view(&connection)).0)
}

#[test]
fn the_page_says_what_the_guide_says() {
    let check = |point: &str, texts: &[&str]| {
        let page = main_text(&page_at(point));
        for wanted in texts {
            assert!(page.contains(wanted), "{point}: {wanted}\n{page}");
        }
    };
    let guide = [
        "Setup > Security > Named Credentials",
        "Do not create duplicate Salesforce credential records",
        "replace the placeholder Authorize URL and Token URL",
        "edit the existing code_identifier and code_challenge rows",
        "Replace SET_DURING_AKENEO_SETUP",
        "Keep both rows as Token Request Body Parameter, and do not create duplicate parameter rows",
        "Confirm that the External Credential is “Akeneo”",
        "Make sure that Enabled for Callouts is on. If it is off, edit the record, switch it on, and save.",
        "Authenticate the existing Default principal",
    ];
    check("by-hand-open", &guide);
    check("writes-refused", &guide);
    check(
        "by-hand-half",
        &["5 of 8 things are done", "Done, you say", "Seen", "To do"],
    );
    check(
        "writes-refused",
        &["Salesforce refused what the service tried to write", "Check again"],
    );
    check("by-hand-by-salesforce", &["of 7 things"]);
    check(
        "by-hand-connected",
        &["Everything here is done", "See how the connection is"],
    );
    check("runner-refused", &["Nothing has to be done by hand"]);
}

#[test]
fn values_are_there_only_where_somebody_has_to_enter_them() {
    let shown = |page: &Html| select(page, "input[readonly]").len();
    assert_eq!(shown(&page_at("by-hand-open")), 6);
    assert_eq!(shown(&page_at("writes-refused")), 6);
    assert_eq!(shown(&page_at("runner-refused")), 0);
    let secret = |html: &str| html.contains(PAIR.code_identifier) || html.contains(PAIR.code_challenge);
    for (name, facts) in points() {
        let connection = facts.build();
        let page = manual(&manual_view(&connection)).0;
        // The plugin of an older package makes the pair by itself.
        let older = connection.guide_part() == GuidePart::AuthProvider;
        let needed = !older && (connection.by_hand().is_some() || name.starts_with("writes-refused"));
        let known = connection.wanted_credentials().is_some();
        assert_eq!(secret(&page), needed && known, "{name}");
        assert!(!secret(&journey(&view(&connection)).0), "{name}");
    }
    assert_eq!(format!("{PAIR:?}"), "PairView([redacted])");
}

#[test]
fn the_journey_leads_there_and_says_what_nobody_checked() {
    let check = |point: &str, href: &str, texts: &[&str]| {
        let (_, page) = at(point);
        let links = select(&page, &format!("main a[href='{href}']"));
        assert!(!links.is_empty(), "{point}: {href}");
        for wanted in texts {
            assert!(
                main_text(&page).contains(wanted),
                "{point}: {wanted}\n{}",
                main_text(&page)
            );
        }
    };
    check("writes-refused", "/setup/org/manual", &["Do it by hand"]);
    check("older-refused", "/setup/org/manual", &["Do it by hand"]);
    check("by-hand-open", "/setup/org/manual", &["0 of 8 things are done"]);
    check("older-by-hand-open", "/setup/org/manual", &["1 of 6 things are done"]);
    check(
        "by-hand-connected",
        "/setup/org/manual",
        &[
            "What can be seen from here works",
            "Run a transfer there to be sure",
            "not checked",
        ],
    );
    check(
        "nobody-has-access",
        "/setup/org/users",
        &["None of the users that run transfers can use"],
    );
    check(
        "runner-refused",
        "/setup/org/users",
        &["does not let sales@acme-outdoor.example have"],
    );
}

#[test]
fn each_user_has_a_state_of_its_own() {
    let connection = chosen();
    let page = Html::parse_document(&users(&users_view(&connection)).0);
    let states: Vec<_> = select(&page, ".people .state").into_iter().map(super::text).collect();
    assert_eq!(states, ["Has access", "No access"]);
    assert!(main_text(&page).contains("takes nothing away in Salesforce"));
}
