//! Errors that Salesforce reports through the browser, on our callback.
//!
//! The text comes from a URL that anybody can make up. It chooses a sentence for a page and never anything else.

/// Why the authorization did not lead to a code (facts/salesforce 10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackFault {
    /// The person said no.
    #[error("the person denied the authorization")]
    Denied,
    /// The org does not have our app, and does not let its users approve apps that are not installed (facts/salesforce 10.3).
    #[error("the app is not installed in the org")]
    AppNotInstalled,
    /// An administrator has blocked the app, or this user may not use it.
    #[error("the org does not allow this app for this user")]
    AppBlocked,
    /// Salesforce could not complete the approval and does not say why.
    #[error("salesforce could not complete the approval")]
    ApprovalFailed,
    /// Our request is not what the app's settings demand: callback, scope, flow. For operators.
    #[error("salesforce does not accept the authorization request")]
    Misconfigured,
    /// Salesforce is busy or down.
    #[error("salesforce is not available for authorization")]
    Unavailable,
    /// A code that we do not know.
    #[error("salesforce reported an unknown error")]
    Other,
}

/// Reads the `error` parameter of the callback (facts/salesforce 10.1). Other codes of the same families that Salesforce
/// and RFC 6749 section 4.1.2.1 know are sorted by what a person can do about them.
#[must_use]
pub fn callback_fault(error: &str) -> CallbackFault {
    match error {
        "access_denied" => CallbackFault::Denied,
        "OAUTH_EC_APP_NOT_FOUND" => CallbackFault::AppNotInstalled,
        "OAUTH_APP_BLOCKED" | "OAUTH_APP_ACCESS_DENIED" | "OAUTH_AUTHORIZATION_BLOCKED" => CallbackFault::AppBlocked,
        "OAUTH_APPROVAL_ERROR_GENERIC" => CallbackFault::ApprovalFailed,
        "invalid_request"
        | "invalid_client_id"
        | "invalid_scope"
        | "redirect_uri_mismatch"
        | "unauthorized_client"
        | "unsupported_response_type" => CallbackFault::Misconfigured,
        "server_error" | "temporarily_unavailable" => CallbackFault::Unavailable,
        _ => CallbackFault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_by_what_can_be_done() {
        for (error, fault) in [
            ("access_denied", CallbackFault::Denied),
            ("OAUTH_EC_APP_NOT_FOUND", CallbackFault::AppNotInstalled),
            ("OAUTH_APPROVAL_ERROR_GENERIC", CallbackFault::ApprovalFailed),
            ("OAUTH_APP_BLOCKED", CallbackFault::AppBlocked),
            ("redirect_uri_mismatch", CallbackFault::Misconfigured),
            ("temporarily_unavailable", CallbackFault::Unavailable),
            ("<script>", CallbackFault::Other),
            ("", CallbackFault::Other),
        ] {
            assert_eq!(callback_fault(error), fault, "{error}");
        }
    }
}
