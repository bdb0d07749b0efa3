//! That pages follow the facts, and the facts' own order.

use std::collections::BTreeMap;
use std::time::Duration;

use scraper::{ElementRef, Html};

use super::facts::Facts;
use super::gallery::{now, view};
use super::points::points;
use super::{at, select};
use crate::clock::plus;
use crate::connection::{Stage, stage};
use crate::page::step::{OrgNeed, PimNeed, org_need, pim_need};
use crate::page::view::{AkeneoForm, Journey};
use crate::page::{journey, progress};

#[test]
fn the_needs_of_both_sides_agree_with_the_stage() {
    for (point, connection) in points() {
        let (stage, org, pim) = (stage(&connection), org_need(&connection), pim_need(&connection));
        let expect = match org {
            _ if connection.revoked_at.is_some() => Some(Stage::Revoked),
            OrgNeed::Connect => Some(Stage::ConnectSalesforce),
            OrgNeed::NewerApi => Some(Stage::OrgTooOld),
            OrgNeed::Permissions => Some(Stage::PermissionMissing),
            OrgNeed::Package => Some(Stage::PackageMissing),
            OrgNeed::NewerPackage => Some(Stage::PackageOutdated),
            OrgNeed::WholePackage => Some(Stage::PackageIncomplete),
            OrgNeed::OnePackage => Some(Stage::PackageAmbiguous),
            OrgNeed::Look | OrgNeed::Nothing => match pim {
                PimNeed::Credentials => Some(Stage::EnterAkeneo),
                PimNeed::Authorization | PimNeed::AuthorizationForOtherScopes => Some(Stage::AuthorizeAkeneo),
                PimNeed::Scopes => Some(Stage::ScopesMissing),
                PimNeed::Nothing => None,
            },
        };
        let early = [
            Stage::Wiring,
            Stage::WiringBlocked,
            Stage::SetUpByHand,
            Stage::AuthorizePrincipal,
            Stage::Verifying,
            Stage::Connected,
            Stage::Degraded,
        ];
        match expect {
            Some(expect) => assert_eq!(stage, expect, "{point}"),
            None => assert!(early.contains(&stage), "{point}: {stage:?}"),
        }
    }
}

#[test]
fn progress_changes_exactly_when_the_page_does() {
    let (mut bodies, mut marks): (BTreeMap<_, String>, BTreeMap<String, _>) = Default::default();
    for (point, connection) in points() {
        let mark = progress(&connection, now());
        assert_eq!(mark.len(), 24);
        let page = journey(&Journey {
            csrf: "",
            ..view(&connection)
        })
        .0;
        let body = page.split("<h1>").nth(1).unwrap().to_owned();
        if let Some(other) = bodies.insert(mark.clone(), body.clone()) {
            assert_eq!(other, body, "{point}: the same mark for another page");
        }
        if let Some(other) = marks.insert(body, mark.clone()) {
            assert_eq!(other, mark, "{point}: another mark for the same page");
        }
        assert_eq!(
            mark,
            progress(&connection, plus(now(), Duration::from_secs(1))),
            "{point}: time alone changes nothing"
        );
    }
    let away = Facts::invited().ready_org().credentials().away("akeneo").build();
    assert_ne!(
        progress(&away, now()),
        progress(&away, plus(now(), Duration::from_secs(601))),
        "a trip runs out"
    );
}

#[test]
fn pages_reload_by_themselves_only_where_nobody_types() {
    for (point, connection) in points() {
        let page = journey(&view(&connection)).0;
        let refreshes = page.contains("http-equiv=\"refresh\"");
        let live =
            matches!(stage(&connection), Stage::Wiring | Stage::Verifying) && connection.wiring.waiting.is_none();
        assert!(!live || refreshes, "{point}: does not follow without JavaScript");
        let page = Html::parse_document(&page);
        let typed = select(&page, "form input[type=text]");
        let open = typed.iter().any(|input| {
            !input
                .ancestors()
                .filter_map(ElementRef::wrap)
                .any(|above| above.value().name() == "details")
        });
        assert!(!(refreshes && open), "{point}: a form would be emptied");
        let polled = select(&page, "body[data-progress]");
        if let Some(body) = polled.first() {
            assert_eq!(
                body.value().attr("data-progress"),
                Some(progress(&connection, now()).as_str()),
                "{point}"
            );
        }
        assert_eq!(
            polled.is_empty(),
            matches!(
                point.as_str(),
                "revoked"
                    | "by-hand-connected"
                    | "runner-refused"
                    | "health-healthy"
                    | "by-salesforce-connected"
                    | "reconnect-refused"
                    | "own-app-connected"
                    | "moving"
            ),
            "{point}"
        );
    }
    let (connection, _) = at("wiring");
    let form = AkeneoForm {
        open: true,
        ..AkeneoForm::default()
    };
    let page = journey(&Journey {
        akeneo_form: form,
        ..view(&connection)
    })
    .0;
    assert!(!page.contains("http-equiv") && !page.contains("data-progress"));
}
