//! Secret values: newtypes that no log line, page or error can show by accident.
//!
//! Every secret that passes through the service is one of these types. `Debug` is redacted, there is no
//! `Display`, no `PartialEq`, no `Serialize`, and the memory is wiped on drop. The one way to the text is
//! [`Sensitive::expose`]; a test lists the places that may call it. Secret documents that go to the secret store
//! opt in per field with `#[serde(serialize_with = "exposed")]`.

use serde::{Deserialize, Deserializer, Serializer};
use zeroize::Zeroizing;

/// A value whose text may be read only on purpose.
pub trait Sensitive {
    /// The text itself. Callers are listed in the architecture tests.
    fn expose(&self) -> &str;
}

/// Serialises a secret's text. For documents that are written to the secret store, nowhere else.
///
/// # Errors
/// Whatever the serializer reports.
pub fn exposed<T: Sensitive, S: Serializer>(secret: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// [`exposed`] for a secret that may be absent.
///
/// # Errors
/// Whatever the serializer reports.
pub fn exposed_option<T: Sensitive, S: Serializer>(secret: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.expose()),
        None => serializer.serialize_none(),
    }
}

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes the text over.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(Zeroizing::new(text.into()))
            }
        }

        impl Sensitive for $name {
            fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::new)
            }
        }
    )*};
}

secrets! {
    /// An OAuth client secret: the Custom App's (facts/akeneo 5.2) or the External Client App's.
    ClientSecret;
    /// A bearer token of the PIM (never expires, facts/akeneo 4) or of the org.
    AccessToken;
    /// A Salesforce refresh token; single-use where rotation is on (facts/salesforce 10.3).
    RefreshToken;
    /// An authorization code, from either side; 30 seconds of life in Akeneo (facts/akeneo 1.4).
    AuthorizationCode;
    /// Akeneo's `code_identifier`; with its challenge it is worth a client secret (facts/akeneo 3.2).
    CodeIdentifier;
    /// Akeneo's `code_challenge` (facts/akeneo 5.1).
    CodeChallenge;
    /// A PKCE `code_verifier` (RFC 7636 section 4.1).
    CodeVerifier;
    /// A random token that this service hands out: invitation, session, state, browser or form token.
    HandedOut;
    /// A URL that opens something for whoever holds it, such as the principal's one-time authorization URL.
    SecretUrl;
    /// The `whsec_…` key that signs what goes to the webhook.
    SigningSecret;
    /// A whole JSON document as it stands in the secret store.
    SecretDocument;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_only_the_type() {
        let secret = ClientSecret::new("nDYbJo8X48fL");
        assert_eq!(
            format!("{secret:?} {:?}", Some(&secret)),
            "ClientSecret([redacted]) Some(ClientSecret([redacted]))"
        );
    }
}
