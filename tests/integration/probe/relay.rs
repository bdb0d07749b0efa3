//! Point 10: what the org's callback does with a browser that arrives by relay, its switches both ways. No code and no state is shown.

use salesforce_simulator::Preset;
use serde_json::{Value, json};

use super::wired_sandbox;
use crate::attended::Attended;

#[tokio::test]
async fn a_token_that_opens_no_session_leaves_the_point_open_with_the_reason() {
    let attended = wired_sandbox().await;
    let (report, _) = attended.probe(true).await;
    let told = report.answer("relay_in_a_browser").unwrap();
    assert!(
        told.starts_with("open: the access token may not open") && told.contains("scope web or full"),
        "{told}"
    );
    let start = report.answer("relay_start_without_session").unwrap();
    assert_eq!(start, "asks to log in: 200", "the login page is where a stranger ends");
}

#[tokio::test]
async fn what_the_callback_checks_is_found_out() {
    const EXCHANGED: &str = "takes the code to the token endpoint: 400";
    const REFUSED: &str = "refused: 400";
    let attended = wired_sandbox().await;
    for (settings, [made_up, stranger, twice], verdict) in [
        (
            json!({}),
            [REFUSED, REFUSED, REFUSED],
            "one without it does not; a made-up state does not",
        ),
        (
            json!({ "relay_foreign_browser": "accept" }),
            [REFUSED, EXCHANGED, REFUSED],
            "one without it gets as far; a made-up state does not",
        ),
        (
            json!({ "relay_foreign_browser": "accept", "relay_unknown_state": "accept" }),
            [EXCHANGED, EXCHANGED, EXCHANGED],
            "one without it gets as far; a made-up state gets as far",
        ),
    ] {
        attended.set(&json!({ "single_access": "any" }));
        attended.set(&settings);
        let before = attended.condition();
        attended.org().clear_requests();
        let (report, _) = attended.probe(true).await;
        for (name, expect) in [
            ("relay_made_up_state", made_up),
            ("relay_without_session", stranger),
            ("relay_with_session", EXCHANGED),
            ("relay_state_twice", twice),
            ("relay_session_cookies", "sim_sid (Lax)"),
            (
                "relay_redirect",
                "response_type, client_id, redirect_uri, state; redirect_uri is the callbackUrl",
            ),
        ] {
            assert_eq!(report.answer(name), Some(expect), "{settings}: {name}");
        }
        let told = report.answer("relay_in_a_browser").unwrap();
        assert!(
            told.starts_with("accepted: ") && told.ends_with(verdict),
            "{settings}: {told}"
        );
        assert_eq!(attended.condition(), before, "{settings}");
        must_show_no_value(&attended, &format!("{report}{}", report.json()));
    }
}

/// States that the org issued, one-time addresses and the session.
fn must_show_no_value(attended: &Attended, text: &str) {
    let mut values = Vec::new();
    for entry in attended.org().requests() {
        let pairs = url::form_urlencoded::parse(entry.query.as_bytes());
        let wanted = pairs.filter(|(name, _)| matches!(name.as_ref(), "state" | "otp"));
        values.extend(wanted.map(|(_, value)| value.into_owned()));
        values.extend(
            entry
                .path
                .strip_prefix("/services/auth/external-credential/")
                .map(str::to_owned),
        );
    }
    values.retain(|value| !value.starts_with("connector-probe"));
    assert!(values.len() >= 5, "{}", values.len());
    for value in values {
        assert!(!text.contains(&value));
    }
}

/// Records of this name that are there already are not the probe's to delete.
#[tokio::test]
async fn what_was_there_before_stays() {
    let attended = wired_sandbox().await;
    attended.set(&json!({ "single_access": "any" }));
    let fault = |place: &str, status: u16| {
        let mut fault = crate::attended::org_fault(salesforce_simulator::FaultKind::Status, Some("GET"), place, 1);
        fault.status = Some(status);
        attended.org().add_fault(fault);
    };
    let exists = "named-credentials/external-auth-identity-providers/Connector_Probe_Relay";
    fault(exists, 200);
    attended.org().clear_requests();
    let (report, _) = attended.probe(true).await;
    let told = report.answer("relay_in_a_browser").unwrap();
    assert!(
        told.starts_with("open: Connector_Probe_Relay is there already"),
        "{told}"
    );
    let touched = attended.writes();
    assert!(touched.iter().all(|entry| !entry.path.ends_with(exists)), "{touched:?}");
}

/// An org that answers nothing that is known is reported as it is.
#[tokio::test]
async fn an_org_without_a_callback_of_salesforces_is_not_called() {
    let mut attended = Attended::both(Preset::Sandbox).await;
    attended.finish().await;
    attended.set(&json!({ "single_access": "any", "callback_url": "https://elsewhere.example.com/{full_name}" }));
    let (report, _) = attended.probe(true).await;
    assert_eq!(
        report.answer("relay_in_a_browser"),
        Some("open: the org names no callback of Salesforce's for the provider")
    );
    let unknown = report.answer("relay_unknown_state");
    assert_eq!(unknown, Some("not asked: the address is not Salesforce's"));
    assert_eq!(report.json()["left_behind"], Value::Array(Vec::new()));
}
