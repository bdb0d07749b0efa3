//! Faults in words: what happened, what helps, and whose turn it is. One exhaustive place for each side.

use crate::connection::{AkeneoFault, Connection, SalesforceFault, Who};
use crate::trace::Trace;

/// A fault as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What happened.
    pub(super) what: String,
    /// What helps.
    pub(super) remedy: String,
    /// Whose turn it is, for the middle of a sentence.
    pub(super) who: &'static str,
    /// What people quote when they ask for help; an operator finds it in the logs.
    pub(super) reference: Option<String>,
}

impl Trouble {
    pub(super) fn new(who: Who, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
            who: who.in_words(),
            reference: None,
        }
    }

    /// With the id of the work in which it happened.
    pub(super) fn referring(mut self, trace: Option<&Trace>) -> Self {
        self.reference = trace.map(ToString::to_string);
        self
    }

    /// Why an authorization in the PIM did not end in a token (facts/akeneo 3.1).
    pub(super) fn of_akeneo(fault: AkeneoFault) -> Self {
        let (what, remedy) = match fault {
            AkeneoFault::InvalidClient => (
                "Akeneo did not accept the Client ID or the Client Secret.",
                "Copy both again from the Custom App in Akeneo and save them here. If the secret is lost, create a new \
                 Custom App, or regenerate the secret in the app’s settings. Make sure that the app is not disconnected.",
            ),
            AkeneoFault::CodeLost => (
                "Akeneo’s answer arrived too late, or it was opened twice.",
                "Authorize again. Nothing is lost, and usually Akeneo asks nothing this time.",
            ),
            AkeneoFault::Refused => (
                "Akeneo did not let the authorization through.",
                "Log in to Akeneo as a user who may manage apps, authorize again and grant all requested permissions.",
            ),
            AkeneoFault::NotAPim => (
                "The address did not answer as an Akeneo PIM does.",
                "Check the Akeneo base URL: it is the address that you see in the browser when you work in the PIM.",
            ),
            AkeneoFault::Unavailable => (
                "Akeneo PIM could not be reached, or it is too busy.",
                "Wait a minute, then authorize again. What you entered is kept.",
            ),
            AkeneoFault::Superseded => (
                "The credentials were changed here while somebody was away in Akeneo.",
                "Enter the credentials of the Custom App once more, so that it is clear which ones count.",
            ),
        };
        Self::new(Who::PimAdmin, what, remedy)
    }

    /// Why the org is not connected (facts/salesforce 10.1 to 10.3).
    pub(super) fn of_salesforce(fault: SalesforceFault, connection: &Connection) -> Self {
        let admin = Who::SalesforceAdmin;
        match fault {
            SalesforceFault::Denied => Self::new(
                admin,
                "Access was denied on the Salesforce page, so nothing was connected.",
                "Connect again and press Allow.",
            ),
            SalesforceFault::AppNotInstalled => Self::new(
                admin,
                "Salesforce does not let this service into the org yet.",
                "Connect as a user who may approve new apps (permission “Approve Uninstalled Connected Apps”), or ask your \
                 Akeneo contact how the app is installed in your org. Or make an app of your own in the org: it takes five \
                 minutes, and the page behind “Use your own External Client App” says how.",
            ),
            SalesforceFault::OtherOrg => other_org(connection),
            SalesforceFault::WrongOrgType => wrong_org_type(connection),
            SalesforceFault::Untrusted => Self::new(
                admin,
                "The answer did not prove that it came from Salesforce, so it was not used.",
                "Connect again. If this happens twice, tell your Akeneo contact.",
            ),
            SalesforceFault::CodeLost => Self::new(
                admin,
                "Salesforce’s answer arrived too late, or it was opened twice.",
                "Connect again. Nothing is lost.",
            ),
            SalesforceFault::UserBlocked => Self::new(
                admin,
                "Salesforce does not let this user in: the user is inactive, or login is limited to certain networks.",
                "Connect as another administrator, or relax the user’s login IP ranges in Salesforce.",
            ),
            SalesforceFault::ClientRefused => Self::new(
                Who::CustomerSuccess,
                "Salesforce refuses this service’s own registration. You did nothing wrong.",
                "Tell your Akeneo contact: it has to be repaired on our side. Then connect again.",
            ),
            SalesforceFault::OwnAppRefused => Self::new(
                admin,
                "Salesforce did not accept the Consumer Key, the Consumer Secret or the settings of your own External Client \
                 App.",
                "Open “Use your own External Client App” below, compare its settings with the instructions there, and enter \
                 key and secret again. A new app may need up to half an hour before it works.",
            ),
            SalesforceFault::Unavailable => Self::new(
                admin,
                "Salesforce could not be reached, or it is too busy.",
                "Wait a minute, then connect again.",
            ),
            SalesforceFault::GrantLost => Self::new(
                admin,
                "Salesforce no longer lets this service into the org: the access was revoked or ran out.",
                "Connect the same org again. Everything else is kept.",
            ),
        }
    }
}

fn other_org(connection: &Connection) -> Trouble {
    let which = connection.salesforce.org.as_ref().map_or_else(
        || "the org that this setup is for".to_owned(),
        |org| format!("“{}” ({})", org.name, org.org_id),
    );
    Trouble::new(
        Who::SalesforceAdmin,
        "That was another Salesforce org than the one that is connected here.",
        format!(
            "Connect again and log in to {which}. Use a private browser window if Salesforce picks the wrong login by itself. \
             If the other org is the right one from now on, you can move the connection there below. To connect both orgs, \
             ask your Akeneo contact for a second setup link."
        ),
    )
}

fn wrong_org_type(connection: &Connection) -> Trouble {
    let expected = connection
        .terms
        .org_type
        .map_or("another type of org", |kind| kind.in_words());
    Trouble::new(
        Who::SalesforceAdmin,
        format!("That was not the right type of org: this setup is for {expected}."),
        "Connect again with the right org. If the setup link itself is wrong, tell your Akeneo contact.",
    )
}
