//! The org's own ways: an External Client App of the customer's, the package installed by the service, a move to another org.

use scraper::Html;
use serde_json::{Value, json};

use super::facts::{Facts, HOSTILE};
use super::gallery::CSRF;
use super::{at, attributes, main_text, select};
use crate::connection::Connection;
use crate::page::view::FieldView;
use crate::page::{ClientView, client};
use crate::web;

fn own() -> Value {
    json!({ "client_id": "3MVG9.own", "login": "https://acme-outdoor.my.salesforce.com/", "generation": "c1",
        "entered_at": "2026-11-23T14:00:00Z" })
}

fn installing(state: Value) -> Facts {
    Facts::invited().org_with(json!({ "kind": "missing" })).with(
        "salesforce.install",
        json!({ "requested_at": "2026-11-23T14:10:00Z", "org_id": "00DWs000000AbCdMAK", "version_id": "04tWs000000AbCdMAK",
            "state": state }),
    )
}

const FAULTS: [&str; 8] = [
    "not_permitted",
    "unavailable",
    "namespace",
    "unsuitable",
    "stopped",
    "too_often",
    "too_long",
    "refused",
];

/// Points of the journey.
pub(super) fn points() -> Vec<(String, Facts)> {
    let other = json!({ "org_id": "00DWs000000OtHrMAK", "instance": "https://acme-two.my.salesforce.com/",
        "login": "https://login.salesforce.com/", "seen_at": "2026-11-23T14:12:00Z" });
    let moving = |facts: Facts, fault: &str| {
        facts
            .with("salesforce.fault", json!(fault))
            .with("salesforce.other_org", other.clone())
    };
    let mut points = vec![
        ("own-app".to_owned(), Facts::invited().with("salesforce.client", own())),
        (
            "own-app-connected".to_owned(),
            Facts::invited().verified("healthy").with("salesforce.client", own()),
        ),
        (
            "own-app-refused".to_owned(),
            Facts::invited()
                .with("salesforce.client", own())
                .with("salesforce.fault", json!("own_app_refused")),
        ),
        (
            "moving".to_owned(),
            moving(Facts::invited().verified("healthy"), "other_org"),
        ),
        (
            "moving-lost".to_owned(),
            moving(Facts::invited().verified("healthy"), "grant_lost"),
        ),
    ];
    for state in ["requested", "in_progress", "retrying", "done"] {
        points.push((format!("install-{state}"), installing(json!({ "is": state }))));
    }
    for why in FAULTS {
        points.push((
            format!("install-{why}"),
            installing(json!({ "is": "failed", "why": why })),
        ));
    }
    points
}

fn page_of(connection: &Connection) -> ClientView<'_> {
    ClientView {
        customer: &connection.customer,
        csrf: CSRF,
        callback_url: "https://setup.example.com/salesforce/callback".to_owned(),
        present: connection.salesforce.client.as_ref(),
        ..ClientView::default()
    }
}

/// The page of the app itself.
pub(super) fn pages() -> Vec<(String, web::Html)> {
    let (none, present) = (
        Facts::invited().with("customer", json!(HOSTILE)).build(),
        Facts::invited().with("salesforce.client", own()).build(),
    );
    let fault = |text: &str| FieldView {
        value: HOSTILE.to_owned(),
        fault: Some(text.to_owned()),
    };
    let faulty = ClientView {
        client_id: fault("Copy the Consumer Key from Salesforce."),
        secret_fault: Some("Copy the Consumer Secret from Salesforce.".to_owned()),
        my_domain: fault("This is not a Salesforce address."),
        ..page_of(&none)
    };
    vec![
        ("own-app-first".to_owned(), client(&page_of(&none))),
        ("own-app-present".to_owned(), client(&page_of(&present))),
        ("own-app-faulty".to_owned(), client(&faulty)),
    ]
}

#[test]
fn the_instructions_are_exact() {
    let (_, page) = pages().into_iter().next().unwrap();
    let page = Html::parse_document(&page.0);
    let text = main_text(&page);
    for words in [
        "External Client App Manager",
        "Local",
        "Manage user data via APIs (api)",
        "Perform requests at any time (refresh_token, offline_access)",
        "Require secret for Web Server Flow",
        "Proof Key for Code Exchange (PKCE)",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(attributes(&page, "value").contains(&"https://setup.example.com/salesforce/callback"));
    assert_eq!(select(&page, "input[type=password]").len(), 1);
}

#[test]
fn an_own_app_needs_no_choice_of_login() {
    let (_, page) = at("own-app");
    assert!(
        main_text(&page).contains("You connect with your own External Client App at acme-outdoor.my.salesforce.com")
    );
    assert_eq!(select(&page, "input[name=org_kind]").len(), 0);
}

#[test]
fn an_installation_can_be_asked_for_only_while_none_is_under_way_and_its_failure_leads_to_the_link() {
    for state in ["requested", "in_progress", "retrying"] {
        let (_, page) = at(&format!("install-{state}"));
        assert_eq!(select(&page, "form[action='/setup/install']").len(), 0, "{state}");
        assert_eq!(select(&page, ".working").len(), 1, "{state}");
    }
    let words: std::collections::BTreeSet<_> = FAULTS
        .map(|why| {
            let (connection, page) = at(&format!("install-{why}"));
            assert_eq!(select(&page, "form[action='/setup/install']").len(), 1, "{why}");
            assert_eq!(select(&page, "a[href*=installPackage]").len(), 1, "{why}");
            let words = connection.salesforce.install.unwrap().in_words();
            assert!(main_text(&page).contains(words), "{why}");
            words
        })
        .into_iter()
        .collect();
    assert_eq!(words.len(), FAULTS.len(), "each has words of its own");
}

#[test]
fn a_move_names_the_org_and_is_confirmed() {
    for point in ["moving", "moving-lost"] {
        let (_, page) = at(point);
        assert!(
            main_text(&page).contains("00DWs000000OtHrMAK at acme-two.my.salesforce.com"),
            "{point}"
        );
        assert_eq!(
            select(&page, "form input[name=move_to][value='00DWs000000OtHrMAK']").len(),
            1,
            "{point}"
        );
        assert_eq!(select(&page, "form input[name=confirm][required]").len(), 1, "{point}");
    }
}
