//! OAuth of this service to the customer's org: web-server flow with PKCE S256 and the client secret (facts/salesforce 10).
//!
//! [`AuthorizeRequest`] builds the URL a browser is sent to, [`callback_fault`] reads the errors that come back that way,
//! [`TokenEndpoint`] trades codes and refresh tokens. Nothing here is repeated on its own when the other side may have
//! acted: a second use of a rotated refresh token revokes the whole grant (facts/salesforce 10.3). The caller holds the
//! lease and persists the new refresh token before it uses the access token.

mod answer;
mod authorize;
mod callback;
mod refusal;
mod token;

pub use answer::TokenAnswer;
pub use authorize::{App, AuthorizeRequest};
pub use callback::{CallbackFault, callback_fault};
pub use refusal::TokenError;
pub use token::TokenEndpoint;
