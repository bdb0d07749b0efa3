//! What holds for every page.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Selector};
use serde_json::json;

use super::facts::{Facts, HOSTILE};
use super::gallery::{CSRF, pages, view};
use super::{all, attributes, main_text, select, text};
use crate::connection::Leg;
use crate::page::view::{Journey, Landing};
use crate::page::{journey, landing};

/// Where forms may post to.
const ROUTES: [&str; 16] = [
    "/setup/access",
    "/setup/legacy",
    "/setup/install",
    "/setup/org/client",
    "/setup/org/self",
    "/setup/by-hand",
    "/setup/org/manual",
    "/setup/org/users",
    "/setup/salesforce",
    "/setup/akeneo",
    "/setup/akeneo/authorize",
    "/setup/handoff",
    "/setup/principal",
    "/setup/check",
    "/setup/leave",
    "/setup/Zm9v/start",
];

#[test]
fn every_page_is_sound() {
    for (name, page) in all() {
        is_whole(&name, &page);
        has_headings_that_go_down_one_level_at_a_time(&name, &page);
        has_labels_for_fields_and_targets_and_tokens_for_forms(&name, &page);
        has_nothing_inline_and_nothing_from_elsewhere(&name, &page);
    }
}

fn is_whole(name: &str, page: &Html) {
    assert_eq!(select(page, "html[lang=en]").len(), 1, "{name}");
    for one in ["h1", "main", "header", "footer", "title"] {
        assert_eq!(select(page, one).len(), 1, "{name}: {one}");
    }
    assert!(!text(select(page, "title")[0]).is_empty(), "{name}");
    let ids = attributes(page, "id");
    let unique: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{name}: ids occur twice");
    for reference in ["for", "aria-labelledby", "aria-describedby", "data-copy"] {
        for id in attributes(page, reference).into_iter().flat_map(str::split_whitespace) {
            assert!(unique.contains(id), "{name}: {reference} {id}");
        }
    }
    for anchor in attributes(page, "href")
        .into_iter()
        .filter_map(|href| href.strip_prefix('#'))
    {
        assert!(unique.contains(anchor), "{name}: #{anchor}");
    }
}

fn has_headings_that_go_down_one_level_at_a_time(name: &str, page: &Html) {
    let mut last = 0;
    for heading in select(page, "h1, h2, h3, h4") {
        let level: u8 = heading.value().name()[1..].parse().unwrap();
        assert!(level <= last + 1, "{name}: {}", text(heading));
        last = level;
    }
}

fn has_labels_for_fields_and_targets_and_tokens_for_forms(name: &str, page: &Html) {
    for input in select(page, "input:not([type=hidden])") {
        let id = input.value().attr("id").unwrap_or("none");
        let labelled = !select(page, &format!("label[for='{id}']")).is_empty();
        let wrapped = input
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|above| above.value().name() == "label");
        assert!(labelled || wrapped, "{name}: {}", input.html());
    }
    for form in select(page, "form") {
        assert_eq!(form.value().attr("method"), Some("post"), "{name}");
        let action = form.value().attr("action").unwrap();
        assert!(ROUTES.contains(&action), "{name}: {action}");
        let token = Selector::parse("input[type=hidden][name=csrf]").unwrap();
        let tokens: Vec<_> = form
            .select(&token)
            .filter_map(|input| input.value().attr("value"))
            .collect();
        if action.ends_with("/start") {
            assert!(
                tokens.is_empty() && form.select(&Selector::parse("input").unwrap()).count() == 0,
                "{name}"
            );
        } else {
            assert_eq!(tokens, [CSRF], "{name}: {action}");
        }
    }
    for password in select(page, "input[type=password]") {
        assert_eq!(
            (password.value().attr("value"), password.value().attr("autocomplete")),
            (Some(""), Some("off")),
            "{name}"
        );
    }
}

fn has_nothing_inline_and_nothing_from_elsewhere(name: &str, page: &Html) {
    for element in select(page, "*") {
        for (attribute, _) in element.value().attrs() {
            assert!(
                attribute != "style" && !attribute.starts_with("on"),
                "{name}: {attribute}"
            );
        }
    }
    assert!(select(page, "style, img, iframe, base").is_empty(), "{name}");
    let scripts = select(page, "script");
    assert_eq!(scripts.len(), 1, "{name}");
    assert!(text(scripts[0]).is_empty(), "{name}");
    for link in select(page, "link").iter().filter_map(|link| link.value().attr("href")) {
        assert!(link.starts_with("/setup/assets/"), "{name}: {link}");
    }
    for away in select(page, "[target=_blank]") {
        assert!(
            away.value().attr("rel").is_some_and(|rel| rel.contains("noopener")),
            "{name}: {}",
            away.html()
        );
    }
}

#[test]
fn what_others_typed_is_escaped() {
    for (name, page) in pages() {
        assert!(!page.0.contains("<script>"), "{name}");
    }
    let hostile = Facts::invited()
        .verified("healthy")
        .with("customer", json!(HOSTILE))
        .build();
    for leg in [None, Some(Leg::Akeneo), Some(Leg::Salesforce)] {
        let page = Html::parse_document(
            &journey(&Journey {
                session_leg: leg,
                ..view(&hostile)
            })
            .0,
        );
        assert!(main_text(&page).contains(HOSTILE));
        let view = Landing {
            connection: &hostile,
            leg,
            start_path: "/setup/Zm9v/start".to_owned(),
        };
        assert!(main_text(&Html::parse_document(&landing(&view).0)).contains(HOSTILE));
    }
    let form = Facts::invited().with("terms.pim_host", json!(HOSTILE)).build();
    let page = Html::parse_document(&journey(&view(&form)).0);
    assert_eq!(
        select(&page, "#base-url")[0].value().attr("value"),
        Some(format!("https://{HOSTILE}").as_str())
    );
}

#[test]
fn no_page_is_a_dead_end() {
    for (name, page) in all() {
        let who = select(&page, ".who-pill").len();
        let ways = select(&page, "main button:not([data-copy]), main a.button").len();
        assert!(who + ways > 0, "{name}");
        let panels = select(&page, ".next.turn");
        let steps = select(&page, ".step.turn");
        assert!(
            panels.is_empty() || ways > 0,
            "{name}: it is somebody’s turn and there is nothing to press"
        );
        for step in steps {
            let press = Selector::parse("button, a.button").unwrap();
            assert!(step.select(&press).count() > 0, "{name}: {}", text(step));
        }
    }
}
