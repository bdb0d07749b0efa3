//! What a person, the package or time does to the org behind the connector's back (facts/salesforce 5, 14.4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::refusal::Refusal;

/// One action. As HTTP: `POST /_simulator/actions/{name}` with the fields as JSON body.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Someone switches callouts off.
    CalloutsOff {},
    /// Someone switches callouts on.
    CalloutsOn {},
    /// Someone points the Named Credential elsewhere in Setup.
    EditUrl {
        /// The new URL.
        url: String,
    },
    /// Someone changes the provider's addresses in Setup.
    EditProvider {
        /// The new authorize URL, if any.
        authorize_url: Option<String>,
        /// The new token URL, if any.
        token_url: Option<String>,
    },
    /// Someone changes the value of a request parameter, or of the first row with this name.
    SetParameter {
        /// Row name, such as `code_challenge`.
        name: String,
        /// The new value.
        value: String,
    },
    /// Someone adds a request parameter row, perhaps a duplicate.
    AddParameter {
        /// Row type, such as `TokenRequestBodyParameter`.
        kind: String,
        /// Row name.
        name: String,
        /// Row value.
        value: String,
    },
    /// Someone deletes all rows with this name.
    DeleteParameter {
        /// Row name.
        name: String,
    },
    /// Someone replaces client id and secret of the provider.
    SetCredentials {
        /// Client id.
        client_id: String,
        /// Client secret.
        client_secret: String,
    },
    /// The stored token of the principal is gone.
    DropPrincipal {},
    /// Someone deletes the principal itself.
    DeletePrincipal {},
    /// A token appears in the principal, as after an authorization.
    SetPrincipalToken {
        /// The token.
        access_token: String,
    },
    /// The package's own "Set Up" card: package code writes everything and callouts may go off.
    InAppSetup {
        /// Base URL of the PIM.
        base_url: String,
        /// Client id of the Custom App.
        client_id: String,
        /// Client secret of the Custom App.
        client_secret: String,
    },
    /// Installs the package.
    InstallPackage {
        /// `major.minor.patch`; the settings' version unless given.
        version: Option<String>,
    },
    /// Upgrades (or downgrades) the package.
    PackageUpgrade {
        /// `major.minor.patch`.
        version: String,
    },
    /// Removes the package.
    UninstallPackage {},
    /// The package's own "Grant Access": assigns the packaged permission set.
    GrantAccess {
        /// Who gets it.
        username: String,
    },
    /// Removes every assignment and the org's own permission sets.
    RevokeGrants {},
    /// The packaged permission set loses its read on `UserExternalCredential`.
    LoseUecRead {},
    /// The sandbox is refreshed: new org id, secrets, tokens and sessions gone, callback URL changed.
    SandboxRefresh {},
    /// Deactivates a user.
    DeactivateUser {
        /// Whom; the administrator unless given.
        username: Option<String>,
    },
    /// Activates a user.
    ActivateUser {
        /// Whom; the administrator unless given.
        username: Option<String>,
    },
    /// Changes a user's permissions.
    SetPermissions {
        /// Whom; the administrator unless given.
        username: Option<String>,
        /// Merge patch of permissions, such as `{"view_setup": false}`.
        permissions: Value,
    },
    /// Someone follows the guide's Part D by hand, but for the authorization.
    LegacySetup {
        /// Base URL of the PIM.
        base_url: String,
        /// Client id of the Custom App.
        client_id: String,
        /// Client secret of the Custom App.
        client_secret: String,
    },
    /// Someone makes the Auth. Provider of the guide's Part D with the package's plugin, or edits the one that is there.
    MakeAuthProvider {
        /// Field "Name / URL Suffix".
        name: String,
        /// Field "Client ID".
        client_id: String,
        /// Field "Client Secret".
        client_secret: String,
        /// Field "Authorize Endpoint".
        authorize_endpoint: String,
        /// Field "Token Endpoint".
        token_endpoint: String,
        /// Field "Base Endpoint".
        base_endpoint: String,
        /// Field "Authentication Scopes".
        scopes: String,
    },
    /// Someone makes a classic Named Credential by New Legacy with the Auth. Provider `Akeneo`, or edits the one that is there.
    MakeClassicCredential {
        /// Field "Name".
        name: String,
        /// Field "URL".
        url: String,
        /// Field "Scope".
        scope: String,
    },
    /// Someone makes an Auth. Provider `Akeneo` of another type.
    ForeignAuthProvider {},
    /// Someone deletes the Auth. Provider `Akeneo`; a Named Credential that uses it forbids that.
    DeleteAuthProvider {},
    /// Someone deletes the local Named Credential `Akeneo`.
    DeleteNamedCredential {},
    /// Someone changes one of the plugin's settings.
    SetPluginSetting {
        /// The label in the form, such as `Client ID`.
        label: String,
        /// The new value.
        value: String,
    },
    /// Every access token expires.
    ExpireSessions {},
    /// Every refresh token and every access token is revoked.
    RevokeTokens {},
    /// Someone deletes all rows with this name but the first.
    DeleteDuplicates {
        /// Row name.
        name: String,
    },
    /// Someone makes records of the packaged name by hand, with values of their own.
    MakeNamesakes {},
    /// Someone deletes the packaged External Credential.
    DeleteExternalCredential {},
    /// The package's own "Set Up" card writes addresses and parameters and fails before the rest.
    HalfSetUp {
        /// Base URL of the PIM.
        base_url: String,
    },
    /// Somebody sets the whole org up with another PIM.
    SetUpElsewhere {},
    /// Someone makes a local External Client App for the service, or renews its secret.
    MakeLocalApp {
        /// Consumer key.
        client_id: String,
        /// Consumer secret.
        client_secret: String,
        /// Its callback URL.
        redirect_uri: String,
    },
    /// The service's OAuth client becomes known in the org.
    InstallApp {},
    /// The person who would refuse is asked again, and decides on the page.
    ChangeMind {},
    /// Everybody is logged out of the browser.
    LogOut {},
    /// Someone makes an External Client App by hand, as the guide says or as the fields say instead.
    MakeClientApp {
        /// Its developer name.
        name: String,
        /// Merge patch, such as `{"consumer_key": "…", "consumer_secret": "…", "scopes": ["id"]}`.
        fields: Value,
    },
    /// Someone changes an External Client App.
    EditClientApp {
        /// Its developer name.
        name: String,
        /// Merge patch.
        fields: Value,
    },
    /// Someone deletes an External Client App.
    DeleteClientApp {
        /// Its developer name.
        name: String,
    },
    /// Someone makes a local Named Credential and External Credential of this name.
    ForeignCredentials {
        /// Their developer name.
        name: String,
    },
    /// Other programs use up the quota.
    UseApi {
        /// Requests.
        count: u64,
    },
}

/// An action that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The package with its records is not there.
    #[error("the org has no packaged {0}")]
    NoRecord(&'static str),
    /// No user with this name.
    #[error("the org has no such user")]
    NoUser,
    /// Not `major.minor.patch`.
    #[error("the version is not major.minor.patch")]
    Version,
    /// A field that does not exist, or a value that it cannot have.
    #[error("the fields do not fit: {0}")]
    Fields(#[from] serde_json::Error),
    /// The org's own rules say no.
    #[error("the org refuses: {0}")]
    Refused(String),
}

impl From<Refusal> for ActionError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(format!("{}: {}", refusal.code, refusal.message))
    }
}
