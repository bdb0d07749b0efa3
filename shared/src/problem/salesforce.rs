//! What people are told when connecting the org goes wrong (facts/salesforce 10.1 to 10.3).

use http::StatusCode;

use super::{AGAIN, BACK, Explanation};
use crate::connection::SalesforceFault;

pub(super) fn explain(fault: SalesforceFault) -> Explanation {
    let all = |status, code, title, happened, who| Explanation {
        status,
        code,
        title,
        happened,
        who,
        button: BACK,
    };
    let bad = StatusCode::BAD_REQUEST;
    match fault {
        SalesforceFault::Denied => all(
            bad,
            "salesforce_denied",
            "Access was denied in Salesforce",
            "The question whether this service may access the org was answered with Deny.",
            "It is the turn of your Salesforce administrator: connect Salesforce again and press Allow.",
        ),
        SalesforceFault::AppNotInstalled => all(
            bad,
            "salesforce_app_not_installed",
            "The org does not know this service yet",
            "The Connector Setup app is not installed in this Salesforce org, or your user may not use it.",
            "It is the turn of your Salesforce administrator: install the app or allow it for your user (Setup > External Client \
             Apps), then connect again. Your Akeneo contact has the installation link. Or use an app of your own: the setup page \
             says how.",
        ),
        SalesforceFault::OtherOrg => all(
            StatusCode::CONFLICT,
            "salesforce_other_org",
            "This is another Salesforce org",
            "This connection already belongs to another org than the one that you logged in to.",
            "Log out of Salesforce, connect again and log in to the right org. If the connection is to move to the other org, go \
             back to the setup and confirm that there. To connect both, ask your Akeneo contact for a second link.",
        ),
        SalesforceFault::WrongOrgType => all(
            StatusCode::CONFLICT,
            "salesforce_wrong_org_type",
            "This is not the expected type of org",
            "The link was made for a production org and you logged in to a sandbox, or the other way round.",
            "Connect again and choose the right one, or ask your Akeneo contact for a link for this org.",
        ),
        SalesforceFault::Untrusted => all(
            StatusCode::BAD_GATEWAY,
            "salesforce_untrusted",
            "Salesforce’s answer could not be trusted",
            "The answer did not carry Salesforce’s signature or named a host that is not Salesforce’s. It was thrown away.",
            "Connect again. If it happens once more, tell your Akeneo contact the reference below.",
        ),
        SalesforceFault::CodeLost => all(
            bad,
            "salesforce_code_lost",
            "Please connect Salesforce again",
            "The permission that Salesforce sent was too old or already used.",
            AGAIN,
        ),
        SalesforceFault::UserBlocked => all(
            bad,
            "salesforce_user_blocked",
            "Salesforce does not let this user in",
            "The user is inactive, or the org does not accept logins from this service’s address.",
            "It is the turn of your Salesforce administrator: check the user and the org’s login IP ranges, then connect again.",
        ),
        SalesforceFault::ClientRefused => all(
            StatusCode::BAD_GATEWAY,
            "salesforce_client_refused",
            "Salesforce does not accept this service",
            "The settings of the Connector Setup app in Salesforce do not match those of this service.",
            "It is our turn. Tell your Akeneo contact the reference below.",
        ),
        SalesforceFault::OwnAppRefused => all(
            bad,
            "salesforce_own_app_refused",
            "Salesforce does not accept your own app",
            "The Consumer Key, the Consumer Secret or the settings of your External Client App do not fit.",
            "It is the turn of your Salesforce administrator: compare the app with the instructions on the setup page and enter \
             key and secret again. A new app may need up to half an hour before it works.",
        ),
        SalesforceFault::Unavailable => all(
            StatusCode::BAD_GATEWAY,
            "salesforce_unavailable",
            "Salesforce does not answer",
            "Salesforce could not be reached or is in maintenance. Nothing is lost.",
            "Wait a few minutes and connect again.",
        ),
        SalesforceFault::GrantLost => all(
            StatusCode::CONFLICT,
            "salesforce_grant_lost",
            "Access to Salesforce was taken back",
            "The org no longer accepts the permission that it gave to this service.",
            "It is the turn of your Salesforce administrator: connect Salesforce again.",
        ),
    }
}
