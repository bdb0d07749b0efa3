//! Stage, turn, health and what happened, in the words of Customer Success: the customer is "they" here, not "you".

use connector::connection::{HealthState, Stage, Who};
use serde::Deserialize as _;
use serde_json::Value;

/// A stage.
pub(super) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Revoked => "Revoked",
        Stage::ConnectSalesforce => "Salesforce is not connected",
        Stage::OrgTooOld => "The org is too old",
        Stage::PermissionMissing => "A permission is missing in Salesforce",
        Stage::PackageMissing => "The package is not installed",
        Stage::PackageOutdated => "The package is older than 3.0",
        Stage::PackageIncomplete => "Parts of the package are gone",
        Stage::PackageAmbiguous => "It is not clear which package is meant",
        Stage::EnterAkeneo => "Akeneo credentials are missing",
        Stage::AuthorizeAkeneo => "Akeneo is not authorized",
        Stage::ScopesMissing => "Akeneo did not grant everything",
        Stage::SetUpByHand => "Being set up by hand",
        Stage::Wiring => "Being set up",
        Stage::WiringBlocked => "Something in the org needs a person",
        Stage::AuthorizePrincipal => "Salesforce is not authorized in Akeneo",
        Stage::Verifying => "Being verified",
        Stage::Connected => "Connected",
        Stage::Degraded => "Connected, with a problem",
    }
}

/// Whose turn it is.
pub(super) fn turn(who: Who) -> &'static str {
    match who {
        Who::SalesforceAdmin => "Customer’s Salesforce admin",
        Who::PimAdmin => "Customer’s PIM admin",
        Who::CustomerSuccess => "Customer Success",
        Who::Service => "The service",
        Who::Nobody => "Nobody",
    }
}

/// Health, with the class of its badge: `good`, `bad`, `wait` or `none`.
pub(super) fn health(state: HealthState) -> (&'static str, &'static str) {
    match state {
        HealthState::Unknown => ("Not checked yet", "none"),
        HealthState::Healthy => ("Healthy", "good"),
        HealthState::CalloutsOff => ("Callouts are off", "bad"),
        HealthState::Drifted => ("Settings were changed", "bad"),
        HealthState::AccessMissing => ("A user lacks access", "bad"),
        HealthState::PrincipalLost => ("Salesforce lost its authorization", "bad"),
        HealthState::TokenRevoked => ("Akeneo refuses the token", "bad"),
        HealthState::Disconnected => ("Disconnected in Akeneo", "bad"),
        HealthState::ScopeLost => ("A permission was lost in Akeneo", "bad"),
        HealthState::PimUnreachable => ("The PIM does not answer", "wait"),
        HealthState::PimMisconfigured => ("Calls do not get through to the PIM", "bad"),
        HealthState::OrgUnreachable => ("The org does not answer", "wait"),
        HealthState::OrgGrantLost => ("Salesforce refuses our access", "bad"),
        HealthState::PackageChanged => ("The package was changed or removed", "bad"),
        HealthState::RateLimited => ("Fewer calls are wanted", "wait"),
    }
}

/// What happened, of an entry of the audit trail as it is stored: one sentence, with what it names behind it. An event without words
/// of its own is told by its code, so that nothing is left out.
pub(super) fn happened(entry: &Value) -> String {
    let code = entry["event"].as_str().unwrap_or_default();
    if let Some(told) = change_of_health(code, entry) {
        return told;
    }
    let own = match code {
        "invited" => "A setup link was created",
        "opened" => "The link was opened for the first time",
        "handed_off" => "A link for one part was created for somebody else",
        "started" => "A person was sent to log in and allow access",
        "failed" => "The authorization failed",
        "org_connected" => "The Salesforce org was connected",
        "org_moved" => "The connection moved to another org",
        "client_chosen" => "The customer chose which External Client App is used",
        "install_requested" => "The package’s installation was asked for",
        "install_ended" => "The package’s installation ended",
        "found" => "The service found something unusual in the org",
        "package_changed" => "The org has another version of the package",
        "credentials_entered" => "Akeneo credentials were entered",
        "pim_connected" => "Akeneo was authorized",
        "applied" => "The service changed the org",
        "relayed" => "Salesforce authorized itself in Akeneo",
        "by_hand" => "The customer chose whether the org is set up by hand",
        "part_by_hand" => "The customer said which part of the guide fits the package",
        "done_by_hand" => "A person said that something was done by hand",
        "legacy_accepted" => "The customer goes on with the older package",
        "runners_chosen" => "The users who run transfers were chosen",
        "stuck" => "It has been somebody’s turn for long",
        "expiring" => "Something will soon stop working",
        "self_callout_asked" => "Picklist synchronisation was asked for",
        "self_callout_stopped" => "Picklist synchronisation was switched off",
        "check_asked" => "Another check was asked for",
        "repair_asked" => "A repair was asked for",
        "rotation_asked" => "New Akeneo credentials were asked for",
        "terms_changed" => "The terms were changed",
        "paused" => "The connection was paused",
        "resumed" => "The connection was resumed",
        "grant_given_back" if entry["refused"].is_string() => {
            "Salesforce did not take our access back; our copy of it was deleted"
        }
        "grant_given_back" => "Our access to the Salesforce org was given back",
        "offboarding_asked" => "The customer’s offboarding was asked for",
        "offboarded" => "The customer was offboarded",
        "revoked" => "The connection was revoked",
        other => return with_details(sentence(other), entry),
    };
    with_details(own.to_owned(), entry)
}

/// A change of health, in the words that the list has for its states.
fn change_of_health(code: &str, entry: &Value) -> Option<String> {
    let state = |field: &str| Some(health(HealthState::deserialize(&entry[field]).ok()?).0);
    match code {
        "health_changed" => Some(format!(
            "Health changed: from “{}” to “{}”",
            state("from")?,
            state("state")?
        )),
        "healed" => Some(format!("The service put right by itself: “{}”", state("state")?)),
        _ => None,
    }
}

/// A code as a sentence: the words between its underscores.
fn sentence(code: &str) -> String {
    let mut letters = code.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + &letters.as_str().replace('_', " ")
}

fn with_details(words: String, entry: &Value) -> String {
    let Value::Object(fields) = entry else {
        return words;
    };
    let named = fields
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "at" | "by" | "event" | "trace"));
    let details: Vec<_> = named
        .filter_map(|(name, value)| Some(format!("{}: {}", name.replace('_', " "), shown(value)?)))
        .collect();
    if details.is_empty() {
        words
    } else {
        format!("{words} ({})", details.join("; "))
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.iter().filter_map(shown).collect::<Vec<_>>().join(", ")),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_event_is_told() {
        let check = |entry: Value, expect: &str| assert_eq!(happened(&entry), expect);
        check(
            json!({"event": "invited", "at": "x", "by": "casey"}),
            "A setup link was created",
        );
        check(
            json!({"event": "health_changed", "from": "healthy", "state": "callouts_off", "repeated": false}),
            "Health changed: from “Healthy” to “Callouts are off”",
        );
        check(
            json!({"event": "healed", "state": "callouts_off", "change": "named_credential"}),
            "The service put right by itself: “Callouts are off”",
        );
        check(
            json!({"event": "health_changed", "state": "a_new_one"}),
            "Health changed (state: a_new_one)",
        );
        check(
            json!({"event": "runners_chosen", "users": ["a@x", "b@x"]}),
            "The users who run transfers were chosen (users: a@x, b@x)",
        );
        check(json!({"event": "something_new", "client_id": null}), "Something new");
    }
}
