//! Every page there is.

use serde_json::json;

use super::facts::{Facts, HOSTILE};
use super::points::points;
use crate::clock::Timestamp;
use crate::connection::{Connection, Leg};
use crate::page::view::{AkeneoForm, FieldView, HandOffLink, Journey, Landing, Notice, NoticeKind, SalesforceForm};
use crate::page::{journey, landing};
use crate::web::Html;

pub(super) const CSRF: &str = "c5f0csrf";

pub(super) fn now() -> Timestamp {
    "2026-11-23T14:20:00Z".parse().unwrap()
}

/// A journey's view of a connection, as `GET /setup` has it.
pub(super) fn view(connection: &Connection) -> Journey<'_> {
    Journey {
        connection,
        session_leg: None,
        csrf: CSRF,
        activate_url: "https://setup.example.com/akeneo/0123456789abcdef0123/activate".to_owned(),
        callback_url: "https://setup.example.com/akeneo/0123456789abcdef0123/callback".to_owned(),
        install_link: Some("https://login.salesforce.com/packaging/installPackage.apexp?p0=04tWs000000AbCd".to_owned()),
        akeneo_form: AkeneoForm::default(),
        salesforce_form: SalesforceForm::default(),
        hand_off: None,
        now: now(),
        notice: None,
    }
}

/// Every page there is, by name: each point as journey and for each leg, some as landing page; and forms that came back.
pub(super) fn pages() -> Vec<(String, Html)> {
    let mut pages = Vec::new();
    for (name, connection) in points() {
        pages.push((format!("journey-{name}"), journey(&view(&connection))));
        for leg in [Leg::Akeneo, Leg::Salesforce] {
            let view = Journey {
                session_leg: Some(leg),
                ..view(&connection)
            };
            pages.push((format!("only-{}-{name}", leg.as_str()), journey(&view)));
        }
        if !["invited", "by-salesforce", "health-healthy", "health-token_revoked"].contains(&name.as_str()) {
            continue;
        }
        for leg in [None, Some(Leg::Akeneo), Some(Leg::Salesforce)] {
            let view = Landing {
                connection: &connection,
                leg,
                start_path: "/setup/Zm9v/start".to_owned(),
            };
            let kind = leg.map_or("all", Leg::as_str);
            pages.push((format!("landing-{kind}-{name}"), landing(&view)));
        }
    }
    pages.extend(forms_that_came_back());
    pages.extend(super::by_hand::pages());
    pages.extend(super::own_app::pages());
    pages.extend(super::picklists::pages());
    pages
}

fn forms_that_came_back() -> Vec<(String, Html)> {
    let (invited, connected) = (Facts::invited().build(), Facts::invited().verified("healthy").build());
    let fault = |text: &str| FieldView {
        value: format!("http://{HOSTILE}"),
        fault: Some(text.to_owned()),
    };
    let akeneo_form = AkeneoForm {
        base_url: fault("Type the address with https://, for example https://acme.cloud.akeneo.com."),
        client_id: fault("Copy the Client ID from the Custom App."),
        client_secret_fault: Some("Copy the Client Secret from the Custom App.".to_owned()),
        own_host: Some(HOSTILE.to_owned()),
        open: true,
    };
    let salesforce_form = SalesforceForm {
        org_kind: "mydomain".to_owned(),
        my_domain: fault("This is not a Salesforce address."),
    };
    let notice = |kind, title: &str| {
        Some(Notice {
            kind,
            title: title.to_owned(),
            text: format!("About {HOSTILE}."),
        })
    };
    let link = |leg| {
        let expires_at = "2026-11-30T14:20:00Z".parse().unwrap();
        Some(HandOffLink {
            leg,
            url: "https://setup.example.com/setup/Zm9vYmFyYmF6cXV4".to_owned(),
            expires_at,
        })
    };
    let mut pages = Vec::new();
    for (name, connection) in [("invited", &invited), ("connected", &connected)] {
        let with = |view: Journey<'_>, kind: &str| (format!("form-{kind}-{name}"), journey(&view));
        pages.push(with(
            Journey {
                akeneo_form: akeneo_form.clone(),
                notice: notice(NoticeKind::Bad, "Please check the form"),
                ..view(connection)
            },
            "akeneo",
        ));
        pages.push(with(
            Journey {
                salesforce_form: salesforce_form.clone(),
                ..view(connection)
            },
            "salesforce",
        ));
        pages.push(with(
            Journey {
                notice: notice(NoticeKind::Good, "Saved"),
                ..view(connection)
            },
            "good",
        ));
        pages.push(with(
            Journey {
                hand_off: link(Leg::Akeneo),
                notice: notice(NoticeKind::Info, "A link"),
                ..view(connection)
            },
            "hand-off-akeneo",
        ));
        pages.push(with(
            Journey {
                hand_off: link(Leg::Salesforce),
                ..view(connection)
            },
            "hand-off-salesforce",
        ));
    }
    let no_link = Facts::invited().org_with(json!({ "kind": "missing" })).build();
    pages.push((
        "no-install-link".to_owned(),
        journey(&Journey {
            install_link: None,
            ..view(&no_link)
        }),
    ));
    let hostile = Facts::invited()
        .verified("healthy")
        .with("customer", json!(HOSTILE))
        .with("salesforce.org.name", json!(HOSTILE))
        .with("akeneo.credentials.client_id", json!(HOSTILE))
        .build();
    pages.push(("hostile-connected".to_owned(), journey(&view(&hostile))));
    let hostile = Facts::invited()
        .ready_org()
        .with("customer", json!(HOSTILE))
        .with("salesforce.org.name", json!(HOSTILE))
        .build();
    pages.push(("hostile".to_owned(), journey(&view(&hostile))));
    for leg in [None, Some(Leg::Akeneo)] {
        let view = Landing {
            connection: &hostile,
            leg,
            start_path: "/setup/Zm9v/start".to_owned(),
        };
        pages.push((
            format!("hostile-landing-{}", leg.map_or("all", Leg::as_str)),
            landing(&view),
        ));
    }
    pages
}
