//! Point 8: whether a deployed token authenticates a classic Named Credential, both ways, with the org itself and with a target of the
//! operator's; and what leaves it open.

use connector::outbound::Permit;
use salesforce_simulator::{Action, FaultKind};
use sandbox_probe::Report;
use sandbox_probe::credentials::Target;
use sandbox_probe::run::Options;
use serde_json::json;

use super::wired_sandbox;
use crate::attended::{Attended, org_fault};

fn known(report: &Report) -> String {
    let all = report.capabilities.to_string();
    let found = all
        .split(',')
        .find_map(|one| one.strip_prefix("legacy_token_injection="));
    found.unwrap_or("unknown").to_owned()
}

async fn probed(attended: &Attended, options: &Options) -> (String, String) {
    let before = attended.condition();
    let (report, shown) = attended.probe_with(options, true).await;
    assert_eq!(attended.condition(), before);
    assert_eq!(report.left_behind, [""; 0]);
    let live = attended.pim().state().live_tokens;
    let text = format!("{shown:?}{report}{}", report.json());
    assert!(
        live.iter().all(|token| !text.contains(&token.value)),
        "no token is shown"
    );
    assert!(!text.contains("!AQEAQ"), "nor the session");
    (known(&report), report.answer("legacy_oauth_token").unwrap().to_owned())
}

#[tokio::test]
async fn the_org_itself_is_target_enough() {
    let attended = wired_sandbox().await;
    for (effect, expect, words) in [
        ("ignored", "refused", "the Named Credential is not authenticated"),
        ("authenticates", "accepted", "the target took the token"),
    ] {
        attended.set(&json!({ "legacy_oauth_token": effect }));
        let (known, told) = probed(&attended, &Options::default()).await;
        assert_eq!(known, expect, "{told}");
        assert!(told.contains(words), "{told}");
    }
}

/// An org whose sessions are bound to an address, for example: its own session does not work from inside either.
#[tokio::test]
async fn without_a_control_that_works_it_stays_open() {
    let attended = wired_sandbox().await;
    let mut fault = org_fault(FaultKind::Status, Some("GET"), "limits", 2);
    fault.status = Some(401);
    attended.set(&json!({ "legacy_oauth_token": "authenticates" }));
    attended.org().add_fault(fault);
    let (known, told) = probed(&attended, &Options::default()).await;
    assert_eq!(known, "unknown", "{told}");
    assert!(
        told.starts_with("open: the target answered 401") && told.contains("--legacy-target"),
        "{told}"
    );
}

#[tokio::test]
async fn an_operator_s_own_target_and_token() {
    let attended = wired_sandbox().await;
    let pim = attended.stack.pim.url().clone();
    let permit = Permit::parse(&pim.origin().ascii_serialization()).unwrap();
    let address = pim.join("/api/rest/v1/channels?limit=1").unwrap();
    let token = attended.pim().state().live_tokens[0].value.clone();
    let options = |token: &str| Options {
        legacy: Some(Target::named(address.as_str(), token, &permit).unwrap()),
        ..Options::default()
    };
    for (effect, token, expect) in [
        ("ignored", token.as_str(), "refused"),
        ("authenticates", token.as_str(), "accepted"),
        ("authenticates", "worth-nothing", "unknown"),
    ] {
        attended.set(&json!({ "legacy_oauth_token": effect }));
        let (known, told) = probed(&attended, &options(token)).await;
        assert_eq!(known, expect, "{effect} {told}");
    }
}

#[tokio::test]
async fn what_keeps_it_from_being_asked_is_said() {
    let attended = wired_sandbox().await;
    let problem = "Not available for deploy for this organization";
    attended.set(&json!({ "deploy_problem": problem }));
    let (known, told) = probed(&attended, &Options::default()).await;
    assert_eq!(
        (known.as_str(), told.as_str()),
        ("unknown", format!("open: the deploy failed: {problem}").as_str())
    );
    attended.set(&json!({ "deploy_problem": null }));
    attended.act(&Action::SetPermissions {
        username: None,
        permissions: json!({ "author_apex": false }),
    });
    let (known, told) = probed(&attended, &Options::default()).await;
    assert_eq!(known, "unknown");
    assert!(told.starts_with("open: the Apex did not run: 403"), "{told}");
}
