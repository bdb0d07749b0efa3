//! The scenarios, a row for each health state.

use serde::Serialize;
use serde_json::{Value, json};

/// Something that is done to a simulator.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Nothing,
    /// What a person or the package does to the org.
    Org(Value),
    OrgFails,
    OrgWorks,
    /// The PIM's API answers with this status and nothing else.
    PimAnswers(u16),
    PimWorks,
    PimSettings(Value),
    /// Somebody disconnects the app in the PIM.
    Disconnect,
    /// The app is authorized with other scopes, which replaces every token that it had.
    ReplaceToken,
}

/// How a scenario ends.
#[derive(Debug, Clone)]
pub(super) enum Ends {
    /// Nothing was broken.
    Works,
    /// The service put it right by itself, within the look that found it.
    Healed,
    /// It passes by itself.
    Passes {
        who: &'static str,
        end: Deed,
        words: &'static str,
    },
    /// A person does what the next action says.
    Helped {
        who: &'static str,
        end: Deed,
        words: &'static str,
    },
}

/// One scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Scenario {
    /// Its name: the health state that it shows.
    pub name: &'static str,
    /// What happens.
    pub special: &'static str,
    /// Whether it happens before the connection was verified for the first time.
    #[serde(skip)]
    pub(super) before_verification: bool,
    #[serde(skip)]
    pub(super) trouble: Deed,
    /// How many looks it takes until it is believed.
    pub looks: usize,
    #[serde(skip)]
    pub(super) ends: Ends,
}

impl Scenario {
    /// How it ends, in words.
    #[must_use]
    pub fn ending(&self) -> String {
        match &self.ends {
            Ends::Works => "nothing is told".to_owned(),
            Ends::Healed => "healed by the service in the same look".to_owned(),
            Ends::Passes { who, words, .. } | Ends::Helped { who, words, .. } => {
                format!("turn of {who}; {words}; it works again")
            }
        }
    }
}

/// Every scenario, one for each health state.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let row = |name, special, looks, trouble, ends| Scenario {
        name,
        special,
        before_verification: false,
        trouble,
        looks,
        ends,
    };
    let org = |action: &str, fields: Value| {
        let mut action = json!({ "action": action });
        if let (Value::Object(all), Value::Object(more)) = (&mut action, fields) {
            all.extend(more);
        }
        Deed::Org(action)
    };
    let helped = |who, end, words| Ends::Helped { who, end, words };
    let passes = |end, words| Ends::Passes {
        who: "service",
        end,
        words,
    };
    let (sf, pim) = ("salesforce_admin", "pim_admin");
    let again = "the PIM admin authorized the app again, and Salesforce after it";
    vec![
        row(
            "healthy",
            "nothing happened, and it was looked at",
            1,
            Deed::Nothing,
            Ends::Works,
        ),
        row(
            "callouts_off",
            "Salesforce switched callouts off",
            1,
            org("callouts-off", json!({})),
            Ends::Healed,
        ),
        row(
            "drifted",
            "somebody pointed the Named Credential elsewhere",
            2,
            org("edit-url", json!({ "url": "https://elsewhere.example.com" })),
            helped(sf, Deed::Nothing, "the admin pressed “Check again”"),
        ),
        row(
            "access_missing",
            "somebody took every assignment away",
            1,
            org("revoke-grants", json!({})),
            Ends::Healed,
        ),
        row(
            "principal_lost",
            "the org's stored token is gone",
            2,
            org("drop-principal", json!({})),
            helped(sf, Deed::Nothing, "Salesforce authorized itself in the PIM again"),
        ),
        row(
            "token_revoked",
            "the app's token was replaced in the PIM",
            2,
            Deed::ReplaceToken,
            helped(pim, Deed::Nothing, again),
        ),
        row(
            "disconnected",
            "somebody disconnected the app in the PIM",
            2,
            Deed::Disconnect,
            helped(pim, Deed::Nothing, again),
        ),
        row(
            "scope_lost",
            "somebody took a permission from the app in the PIM",
            2,
            Deed::PimSettings(json!({ "removed_role_acls": ["read_categories"] })),
            Ends::Passes {
                who: pim,
                end: Deed::PimSettings(json!({ "removed_role_acls": [] })),
                words: "the PIM admin gave the permission back",
            },
        ),
        row(
            "pim_unreachable",
            "the PIM shows a maintenance page",
            2,
            Deed::PimAnswers(503),
            passes(Deed::PimWorks, "the maintenance is over"),
        ),
        row(
            "pim_misconfigured",
            "a web server in front of the PIM sends API calls to a login page",
            2,
            Deed::PimSettings(json!({ "api_redirects_to_login": true })),
            Ends::Passes {
                who: pim,
                end: Deed::PimSettings(json!({ "api_redirects_to_login": false })),
                words: "the web server lets our calls through",
            },
        ),
        row(
            "org_unreachable",
            "the org does not answer",
            2,
            Deed::OrgFails,
            passes(Deed::OrgWorks, "the org answers again"),
        ),
        row(
            "org_grant_lost",
            "an admin revoked our access to the org",
            1,
            org("revoke-tokens", json!({})),
            helped(sf, Deed::Nothing, "the admin connected the org again"),
        ),
        row(
            "rate_limited",
            "the PIM wants fewer calls",
            2,
            Deed::PimAnswers(429),
            passes(Deed::PimWorks, "the PIM lets us call again"),
        ),
        row(
            "package_changed",
            "somebody put a package before 3.0 into the org",
            2,
            org("package-upgrade", json!({ "version": "2.4.0" })),
            helped(
                sf,
                org("package-upgrade", json!({ "version": "3.2.0" })),
                "the admin upgraded the package",
            ),
        ),
        Scenario {
            before_verification: true,
            ..row(
                "unknown",
                "the PIM shows a maintenance page while a new connection is verified",
                0,
                Deed::PimAnswers(503),
                passes(Deed::PimWorks, "the maintenance is over"),
            )
        },
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use connector::connection::HealthState;

    #[test]
    fn every_health_state_has_its_scenario() {
        let names: BTreeSet<_> = super::scenarios().iter().map(|scenario| scenario.name).collect();
        assert_eq!(names, HealthState::ALL.map(HealthState::code).into_iter().collect());
    }
}
