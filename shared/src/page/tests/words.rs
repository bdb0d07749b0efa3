//! What each point of the journey says.

use scraper::Html;

use super::gallery::view;
use super::points::points;
use super::{at, main_text, select};
use crate::connection::Leg;
use crate::page::journey;
use crate::page::step::{OrgNeed, PimNeed, org_need, pim_need};
use crate::page::view::Journey;
use crate::wiring::by_hand;

#[test]
fn each_point_says_what_happened_and_what_to_do() {
    let check = |point: &str, texts: &[&str]| {
        let (_, page) = at(point);
        for wanted in texts {
            assert!(
                main_text(&page).contains(wanted),
                "{point}: {wanted}\n{}",
                main_text(&page)
            );
        }
    };
    check(
        "invited",
        &[
            "Next: your Salesforce administrator",
            "Step 2, in Akeneo, can be done first",
            "Create an App",
            "grant all requested permissions",
            "0 of 5 steps done",
        ],
    );
    check("revoked", &["This setup was stopped", "your Akeneo contact"]);
    check(
        "pinned",
        &[
            "This setup is for acme.cloud.akeneo.com.",
            "This setup is for a sandbox.",
        ],
    );
    check(
        "by-salesforce",
        &[
            "Your Custom App keeps the callback of Salesforce",
            "Enter the Custom App’s credentials",
        ],
    );
    check("org-unseen", &["The org is being looked at"]);
    check(
        "org-too-old",
        &["63.0 or later", "Tell your Akeneo contact", "Check again"],
    );
    check(
        "permission-missing",
        &[
            "View Setup and Configuration",
            "Modify Metadata Through Metadata API Functions",
            "Check again",
        ],
    );
    check(
        "package-missing",
        &[
            "not installed in this org",
            "Install the package",
            "“Install for Admins Only” is enough",
            "Check again",
        ],
    );
    check(
        "package-outdated",
        &["2.8.", "is too old", "version 3.0 or higher", "Check again"],
    );
    check(
        "package-incomplete",
        &["Installing it once more repairs it", "Check again"],
    );
    check(
        "package-ambiguous",
        &["More than one package", "Tell your Akeneo contact", "Check again"],
    );
    check(
        "org-ready",
        &[
            "Acme Outdoor",
            "00DWs000000AbCdMAK",
            "admin@acme-outdoor.example",
            "1 of 5 steps done",
            "Next: your Akeneo PIM administrator",
        ],
    );
    check(
        "akeneo-first",
        &[
            "acme.cloud.akeneo.com",
            "9 permissions granted",
            "Connect Salesforce",
            "1 of 5 steps done",
        ],
    );
    check("akeneo-saved", &["Authorize in Akeneo", "Change the credentials"]);
    check(
        "akeneo-away",
        &[
            "You were sent to Akeneo at 14:15 UTC. If you cancelled or closed that window, start again here.",
            "Authorize again",
        ],
    );
    check(
        "akeneo-unfinished",
        &["The trip to Akeneo of 23 November 2026, 13:40 UTC was not finished. Start again here."],
    );
    check("salesforce-away", &["You were sent to Salesforce at 14:15 UTC"]);
    check(
        "salesforce-unfinished",
        &["The trip to Salesforce of 23 November 2026, 13:40 UTC was not finished"],
    );
    check(
        "scopes-missing",
        &[
            "read_catalogs: without it",
            "only a SaaS PIM has catalogs",
            "Authorize again",
        ],
    );
    check("scopes-changed", &["asks for other permissions", "Authorize again"]);
    check(
        "wiring",
        &["Nothing for you to do right now", "The Salesforce org is being set up"],
    );
    check(
        "wiring-on",
        &["Still to come:", "The Named Credential does not point at the PIM yet."],
    );
    check(
        "wiring-blocked",
        &[
            "Something in the Salesforce org needs you",
            "Delete the extra rows",
            "Check again",
        ],
    );
    check("waiting-org_limit", &["used up its API calls", "Check again"]);
    check(
        "principal",
        &[
            "logged in to both the Salesforce org and Akeneo PIM",
            "Authorize Salesforce in Akeneo",
            "notices by itself",
        ],
    );
    check("principal-stale", &["another PIM or Custom App"]);
    check(
        "principal-started",
        &[
            "Waiting for Salesforce… started at 14:11 UTC.",
            "Try again",
            "Check again",
        ],
    );
    check("principal-relayed", &["Akeneo has answered"]);
    check(
        "principal-unfinished",
        &["The trip of 23 November 2026, 13:11 UTC was not finished", "Try again"],
    );
    check("verifying", &["Both sides are being verified", "4 of 5 steps done"]);
    check("look-failed", &["did not succeed. It is tried again by itself"]);
    check("looking-again", &["The org is being looked at again"]);
    check(
        "rotating",
        &[
            "the connection goes on with the former ones",
            "Akeneo did not accept the Client ID or the Client Secret.",
        ],
    );
    check(
        "reconnect-refused",
        &[
            "The connection works",
            "another Salesforce org",
            "“Acme Outdoor” (00DWs000000AbCdMAK)",
        ],
    );
    check(
        "salesforce-grant_lost",
        &["no longer lets this service into the org", "Connect Salesforce"],
    );
    check(
        "health-healthy",
        &[
            "The connection works",
            "acme.cloud.akeneo.com",
            "read_products",
            "https://acme.cloud.akeneo.com",
            "Callouts to Akeneo On",
            "Configured",
            "Every permission was tested and works",
            "Serenity v20261118023010",
            "23 November 2026, 14:13 UTC",
            "Check again",
            "Connect Salesforce again",
        ],
    );
    check(
        "drifted",
        &[
            "The Named Credential does not point at the PIM",
            "ann@acme.example",
            "Access for the users who run transfers Missing",
            "Check again",
        ],
    );
    check(
        "scope-lost",
        &["Not granted: read_catalogs, read_products", "Authorize again"],
    );
    check("by-salesforce-connected", &["this service holds no token"]);
    check("by-salesforce-lost", &["Authorize Salesforce in Akeneo"]);
}

#[test]
fn a_custom_app_with_salesforces_callback_is_not_told_ours() {
    for point in ["by-salesforce", "by-salesforce-connected"] {
        let (_, page) = at(point);
        assert!(
            select(
                &page,
                "#callback-url, #activate-url, form[action='/setup/akeneo/authorize']"
            )
            .is_empty(),
            "{point}"
        );
    }
    let (_, page) = at("invited");
    let value = |id: &str| select(&page, id)[0].value().attr("value").map(str::to_owned);
    assert!(value("#callback-url").is_some_and(|url| url.ends_with("/callback")));
    assert!(value("#activate-url").is_some_and(|url| url.ends_with("/activate")));
}

#[test]
fn a_handed_off_session_shows_its_own_step_only() {
    for (point, connection) in points() {
        for (leg, other) in [(Leg::Akeneo, "#step-salesforce"), (Leg::Salesforce, "#step-akeneo")] {
            let page = Html::parse_document(
                &journey(&Journey {
                    session_leg: Some(leg),
                    ..view(&connection)
                })
                .0,
            );
            assert!(
                select(&page, other).is_empty() && select(&page, "form[action='/setup/handoff']").is_empty(),
                "{point}"
            );
            let done = match leg {
                Leg::Akeneo => pim_need(&connection) == PimNeed::Nothing,
                // What has to be done by hand in Salesforce belongs to this step too.
                Leg::Salesforce => {
                    let by_hand = connection.by_hand().is_some() || by_hand::is_refused(&connection);
                    org_need(&connection) == OrgNeed::Nothing && !by_hand
                }
            };
            assert_eq!(
                main_text(&page).contains("Thank you, your step is done"),
                done,
                "{point}"
            );
        }
    }
}
