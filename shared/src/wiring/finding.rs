//! Findings: the typed differences between an org as it is and as it should be.

use serde::{Deserialize, Serialize};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The provider's authorize or token URL is not the PIM's (a placeholder, or another PIM).
    ProviderUrls,
    /// `code_identifier` and `code_challenge` are missing, placeholders, or do not belong to the client secret.
    ProviderParameters,
    /// A parameter row exists more than once; which one Salesforce sends is not defined.
    DuplicateParameterRows,
    /// The provider has no client id and secret, or not the ones that we wrote last.
    ProviderCredentials,
    /// Users that run transfers cannot use the credentials.
    AccessMissing {
        /// Their usernames.
        users: Vec<String>,
    },
    /// The Named Credential points elsewhere.
    NamedCredentialUrl,
    /// The Named Credential is not enabled for callouts.
    CalloutsOff,
    /// The Named Credential is enabled for callouts while the stored token belongs to another PIM or app.
    CalloutsTooEarly,
    /// The org refused a change through every way that we have.
    WriteRefused {
        /// Stable name of the change.
        change: String,
    },
}

impl Finding {
    /// Whether the service mends it by itself.
    #[must_use]
    pub fn is_ours_to_mend(&self) -> bool {
        !self.needs_a_person()
    }

    /// Whether a person has to act in the org.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        matches!(self, Self::DuplicateParameterRows | Self::WriteRefused { .. })
    }

    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ProviderUrls => "provider_urls",
            Self::ProviderParameters => "provider_parameters",
            Self::DuplicateParameterRows => "duplicate_parameter_rows",
            Self::ProviderCredentials => "provider_credentials",
            Self::AccessMissing { .. } => "access_missing",
            Self::NamedCredentialUrl => "named_credential_url",
            Self::CalloutsOff => "callouts_off",
            Self::CalloutsTooEarly => "callouts_too_early",
            Self::WriteRefused { .. } => "write_refused",
        }
    }

    /// What it is and, where a person is needed, what to do; whole sentences.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::ProviderUrls => "The identity provider in Salesforce does not point at the PIM yet.".to_owned(),
            Self::ProviderParameters => "The identity provider's Akeneo parameters are not set yet.".to_owned(),
            Self::DuplicateParameterRows => "In Setup > Named Credentials > External Auth Identity Providers > Akeneo, a \
                custom request parameter (code_identifier or code_challenge) exists more than once. Delete the extra rows, \
                keep one of each, then check again."
                .to_owned(),
            Self::ProviderCredentials => "The identity provider does not have the Custom App's credentials yet.".to_owned(),
            Self::AccessMissing { users } => {
                format!("Access to the credentials is not granted yet to: {}.", users.join(", "))
            }
            Self::NamedCredentialUrl => "The Named Credential does not point at the PIM yet.".to_owned(),
            Self::CalloutsOff => "The Named Credential is not enabled for callouts.".to_owned(),
            Self::CalloutsTooEarly => {
                "The Named Credential is paused until Salesforce has authorized itself in the new PIM.".to_owned()
            }
            Self::WriteRefused { change } => refused_words(change),
        }
    }
}

fn refused_words(change: &str) -> String {
    let what = match change {
        "provider" => {
            "In Setup > Security > Named Credentials > External Auth Identity Providers > Akeneo, make sure that you may \
             edit the provider"
        }
        "provider_credentials" => {
            "In Setup > Security > Named Credentials > External Auth Identity Providers > Akeneo, enter the Client ID and \
             the Client Secret of the Custom App"
        }
        "access" => "Assign the package's permission set to the user that runs transfers",
        "callouts" => "In Setup > Security > Named Credentials > Akeneo, switch “Enabled for Callouts” on and save",
        _ => {
            "In Setup > Security > Named Credentials > Akeneo, set the URL to the PIM’s and switch “Enabled for Callouts” on"
        }
    };
    format!("Salesforce refused a change that the service tried to make. {what}, then check again.")
}

/// The status of the `Default` principal (facts/salesforce 4.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalStatus {
    /// No token is stored.
    #[default]
    NotConfigured,
    /// A token is stored; whether it still works is another question.
    Configured,
    /// Salesforce cannot tell, or we may not see it.
    Unknown,
}
