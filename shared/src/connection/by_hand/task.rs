//! The things to do by hand, after the two parts of the guide that describe them: "Manual fallback for Akeneo" (Part B) and "Auth.
//! Provider approach" (Part D). Pure.
//!
//! Their order is a safety property, as in `wiring::plan`: callouts go on last, when the stored token and the endpoint belong to the
//! same PIM.

use serde::{Deserialize, Serialize};

use crate::connection::Credentials;

/// The part of the guide that a person follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuidePart {
    /// Part B: the packaged records of version 3.0 and higher.
    #[default]
    Fallback,
    /// Part D: versions before 3.0, which bring an Auth. Provider plugin and no records.
    AuthProvider,
}

/// One thing to do in the org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Switch callouts off while the org still belongs to another PIM.
    Pause,
    /// Part D: make the Auth. Provider with the package's plugin.
    AuthProvider,
    /// Copy the provider's Callback URL to us.
    Callback,
    /// The provider's Authorize URL and Token URL.
    ProviderUrls,
    /// The two rows of the provider.
    Parameters,
    /// A row of the provider with the scopes, where the org asks for others.
    Scopes,
    /// The provider's Client ID and Client Secret.
    Credentials,
    /// The permission set of the users that run transfers.
    Access,
    /// Part D: make the classic Named Credential.
    ClassicCredential,
    /// The org's own authorization.
    Authorize,
    /// The Named Credential's URL, and callouts on.
    NamedCredential,
    /// Part D: callouts on.
    Callouts,
}

/// How it is known that a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// This service saw it.
    Seen,
    /// A person says so.
    Said,
}

const FALLBACK: [Task; 9] = [
    Task::Pause,
    Task::Callback,
    Task::ProviderUrls,
    Task::Parameters,
    Task::Scopes,
    Task::Credentials,
    Task::Access,
    Task::Authorize,
    Task::NamedCredential,
];
const AUTH_PROVIDER: [Task; 6] = [
    Task::Pause,
    Task::AuthProvider,
    Task::Callback,
    Task::ClassicCredential,
    Task::Authorize,
    Task::Callouts,
];

impl GuidePart {
    /// All tasks of this part, in the order in which they are safe.
    #[must_use]
    pub fn tasks(self) -> &'static [Task] {
        match self {
            Self::Fallback => &FALLBACK,
            Self::AuthProvider => &AUTH_PROVIDER,
        }
    }
}

impl Task {
    /// All tasks of both parts.
    pub const ALL: [Self; 12] = [
        Self::Pause,
        Self::AuthProvider,
        Self::Callback,
        Self::ProviderUrls,
        Self::Parameters,
        Self::Scopes,
        Self::Credentials,
        Self::Access,
        Self::ClassicCredential,
        Self::Authorize,
        Self::NamedCredential,
        Self::Callouts,
    ];

    /// As it stands in forms, anchors and the audit trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::AuthProvider => "auth_provider",
            Self::Callback => "callback",
            Self::ProviderUrls => "provider_urls",
            Self::Parameters => "parameters",
            Self::Scopes => "scopes",
            Self::Credentials => "credentials",
            Self::Access => "access",
            Self::ClassicCredential => "classic_credential",
            Self::Authorize => "authorize",
            Self::NamedCredential => "named_credential",
            Self::Callouts => "callouts",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.as_str() == text)
    }

    /// Whether a tick for `then` is still one for `now`.
    pub(super) fn still_holds(self, then: &Credentials, now: &Credentials) -> bool {
        match self {
            Self::Callback | Self::Access | Self::Scopes => true,
            Self::Pause | Self::ProviderUrls | Self::ClassicCredential | Self::NamedCredential | Self::Callouts => {
                then.pim == now.pim
            }
            // A token outlives the secret; it does not outlive the app (facts/akeneo 3.2).
            Self::Authorize => then.pim == now.pim && then.client_id == now.client_id,
            Self::AuthProvider | Self::Parameters | Self::Credentials => then.generation == now.generation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(pim: &str, client_id: &str, generation: &str) -> Credentials {
        serde_json::from_value(serde_json::json!({
            "pim": pim, "client_id": client_id, "generation": generation, "entered_at": "2026-11-24T10:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_change_opens_exactly_the_tasks_that_it_touches() {
        let then = credentials("https://acme.cloud.akeneo.com", "app-1", "g1");
        let open = |part: GuidePart, now: &Credentials| -> Vec<&str> {
            let tasks = part.tasks().iter();
            tasks
                .filter(|task| !task.still_holds(&then, now))
                .map(|task| task.as_str())
                .collect()
        };
        let secret = credentials("https://acme.cloud.akeneo.com", "app-1", "g2");
        let app = credentials("https://acme.cloud.akeneo.com", "app-2", "g2");
        let pim = credentials("https://other.cloud.akeneo.com", "app-2", "g2");
        let check = |part, expected: [&[&str]; 4]| {
            let found = [&then, &secret, &app, &pim].map(|now| open(part, now));
            assert_eq!(found, expected.map(<[&str]>::to_vec), "{part:?}");
        };
        check(
            GuidePart::Fallback,
            [
                &[],
                &["parameters", "credentials"],
                &["parameters", "credentials", "authorize"],
                &[
                    "pause",
                    "provider_urls",
                    "parameters",
                    "credentials",
                    "authorize",
                    "named_credential",
                ],
            ],
        );
        check(
            GuidePart::AuthProvider,
            [
                &[],
                &["auth_provider"],
                &["auth_provider", "authorize"],
                &["pause", "auth_provider", "classic_credential", "authorize", "callouts"],
            ],
        );
    }

    #[test]
    fn tasks_have_names_that_read_back() {
        for task in Task::ALL {
            assert_eq!(Task::parse(task.as_str()), Some(task));
            assert_eq!(serde_json::to_value(task).unwrap(), task.as_str());
        }
        assert_eq!(Task::parse("none"), None);
    }

    #[test]
    fn callouts_are_the_last_thing_of_each_part() {
        let last = |part: GuidePart| part.tasks().last().copied();
        assert_eq!(last(GuidePart::Fallback), Some(Task::NamedCredential));
        assert_eq!(last(GuidePart::AuthProvider), Some(Task::Callouts));
    }
}
