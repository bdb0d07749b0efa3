//! The values that switches can have.
//!
//! Serialized in snake case. The default of each switch is chosen in `Settings`, not here.

use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $value:ident),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$note])* $value),+ }
    };
}

choice! {
    /// Taken or refused.
    Verdict {
        /// Taken.
        Accept,
        /// Refused.
        Reject,
    }
}

impl Verdict {
    /// Whether the answer is yes.
    #[must_use]
    pub fn accepts(self) -> bool {
        self == Self::Accept
    }
}

choice! {
    /// OAuth error code of a PKCE mismatch.
    PkceMismatch {
        /// What practice reports.
        InvalidGrant,
        /// What one old document says.
        InvalidRequest,
    }
}

choice! {
    /// What happens where the approval page would show.
    Approval {
        /// The page is shown.
        Ask,
        /// Approved without a page.
        Allow,
        /// Refused without a page.
        Deny,
    }
}

choice! {
    /// What happens where the login page would show.
    Login {
        /// The page is shown.
        Form,
        /// The org's administrator is logged in at once.
        Automatic,
    }
}

choice! {
    /// Whether the OAuth client is known in this org (facts/salesforce 10.3).
    AppInstallation {
        /// It is installed.
        Installed,
        /// Authorization ends with `OAUTH_EC_APP_NOT_FOUND`.
        NotFound,
        /// Authorization ends with `OAUTH_APPROVAL_ERROR_GENERIC`.
        ApprovalError,
        /// Authorization works, the exchange says "app must be installed into org".
        MissingAtToken,
    }
}

choice! {
    /// Answer to the revocation of an unknown token.
    RevokeUnknown {
        /// 200, as RFC 7009 says.
        Ok,
        /// 400 `invalid_token`.
        InvalidToken,
    }
}

choice! {
    /// Keys without a value in Connect answers.
    NullKeys {
        /// Present with null.
        Emit,
        /// Left out.
        Omit,
    }
}

choice! {
    /// The scope with which a token may open a browser's session by `singleaccess`.
    SingleAccess {
        /// `web` or `full`.
        WebOrFull,
        /// Any, `api` alone included.
        Any,
    }
}

choice! {
    /// Creating what exists.
    Conflict {
        /// 409 CONFLICT.
        Conflict,
        /// Replaced with 200.
        Ok,
    }
}

choice! {
    /// What GET shows of provider credentials that are set (facts/salesforce 3.3).
    CredentialsShape {
        /// `null`, as if unset.
        Null,
        /// Names without values.
        NameOnly,
        /// Names with asterisks.
        Masked,
        /// The client id in clear, the secret by name.
        ClientIdClear,
    }
}

choice! {
    /// Success of a Tooling PATCH.
    PatchSuccess {
        /// 204 without a body.
        NoContent,
        /// 200 with `{}`.
        EmptyObject,
    }
}

choice! {
    /// Who switches callouts off by changing an endpoint.
    DisableOnWrite {
        /// Nobody.
        None,
        /// Code of the managed package.
        PackageCode,
        /// Every program, our own writes included.
        Any,
    }
}

choice! {
    /// What becomes of a stored token when URLs or credentials change.
    TokenAfterChange {
        /// It stays.
        Keep,
        /// It is dropped.
        Invalidate,
    }
}

choice! {
    /// Status of a manageability refusal.
    ManageabilityStatus {
        /// 400.
        BadRequest,
        /// 403.
        Forbidden,
    }
}

choice! {
    /// What a deploy does with the consumer key and secret that it carries (facts/salesforce 8.1).
    AppKeysOnDeploy {
        /// They become the app's.
        Honoured,
        /// The org makes its own.
        Ignored,
    }
}

choice! {
    /// What the token endpoint says of an app that is too new (facts/salesforce 8.3).
    EarlyApp {
        /// `invalid_client_id`.
        InvalidClientId,
        /// `invalid_grant`.
        InvalidGrant,
    }
}

choice! {
    /// Where the org keeps the scopes that it asks for.
    ScopeCarrier {
        /// A row of the provider, type AuthorizeRequestQueryParameter, name `scope`.
        AuthorizeRequestQueryParameter,
        /// A row of the provider, type IdentityProviderOptions, name `Scope`.
        IdentityProviderOptions,
        /// A row of the External Credential, type AuthParameter, name `Scope`.
        ExternalCredential,
        /// Nowhere: the org sends no scope.
        None,
    }
}

choice! {
    /// What a deployed `oauthToken` of a classic Named Credential does.
    OauthToken {
        /// Nothing: only a browser authenticates.
        Ignored,
        /// The Named Credential is authenticated with it.
        Authenticates,
        /// The deploy fails because of it.
        Refused,
    }
}

choice! {
    /// What the code of a package before 3.0 does with a Named Credential that is not a classic one.
    LegacyCode {
        /// It calls out through it, where the record names the package's namespace.
        Works,
        /// It finds no credential there.
        Fails,
    }
}

choice! {
    /// What the first part of a deploy has to be called (facts/salesforce 11).
    DeployPart {
        /// Either.
        Any,
        /// `entity_content`, as clients send.
        EntityContent,
        /// `json`, as the guide shows.
        Json,
    }
}

impl DeployPart {
    /// Whether a part of this name is taken.
    #[must_use]
    pub fn takes(self, name: &str) -> bool {
        match self {
            Self::Any => matches!(name, "entity_content" | "json"),
            Self::EntityContent => name == "entity_content",
            Self::Json => name == "json",
        }
    }
}

choice! {
    /// What the packaged Named Credential says about who decides (row `ManagedByNamespace`, facts/salesforce 2.4).
    ManagedBy {
        /// Nothing.
        Unsaid,
        /// The org.
        Subscriber,
        /// The package's developer: an upgrade puts the packaged values back.
        Developer,
    }
}
