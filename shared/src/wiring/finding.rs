//! Findings: the typed differences between an org as it is and as it should be.

use serde::{Deserialize, Serialize};

use super::LegacyFinding;
use crate::connection::RunnerTrouble;
use crate::salesforce::record::Kind;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The provider's authorize or token URL is not the PIM's (a placeholder, or another PIM).
    ProviderUrls,
    /// `code_identifier` and `code_challenge` are missing, placeholders, or do not belong to the client secret.
    ProviderParameters,
    /// Parameter rows that the package brings are gone: somebody deleted them, or an upgrade took away what had replaced them. They are
    /// appended once (facts/salesforce 3.1).
    NeedsRepair {
        /// Their names.
        rows: Vec<String>,
    },
    /// The org has the settings of a set-up and not its secrets: a refreshed sandbox, or a set-up that stopped half-way
    /// (facts/salesforce 14.4 item 7).
    SecretsGone,
    /// The org does not say which scopes it asks the PIM for, and what it asks for is not what the package needs.
    ScopesNotAsked,
    /// A parameter row exists more than once; which one Salesforce sends is not defined.
    DuplicateParameterRows,
    /// The provider has no client id and secret, or not the ones that we wrote last.
    ProviderCredentials,
    /// Users that run transfers cannot use the credentials.
    AccessMissing {
        /// Their usernames.
        users: Vec<String>,
    },
    /// The packaged permission set has lost its Read on stored credentials, so that it does not give access (facts/salesforce 6).
    ReadLost,
    /// A user that runs transfers has no access, and only a person can change that. The other users are not held up.
    RunnerWithoutAccess {
        /// The username; the id where the org does not tell it.
        user: String,
        /// Why.
        why: RunnerTrouble,
    },
    /// None of the users that run transfers has access or can be given it by us.
    NobodyHasAccess,
    /// The Named Credential points elsewhere.
    NamedCredentialUrl,
    /// The Named Credential is not enabled for callouts.
    CalloutsOff,
    /// The Named Credential is enabled for callouts while the stored token belongs to another PIM or app.
    CalloutsTooEarly,
    /// Records of the packaged name that are not the package's. They are never touched.
    Namesakes {
        /// Which kinds.
        kinds: Vec<Kind>,
    },
    /// The package's developer decides about the Named Credential: an upgrade may put the packaged values back
    /// (facts/salesforce 2.4).
    DeveloperControlled,
    /// Request parameters that the org had are gone, as after an upgrade of the package (facts/salesforce 5.2).
    RowsLost {
        /// Their types and names.
        rows: Vec<String>,
    },
    /// The org has another version of the package than at the last complete look.
    PackageChanged {
        /// The version before.
        from: String,
        /// The version now.
        to: String,
    },
    /// A difference of an org with a package before 3.0.
    Legacy {
        /// Which.
        what: LegacyFinding,
    },
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
        !self.needs_a_person() && !self.is_note()
    }

    /// Whether a person has to act in the org.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::DuplicateParameterRows | Self::NobodyHasAccess | Self::WriteRefused { .. } => true,
            Self::Legacy { what } => what.needs_a_person(),
            _ => false,
        }
    }

    /// Whether it is only told: it holds nothing up, and the connection works nevertheless.
    #[must_use]
    pub fn is_note(&self) -> bool {
        matches!(
            self,
            Self::RunnerWithoutAccess { .. }
                | Self::Namesakes { .. }
                | Self::DeveloperControlled
                | Self::RowsLost { .. }
                | Self::PackageChanged { .. }
        )
    }

    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ProviderUrls => "provider_urls",
            Self::ProviderParameters => "provider_parameters",
            Self::NeedsRepair { .. } => "needs_repair",
            Self::SecretsGone => "secrets_gone",
            Self::ScopesNotAsked => "scopes_not_asked",
            Self::DuplicateParameterRows => "duplicate_parameter_rows",
            Self::ProviderCredentials => "provider_credentials",
            Self::AccessMissing { .. } => "access_missing",
            Self::ReadLost => "read_lost",
            Self::RunnerWithoutAccess { .. } => "runner_without_access",
            Self::NobodyHasAccess => "nobody_has_access",
            Self::NamedCredentialUrl => "named_credential_url",
            Self::CalloutsOff => "callouts_off",
            Self::CalloutsTooEarly => "callouts_too_early",
            Self::Namesakes { .. } => "namesakes",
            Self::DeveloperControlled => "developer_controlled",
            Self::RowsLost { .. } => "rows_lost",
            Self::PackageChanged { .. } => "package_changed",
            Self::Legacy { what } => what.code(),
            Self::WriteRefused { .. } => "write_refused",
        }
    }

    /// What it is and, where a person is needed, what to do; whole sentences.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::ProviderUrls => "The identity provider in Salesforce does not point at the PIM yet.".to_owned(),
            Self::ProviderParameters => "The identity provider’s Akeneo parameters are not set yet.".to_owned(),
            Self::NeedsRepair { rows } => format!(
                "The identity provider has lost request parameters that belong to the package: {}. They are added again, once each.",
                rows.join(", ")
            ),
            Self::SecretsGone => "The org has the settings of a set-up but not its secrets, as after a sandbox refresh or a \
                set-up that stopped half-way. Client ID and Client Secret are entered again; then Salesforce has to authorize \
                itself once more."
                .to_owned(),
            Self::ScopesNotAsked => "Salesforce does not ask the PIM for the permissions that the package needs; its request is \
                completed with them."
                .to_owned(),
            Self::DuplicateParameterRows => "In Setup > Named Credentials > External Auth Identity Providers > Akeneo, a \
                custom request parameter (code_identifier or code_challenge) exists more than once. Delete the extra rows, \
                keep one of each, then check again."
                .to_owned(),
            Self::ProviderCredentials => "The identity provider does not have the Custom App’s credentials yet.".to_owned(),
            Self::AccessMissing { users } => {
                format!("Access to the credentials is not granted yet to: {}.", users.join(", "))
            }
            Self::ReadLost => "The package’s permission set has lost its Read on “User External Credentials”, which happens when it is \
                installed. The service gives it with a permission set of its own, “Akeneo Onboarding Access”."
                .to_owned(),
            Self::RunnerWithoutAccess { user, why } => why.in_words(user),
            Self::NobodyHasAccess => "None of the users that run transfers can use the credentials. Choose another user, or \
                remove what is in the way, then check again."
                .to_owned(),
            Self::NamedCredentialUrl => "The Named Credential does not point at the PIM yet.".to_owned(),
            Self::CalloutsOff => "The Named Credential is not enabled for callouts.".to_owned(),
            Self::CalloutsTooEarly => {
                "The Named Credential is paused until Salesforce has authorized itself in the new PIM.".to_owned()
            }
            Self::Namesakes { kinds } => namesake_words(kinds),
            Self::DeveloperControlled => "The Named Credential of this package is controlled by its developer: an upgrade of the \
                package may put its own address back and switch callouts off. The service looks after each upgrade and tells."
                .to_owned(),
            Self::RowsLost { rows } => format!(
                "Request parameters that somebody had added to the identity provider are gone, as after an upgrade of the package: \
                 {}. If they are still needed, add them again in Setup > Security > Named Credentials > External Auth Identity \
                 Providers > Akeneo.",
                rows.join(", ")
            ),
            Self::PackageChanged { from, to } => {
                format!("The package was changed from version {from} to {to}. Everything was looked at again.")
            }
            Self::Legacy { what } => what.in_words().to_owned(),
            Self::WriteRefused { change } => refused_words(change),
        }
    }
}

fn namesake_words(kinds: &[Kind]) -> String {
    let names: Vec<_> = kinds
        .iter()
        .map(|kind| match kind {
            Kind::NamedCredential => "Named Credential",
            Kind::ExternalCredential => "External Credential",
            Kind::IdentityProvider => "External Auth Identity Provider",
        })
        .collect();
    format!(
        "Beside the package’s own records the org has others named “Akeneo” ({}), made by hand or for an older version of the package. \
         The service does not touch them, and the package does not use them. If nothing else needs them, delete them in Setup > \
         Security > Named Credentials.",
        names.join(", ")
    )
}

fn refused_words(change: &str) -> String {
    let what = match change {
        "provider" => {
            "In Setup > Security > Named Credentials > External Auth Identity Providers > Akeneo, enter the two URLs and the two \
             custom request parameters that the page “Set up Salesforce by hand” shows"
        }
        "provider_credentials" => {
            "In Setup > Security > Named Credentials > External Auth Identity Providers > Akeneo, enter the Client ID and \
             the Client Secret of the Custom App"
        }
        "plugin_settings" | "auth_provider" => {
            "In Setup > Identity > Auth. Providers > Akeneo, enter what the page “Set up Salesforce by hand” shows"
        }
        "classic_named_credential" => {
            "In Setup > Security > Named Credentials, make the classic Named Credential “Akeneo” as the page “Set up Salesforce by \
             hand” shows"
        }
        "classic_pause" => {
            "In Setup > Security > Named Credentials > Akeneo, switch “Enabled for Callouts” off and save"
        }
        "token_records" => {
            "In Setup > Security > Named Credentials, delete the Named Credential “Akeneo” that is labelled “Akeneo Token (Akeneo \
             Connector Setup)”, then the External Credential “Akeneo_Token”"
        }
        "access" => "Assign the package’s permission set to the user that runs transfers",
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
