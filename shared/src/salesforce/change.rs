//! How a write fails: refused, or accepted and not there when it is read back.
//!
//! Every write of this room ends with a read. A success answer alone proves nothing: Salesforce switches callouts off,
//! drops permissions and keeps old values without an error (facts/salesforce 5.3, 6, 14.4).

use super::api::ApiError;

/// What a write can leave undone. Names for findings and log lines; never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The Named Credential's URL.
    Url,
    /// "Enabled for Callouts".
    Callouts,
    /// The provider's Authorize URL.
    AuthorizeUrl,
    /// The provider's Token URL.
    TokenUrl,
    /// The row `code_identifier`.
    CodeIdentifier,
    /// The row `code_challenge`.
    CodeChallenge,
    /// The row `scope`.
    Scopes,
    /// Another parameter row has changed that should have stayed.
    OtherParameters,
    /// The provider's client id.
    ClientId,
    /// The provider's client secret.
    ClientSecret,
    /// Access of a user to the principal.
    PrincipalAccess,
    /// A user's read access to stored credentials.
    CredentialsRead,
}

/// Why a change is not in place.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The org did not do it, or could not be asked whether it did.
    #[error("the change could not be made")]
    Api(#[from] ApiError),
    /// The record is not one that this change is made for.
    #[error("the record is of another kind")]
    Unsuitable,
    /// The org refuses a deploy of it (facts/salesforce 11).
    #[error("the org refuses the deploy")]
    DeployRefused,
    /// The org took it, but reading back shows something else.
    #[error("the change was accepted but is not in place")]
    NotApplied {
        /// What differs.
        fields: Vec<Field>,
    },
}

/// `Ok` if nothing differs.
pub(super) fn applied(fields: Vec<Field>) -> Result<(), ChangeError> {
    if fields.is_empty() {
        Ok(())
    } else {
        Err(ChangeError::NotApplied { fields })
    }
}
