//! Why the token endpoint gave no token.

use http::StatusCode;
use serde::Deserialize;

use super::super::absence::or_default;
use super::super::host::HostFault;
use crate::outbound::CallError;

/// Why there is no token (facts/salesforce 10.2). Salesforce's own description is matched, never kept.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The code is too old or was used already.
    #[error("the authorization code has expired")]
    ExpiredCode,
    /// The verifier does not belong to the code.
    #[error("the code verifier does not match")]
    VerifierMismatch,
    /// The refresh token is expired, revoked or superseded: a person has to connect the org again.
    #[error("the refresh token is expired or revoked")]
    InvalidGrant,
    /// The user has not approved the app.
    #[error("the user has not approved the app")]
    UserNotApproved,
    /// The app is limited to users whom an administrator approves, and this one is not.
    #[error("the user is not approved by an administrator")]
    NotAdminApproved,
    /// The user has been deactivated.
    #[error("the user is inactive")]
    InactiveUser,
    /// The org has been deactivated.
    #[error("the org is inactive")]
    InactiveOrg,
    /// The app's or the profile's IP ranges do not include ours.
    #[error("the org does not allow our network address")]
    IpRestricted,
    /// Salesforce refuses the user or the org, and does not say why.
    #[error("salesforce refused the authentication")]
    AuthenticationFailure,
    /// The consumer key is unknown; may be true for half an hour after an app was made (facts/salesforce 8.3).
    #[error("the client id is unknown")]
    InvalidClientId,
    /// The consumer secret is wrong.
    #[error("the client credentials are invalid")]
    InvalidClient,
    /// The org does not have our app (facts/salesforce 10.3).
    #[error("the app is not installed in the org")]
    AppNotInstalled,
    /// The app runs as nobody: its client credentials flow has no user (facts/salesforce 10.1).
    #[error("no user is chosen for the client credentials flow")]
    NoExecutionUser,
    /// The flow is not served at this host: it wants the org's own My Domain (facts/salesforce 10.1).
    #[error("the grant is not served at this host")]
    NotThisHost,
    /// The callback is not one of the app's.
    #[error("the redirect uri is not registered")]
    RedirectMismatch,
    /// The app does not allow this flow.
    #[error("the grant type is not supported")]
    UnsupportedGrantType,
    /// Salesforce asks to try again, is too busy, or is down.
    #[error("salesforce asks to try again later")]
    Retryable,
    /// Another error code.
    #[error("salesforce refused the request for a token")]
    Refused,
    /// The answer is not what it should be.
    #[error("the token answer has an unknown shape")]
    Malformed,
    /// The signature over id and time does not verify: the answer did not come from who knows our client secret.
    #[error("the signature of the token answer is wrong")]
    Signature,
    /// The answer names a host that is not Salesforce's.
    #[error("the token answer names a host outside salesforce")]
    Host(#[source] HostFault),
    /// There was no answer.
    #[error("salesforce could not be asked for a token")]
    Transport(#[source] CallError),
}

impl TokenError {
    /// Whether the same request may be sent again without harm: Salesforce said so, or the request never arrived.
    /// After a lost answer it may not: the code or the refresh token may be spent.
    #[must_use]
    pub fn may_be_retried(&self) -> bool {
        match self {
            Self::Retryable => true,
            Self::Transport(fault) => !fault.may_have_happened(),
            _ => false,
        }
    }

    /// Whether it is the app that is refused and not the person: it is gone, or its secret is another one now.
    #[must_use]
    pub fn is_about_the_app(&self) -> bool {
        matches!(
            self,
            Self::InvalidClientId | Self::InvalidClient | Self::RedirectMismatch | Self::UnsupportedGrantType
        )
    }

    /// Whether the grant is gone for good, so that only a person can bring it back by connecting again.
    #[must_use]
    pub fn needs_reconnect(&self) -> bool {
        matches!(
            self,
            Self::InvalidGrant
                | Self::UserNotApproved
                | Self::InactiveUser
                | Self::InactiveOrg
                | Self::AuthenticationFailure
        )
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default, deserialize_with = "or_default")]
    error_description: String,
}

/// Sorts an answer that is no success.
pub(super) fn refusal(status: StatusCode, body: &[u8]) -> TokenError {
    if status.is_server_error() || matches!(status.as_u16(), 408 | 420 | 429) {
        return TokenError::Retryable;
    }
    match serde_json::from_slice::<Refusal>(body) {
        Ok(refusal) => of_code(&refusal.error, &refusal.error_description.to_ascii_lowercase()),
        Err(_) => TokenError::Malformed,
    }
}

fn of_code(error: &str, description: &str) -> TokenError {
    let says = |text: &str| description.contains(text);
    match error {
        // One old page of the documentation reports a wrong verifier as `invalid_request`.
        "invalid_grant" | "invalid_request" if says("code verifier") => TokenError::VerifierMismatch,
        _ if says("not supported on this domain") => TokenError::NotThisHost,
        "invalid_grant" => of_grant(&says),
        // What the revocation endpoint says of a token that is gone.
        "invalid_token" | "unsupported_token_type" => TokenError::InvalidGrant,
        "invalid_client_id" => TokenError::InvalidClientId,
        "invalid_client" | "OAUTH_EC_APP_NOT_FOUND" if says("installed") || error.starts_with("OAUTH") => {
            TokenError::AppNotInstalled
        }
        "invalid_client" => TokenError::InvalidClient,
        "redirect_uri_mismatch" => TokenError::RedirectMismatch,
        "unsupported_grant_type" => TokenError::UnsupportedGrantType,
        "unknown_error" | "server_error" | "temporarily_unavailable" => TokenError::Retryable,
        "inactive_user" => TokenError::InactiveUser,
        "inactive_org" => TokenError::InactiveOrg,
        _ => TokenError::Refused,
    }
}

fn of_grant(says: &dyn Fn(&str) -> bool) -> TokenError {
    if says("authorization code") {
        TokenError::ExpiredCode
    } else if says("client credentials user") {
        TokenError::NoExecutionUser
    } else if says("admin approved") {
        TokenError::NotAdminApproved
    } else if says("approved this consumer") {
        TokenError::UserNotApproved
    } else if says("inactive user") {
        TokenError::InactiveUser
    } else if says("inactive org") {
        TokenError::InactiveOrg
    } else if says("ip restricted") || says("ip not allowed") {
        TokenError::IpRestricted
    } else if says("login rate") {
        TokenError::Retryable
    } else if says("authentication failure") {
        TokenError::AuthenticationFailure
    } else {
        TokenError::InvalidGrant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: &str, description: &str, expect: &TokenError) {
        let body = serde_json::json!({"error": error, "error_description": description}).to_string();
        assert_eq!(
            refusal(StatusCode::BAD_REQUEST, body.as_bytes()).to_string(),
            expect.to_string(),
            "{error}: {description}"
        );
    }

    #[test]
    fn every_documented_refusal_has_its_name() {
        check("invalid_grant", "expired authorization code", &TokenError::ExpiredCode);
        check("invalid_grant", "invalid code verifier", &TokenError::VerifierMismatch);
        check(
            "invalid_request",
            "invalid code verifier",
            &TokenError::VerifierMismatch,
        );
        check(
            "invalid_grant",
            "expired access/refresh token",
            &TokenError::InvalidGrant,
        );
        check("invalid_grant", "", &TokenError::InvalidGrant);
        check(
            "invalid_grant",
            "authentication failure",
            &TokenError::AuthenticationFailure,
        );
        check(
            "invalid_grant",
            "user hasn't approved this consumer",
            &TokenError::UserNotApproved,
        );
        check(
            "invalid_grant",
            "user is not admin approved",
            &TokenError::NotAdminApproved,
        );
        check("invalid_grant", "inactive user", &TokenError::InactiveUser);
        check("invalid_grant", "inactive organization", &TokenError::InactiveOrg);
        check("invalid_grant", "ip restricted", &TokenError::IpRestricted);
        check(
            "invalid_client_id",
            "client identifier invalid",
            &TokenError::InvalidClientId,
        );
        check(
            "invalid_client",
            "invalid client credentials",
            &TokenError::InvalidClient,
        );
        check(
            "invalid_client",
            "app must be installed into org",
            &TokenError::AppNotInstalled,
        );
        check(
            "invalid_grant",
            "no client credentials user enabled",
            &TokenError::NoExecutionUser,
        );
        for code in ["invalid_grant", "invalid_request"] {
            check(code, "request not supported on this domain", &TokenError::NotThisHost);
        }
        check("OAUTH_EC_APP_NOT_FOUND", "", &TokenError::AppNotInstalled);
        check(
            "redirect_uri_mismatch",
            "redirect_uri must match configuration",
            &TokenError::RedirectMismatch,
        );
        check(
            "unsupported_grant_type",
            "grant type not supported",
            &TokenError::UnsupportedGrantType,
        );
        check("unknown_error", "retry your request", &TokenError::Retryable);
        check("invalid_scope", "", &TokenError::Refused);
    }

    #[test]
    fn other_answers() {
        let shown =
            |status: u16, body: &str| refusal(StatusCode::from_u16(status).unwrap(), body.as_bytes()).to_string();
        assert_eq!(
            shown(503, "<html>maintenance</html>"),
            TokenError::Retryable.to_string()
        );
        assert_eq!(shown(400, "<html>"), TokenError::Malformed.to_string());
        assert_eq!(shown(302, ""), TokenError::Malformed.to_string());
        assert_eq!(
            shown(400, r#"{"error":"invalid_client"}"#),
            TokenError::InvalidClient.to_string()
        );
    }

    #[test]
    fn a_lost_answer_is_not_repeated() {
        assert!(!TokenError::Transport(CallError::TimedOut).may_be_retried());
        assert!(TokenError::Transport(CallError::Unreachable("refused".into())).may_be_retried());
        assert!(TokenError::Retryable.may_be_retried());
        assert!(TokenError::InvalidGrant.needs_reconnect() && !TokenError::InvalidGrant.may_be_retried());
    }
}
