//! What can stand between an org and picklist synchronisation, in words.

use serde::{Deserialize, Serialize};

use crate::connection::Who;

/// A difference between the org's records and what they should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum SelfFinding {
    /// Our own records are not there yet.
    RecordsMissing,
    /// The provider's (or our own credential's) token URL is not the org's own.
    TokenUrl,
    /// The org does not have the app's key and secret, or not the ones that we wrote last.
    Credentials,
    /// Users that run transfers may not use the credentials.
    AccessMissing {
        /// Their usernames.
        users: Vec<String>,
    },
    /// The Named Credential does not point at the root of the org's own My Domain.
    EndpointUrl,
    /// The Named Credential is not enabled for callouts.
    CalloutsOff,
    /// Everything is written, and the org does not call its principal configured.
    NotConfigured {
        /// The External Credential.
        external_credential: String,
    },
    /// The org refused a change in every way.
    WriteRefused {
        /// Stable name of the change.
        change: String,
        /// Full name of the record.
        record: String,
    },
}

impl SelfFinding {
    /// Whether only a person can mend it.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        matches!(self, Self::NotConfigured { .. } | Self::WriteRefused { .. })
    }

    /// What it is, and what to do where a person is needed; whole sentences.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::RecordsMissing => "The credentials for picklist synchronisation are not in the org.".to_owned(),
            Self::TokenUrl => {
                "The credentials for picklist synchronisation do not point at this org’s own login.".to_owned()
            }
            Self::Credentials => "The org does not have the External Client App’s key and secret.".to_owned(),
            Self::AccessMissing { users } => {
                format!(
                    "Access to picklist synchronisation is not granted to: {}.",
                    users.join(", ")
                )
            }
            Self::EndpointUrl => {
                "The Named Credential for picklist synchronisation does not point at this org’s own address.".to_owned()
            }
            Self::CalloutsOff => {
                "The Named Credential for picklist synchronisation is not enabled for callouts.".to_owned()
            }
            Self::NotConfigured { external_credential } => format!(
                "Everything is written, and Salesforce still does not call it configured. In Setup > Security > Named \
                 Credentials > External Credentials > {external_credential}, look at the principal “Default”, then check again."
            ),
            Self::WriteRefused { change, record } => refused_words(change, record),
        }
    }
}

fn refused_words(change: &str, record: &str) -> String {
    let place = "In Setup > Security > Named Credentials";
    let what = match change {
        "self_provider" => {
            format!("{place} > External Auth Identity Providers > {record}, make sure that you may edit the provider")
        }
        "self_credentials" => {
            format!("{place}, open {record} and enter the consumer key and secret of the External Client App")
        }
        "self_access" => {
            "Give the users that run transfers access to the External Credential’s principal “Default”".to_owned()
        }
        "self_records" => {
            format!("{place}, make sure that you may create credentials, and that none is called {record} yet")
        }
        _ => format!(
            "{place} > {record}, set the URL to your My Domain without any path, and switch “Enabled for Callouts” on"
        ),
    };
    format!("Salesforce refused a change that the service tried to make. {what}, then check again.")
}

/// What a person has to mend before there is anything to wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum SelfFault {
    /// The connecting user may not deploy the app.
    DeployForbidden,
    /// The org took the deploy and did not carry it out.
    DeployFailed,
    /// An app of that name is there that we did not make.
    NameTaken,
    /// The app is there, and its secret cannot be read.
    SecretUnreadable,
    /// The user that the app should run as does not exist or is inactive.
    NoSuchUser {
        /// As it was typed.
        username: String,
    },
    /// The key and the secret are no longer kept.
    AppLost,
    /// Salesforce does not know the key, and had half an hour for it.
    AppUnknown,
    /// The secret is wrong.
    SecretWrong,
    /// The app runs as nobody.
    NoExecutionUser,
    /// The app does not allow the client credentials flow.
    FlowOff,
    /// The app does not have the scope `api`.
    ScopeMissing,
    /// The user that the app runs as is inactive or not let in.
    ExecutionUserBlocked,
    /// The user that the app runs as cannot read global picklists.
    ExecutionUserTooWeak,
    /// The key belongs to another org, or the address is not this org's own.
    OtherOrg,
    /// The app is refused for a reason that we do not know.
    Refused,
    /// The org refused a call that this cannot do without.
    OrgRefused,
    /// The package has more than one set of records that this could be for.
    RecordsAmbiguous,
    /// The package has some of the records and not all.
    RecordsIncomplete,
    /// Somebody else's records have the names that the package would look for.
    RecordsTaken,
}

impl SelfFault {
    /// Whose turn it is, and what to do; whole sentences.
    #[must_use]
    pub fn in_words(&self) -> (Who, String) {
        let who = match self {
            Self::RecordsAmbiguous | Self::RecordsIncomplete | Self::OrgRefused => Who::CustomerSuccess,
            _ => Who::SalesforceAdmin,
        };
        (who, self.what())
    }

    fn what(&self) -> String {
        const APP: &str = "In Setup > External Client App Manager, open the app";
        match self {
            Self::DeployForbidden => "Salesforce does not let the connected user deploy an External Client App (“Modify Metadata \
                Through Metadata API Functions” and “Customize Application” are needed). Give the user these permissions and \
                check again, or make the app yourself and enter its key and secret."
                .to_owned(),
            Self::DeployFailed => "Salesforce did not carry out the deploy of the External Client App. Check again, or make the \
                app yourself and enter its key and secret."
                .to_owned(),
            Self::NameTaken => "The org already has an External Client App with the name that this service would use, and it \
                was not made by this service. Rename or delete it and check again, or make another app yourself and enter its \
                key and secret."
                .to_owned(),
            Self::SecretUnreadable => "The External Client App is there, and Salesforce does not let the connected user read \
                its secret. In Setup > External Client App Manager, open “Akeneo picklist synchronisation” > Settings > OAuth \
                Settings > Consumer Key and Secret, and enter both here."
                .to_owned(),
            Self::NoSuchUser { username } => {
                format!("There is no active user {username} in the org. Choose another user to run the synchronisation as.")
            }
            Self::AppLost => "The key and the secret of the External Client App are no longer kept here. Enter them once more, \
                or let this service make a new app."
                .to_owned(),
            Self::AppUnknown => "Salesforce does not know this consumer key, and a new app is known everywhere after 30 minutes. \
                Check that the app is in this very org, copy the key once more and enter it together with its secret."
                .to_owned(),
            Self::SecretWrong => {
                format!("Salesforce does not accept the consumer secret. {APP}, copy the key and the secret once more and enter both.")
            }
            Self::NoExecutionUser => format!(
                "The External Client App runs as nobody. {APP} > Policies > OAuth Policies, switch “Enable Client Credentials \
                 Flow” on, choose a user under “Run As”, save, then check again."
            ),
            Self::FlowOff => format!(
                "The External Client App does not allow the client credentials flow. {APP} > Settings > OAuth Settings, switch \
                 “Enable Client Credentials Flow” on, save, then check again."
            ),
            Self::ScopeMissing => format!(
                "The External Client App may not use the API. {APP} > Settings > OAuth Settings, select exactly the scope \
                 “Manage user data via APIs (api)”, save, then check again."
            ),
            Self::ExecutionUserBlocked => "Salesforce does not let in the user that the External Client App runs as: the user is \
                inactive or not approved, or login IP ranges shut it out. Correct that or choose another user, then check again."
                .to_owned(),
            Self::ExecutionUserTooWeak => "The user that the External Client App runs as cannot read global picklists. Choose a \
                System Administrator, or give the user “View Setup and Configuration” and “Customize Application”, then check again."
                .to_owned(),
            Self::OtherOrg => "The consumer key belongs to another org. Make the External Client App in this very org, and \
                enter its key and secret."
                .to_owned(),
            Self::Refused => "Salesforce refused the External Client App for a reason that is not known here. Look at the app in \
                Setup, then check again."
                .to_owned(),
            Self::OrgRefused => "Salesforce refused to show or to change something that picklist synchronisation needs. Find out why \
                from the service’s log; nothing else is affected."
                .to_owned(),
            Self::RecordsAmbiguous => "The package has more than one set of credentials that picklist synchronisation could use. \
                Find out which one it is."
                .to_owned(),
            Self::RecordsIncomplete => "Some of the package’s credentials for picklist synchronisation are missing in the org or \
                hidden from the connected user. Find out why, or install the package once more."
                .to_owned(),
            Self::RecordsTaken => "The org has credentials called “Salesforce_Self” that this service did not make. Rename or \
                delete them in Setup > Security > Named Credentials, then check again."
                .to_owned(),
        }
    }
}
