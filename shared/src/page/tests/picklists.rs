//! Picklist synchronisation: its line on the status page, and its own page at every point.

use scraper::Html;
use serde_json::{Value, json};

use super::facts::{Facts, HOSTILE};
use super::gallery::{CSRF, now, view};
use super::{main_text, select};
use crate::connection::Connection;
use crate::page::view::{FieldView, Notice, NoticeKind};
use crate::page::{SelfView, journey, progress, self_callout};
use crate::web;

fn facts(with: Value) -> Facts {
    let mut about = json!({
        "wanted": true, "org_id": "00DWs000000AbCdMAK", "source": "deploy", "asked_at": "2026-11-23T14:14:00Z",
        "client_id": "3MVG9abc", "generation": "g7", "app_since": "2026-11-23T14:14:30Z",
    });
    about.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    Facts::invited().verified("healthy").with("self_callout", about)
}

fn working() -> Value {
    json!({
        "proven": "g7", "looked_at": "2026-11-23T14:15:00Z", "completed_at": "2026-11-23T14:15:00Z", "principal": "configured",
        "records": { "packaged": false, "named_credential": "Salesforce_Self", "external_credential": "Salesforce_Self",
            "identity_provider": null },
    })
}

/// Points of the journey that look different because of it.
pub(super) fn points() -> Vec<(String, Facts)> {
    vec![
        ("picklists-wiring".to_owned(), facts(json!({}))),
        (
            "picklists-waiting".to_owned(),
            facts(json!({ "waiting": "propagation" })),
        ),
    ]
}

fn all() -> Vec<(String, Connection)> {
    let off = ("off".to_owned(), Facts::invited().verified("healthy"));
    let needs_app = json!({ "source": "pasted", "client_id": null, "generation": null });
    let mut drifted = working();
    drifted["findings"] = json!([
        { "finding": "token_url" }, { "finding": "credentials" }, { "finding": "endpoint_url" }, { "finding": "callouts_off" },
        { "finding": "access_missing", "users": ["sales@acme-outdoor.example"] }, { "finding": "records_missing" },
    ]);
    let mut refused = working();
    refused["findings"] =
        json!([{ "finding": "write_refused", "change": "self_named_credential", "record": "Salesforce_Self" }]);
    let mut unconfigured = working();
    unconfigured["findings"] = json!([{ "finding": "not_configured", "external_credential": "Salesforce_Self" }]);
    let mut all = vec![
        off,
        ("needs-app".to_owned(), facts(needs_app)),
        ("wiring".to_owned(), facts(json!({}))),
        ("waiting".to_owned(), facts(json!({ "waiting": "propagation" }))),
        ("silent".to_owned(), facts(json!({ "waiting": "org" }))),
        ("working".to_owned(), facts(working())),
        ("drifted".to_owned(), facts(drifted)),
        ("refused".to_owned(), facts(refused)),
        ("unconfigured".to_owned(), facts(unconfigured)),
    ];
    for fault in FAULTS {
        let mut fault = json!({ "fault": fault });
        fault["username"] = json!(HOSTILE);
        all.push((
            format!("fault-{}", fault["fault"].as_str().unwrap()),
            facts(json!({ "fault": fault })),
        ));
    }
    all.into_iter().map(|(name, facts)| (name, facts.build())).collect()
}

const FAULTS: [&str; 19] = [
    "deploy_forbidden",
    "deploy_failed",
    "name_taken",
    "secret_unreadable",
    "no_such_user",
    "app_lost",
    "app_unknown",
    "secret_wrong",
    "no_execution_user",
    "flow_off",
    "scope_missing",
    "execution_user_blocked",
    "execution_user_too_weak",
    "other_org",
    "refused",
    "org_refused",
    "records_ambiguous",
    "records_incomplete",
    "records_taken",
];

fn own(connection: &Connection) -> SelfView<'_> {
    SelfView {
        connection,
        csrf: CSRF,
        mark: progress(connection, now()),
        execution_user: FieldView {
            value: "admin@acme-outdoor.example".to_owned(),
            fault: None,
        },
        client_id: FieldView::default(),
        secret_fault: None,
        notice: None,
    }
}

/// The pages.
pub(super) fn pages() -> Vec<(String, web::Html)> {
    let mut pages = Vec::new();
    for (name, connection) in all() {
        pages.push((format!("picklists-{name}"), self_callout(&own(&connection))));
        pages.push((format!("journey-picklists-{name}"), journey(&view(&connection))));
    }
    let connection = facts(working()).with("customer", json!(HOSTILE)).build();
    let fault = |text: &str| FieldView {
        value: HOSTILE.to_owned(),
        fault: Some(text.to_owned()),
    };
    let notice = Notice {
        kind: NoticeKind::Bad,
        title: "Please check the form".to_owned(),
        text: format!("About {HOSTILE}."),
    };
    let view = SelfView {
        execution_user: fault("Enter the username."),
        client_id: fault("Enter the Consumer Key."),
        secret_fault: Some("Enter the Consumer Secret.".to_owned()),
        notice: Some(notice),
        ..own(&connection)
    };
    pages.push(("picklists-faulty".to_owned(), self_callout(&view)));
    pages
}

fn page(name: &str) -> Html {
    let (_, connection) = all().into_iter().find(|(point, _)| point == name).expect(name);
    Html::parse_document(&self_callout(&own(&connection)).0)
}

#[test]
fn each_point_says_where_it_stands_and_whose_turn_it_is() {
    let check = |name: &str, texts: &[&str]| {
        let text = main_text(&page(name));
        for wanted in texts {
            assert!(text.contains(wanted), "{name}: {wanted}\n{text}");
        }
    };
    check(
        "off",
        &[
            "It is optional",
            "Let this service make the app",
            "Or make the app yourself",
            "Manage user data via APIs (api)",
        ],
    );
    check(
        "needs-app",
        &["Needs an External Client App", "Next: your Salesforce administrator"],
    );
    check("wiring", &["Being set up"]);
    check(
        "waiting",
        &["Waiting for Salesforce", "up to 30 minutes", "nothing for you to do"],
    );
    check(
        "working",
        &[
            "Works",
            "3MVG9abc",
            "made by this service: the package brings none",
            "Switch it off",
        ],
    );
    check(
        "drifted",
        &[
            "Needs your attention",
            "sales@acme-outdoor.example",
            "“Check again” sets this right.",
        ],
    );
    check(
        "refused",
        &[
            "Salesforce refused a change",
            "set the URL to your My Domain without any path",
        ],
    );
    check(
        "fault-scope_missing",
        &["Next: your Salesforce administrator", "exactly the scope"],
    );
    check("fault-records_ambiguous", &["Next: your Akeneo contact"]);
}

#[test]
fn the_callback_is_the_org_s_own_and_the_page_follows_only_while_something_happens() {
    let off = page("off");
    let field = select(&off, "#self-callback")[0].value().attr("value");
    assert_eq!(
        field,
        Some("https://acme-outdoor.my.salesforce.com/services/oauth2/callback")
    );
    for (name, connection) in all() {
        let html = self_callout(&own(&connection)).0;
        let follows = matches!(name.as_str(), "wiring" | "waiting" | "silent");
        assert_eq!(html.contains("data-here=\"/setup/org/self\""), follows, "{name}");
        assert_eq!(html.contains("http-equiv=\"refresh\""), follows, "{name}");
    }
}

#[test]
fn the_status_page_leads_there_once_there_is_an_org_that_can_use_it() {
    let line = |connection: &Connection| journey(&view(connection)).0.contains("href=\"/setup/org/self\"");
    assert!(line(&Facts::invited().verified("healthy").build()));
    let old = Facts::invited().verified("healthy").with(
        "salesforce.readiness.package",
        json!({ "kind": "legacy", "namespace": "akeneo_pim", "installed": { "version_id": "04tWs000000AbCdIAK",
            "version": { "major": 2, "minor": 8, "patch": 0, "build": 3, "is_beta": false } } }),
    );
    assert!(!line(&old.build()));
    assert!(
        !line(&Facts::invited().wired().build()),
        "not before the connection works"
    );
}
