//! Whatever ends a probe half-way, a lost answer or Ctrl-C, the org is as it was before; and what cannot be put back is said in words.

use std::time::Duration;

use salesforce_simulator::FaultKind;
use sandbox_probe::run::Options;
use sandbox_probe::{ProbeFault, Report, Undo, Write, probe};
use serde_json::json;

use super::{answer, wired_sandbox};
use crate::attended::{Attended, org_fault, place};

/// The calls that a write of the probe begins or goes on with.
const CALLS: [(&str, &str); 11] = [
    ("PATCH", "tooling/sobjects/NamedCredential"),
    ("PUT", "named-credentials/external-auth-identity-providers"),
    ("PATCH", "tooling/sobjects/ExternalAuthIdentityProvider"),
    ("POST", "named-credentials/external-auth-identity-providers"),
    (
        "POST",
        "named-credentials/external-auth-identity-provider-credentials/Connector_Probe_Relay",
    ),
    ("POST", "named-credentials/external-credentials"),
    ("POST", "named-credentials/credential/auth-url"),
    ("POST", "metadata/deployRequest"),
    ("GET", "metadata/deployRequest"),
    ("GET", "tooling/executeAnonymous"),
    ("DELETE", "named-credentials/external-credentials"),
];

async fn prepared() -> Attended {
    let attended = wired_sandbox().await;
    attended.set(&json!({ "single_access": "any", "legacy_oauth_token": "authenticates" }));
    attended
}

#[tokio::test]
async fn a_lost_answer_leaves_nothing_behind() {
    let attended = prepared().await;
    let before = attended.condition();
    for (method, place) in CALLS {
        attended
            .org()
            .add_fault(org_fault(FaultKind::ResetAfter, Some(method), place, 1));
        let (org, undo, mut report) = (attended.probed().await, Undo::default(), Report::default());
        let mut yes = |_: &Write| answer(true);
        let ended = probe(&org, &Options::default(), &mut yes, &undo, &mut report).await;
        // A way back that is lost is gone once more; any other lost answer ends the probe.
        assert!(
            method == "DELETE" || matches!(ended, Err(ProbeFault::Call(_))),
            "{method} {place}: {ended:?}"
        );
        assert_eq!(report.left_behind, [""; 0], "{method} {place}");
        assert_eq!(attended.condition(), before, "{method} {place}");
        assert!(undo.words().is_empty());
        attended.org().clear_faults();
    }
}

/// As the program does on Ctrl-C: the probe is dropped in the middle of a call, then everything is put back.
#[tokio::test]
async fn ctrl_c_leaves_nothing_behind() {
    let attended = prepared().await;
    let before = attended.condition();
    for (method, wanted) in CALLS.into_iter().filter(|(method, _)| *method != "DELETE") {
        attended.org().clear_requests();
        // What follows is answered slowly, so that the probe is in the middle of it.
        let (org, undo, mut report) = (attended.probed().await, Undo::default(), Report::default());
        let mut yes = |_: &Write| answer(true);
        let options = Options::default();
        let sent = async {
            loop {
                let all = attended.org().requests();
                let seen = all.iter().any(|entry| {
                    entry.method == method && place(&entry.path).starts_with(wanted) && entry.status.is_some()
                });
                if seen {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let finished = tokio::select! {
            biased;
            () = sent => false,
            _ = probe(&org, &options, &mut yes, &undo, &mut report) => true,
        };
        assert!(!finished, "{method} {wanted} was made");
        let left = undo.all(&org).await;
        assert_eq!(left, [""; 0], "{method} {wanted}");
        assert_eq!(attended.condition(), before, "{method} {wanted}");
    }
}

#[tokio::test]
async fn what_cannot_be_put_back_is_said_with_how_to_remove_it() {
    let attended = prepared().await;
    for place in [
        "named-credentials/external-auth-identity-providers/Connector_Probe_Relay",
        "tooling/sobjects/NamedCredential",
    ] {
        let mut fault = org_fault(FaultKind::Status, Some("DELETE"), place, 99);
        fault.status = Some(500);
        attended.org().add_fault(fault);
    }
    let (report, _) = attended.probe(true).await;
    let all = report.left_behind.join("\n");
    for words in [
        "the identity provider Connector_Probe_Relay could not be deleted: delete it in Setup > Security > Named Credentials.",
        "the Named Credential Connector_Probe_Legacy, which holds a token, could not be deleted",
        "the Named Credential Connector_Probe_Control could not be deleted",
        "the Auth. Provider Connector_Probe_Legacy could not be deleted",
    ] {
        assert!(all.contains(words), "{words}: {all}");
    }
    assert!(format!("{report}").contains("ATTENTION: "));
}
