//! PKCE with S256 (RFC 7636), which Salesforce's platform policy asks of confidential clients too (facts/salesforce 10.3).
//!
//! Only Salesforce's leg uses it. Akeneo's challenge is something else and lives with Akeneo.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::random::Random;
use crate::secret::{CodeVerifier, Sensitive};

/// A new verifier: 256 random bits in base64url, 43 characters (RFC 7636 section 4.1).
#[must_use]
pub fn verifier(random: &dyn Random) -> CodeVerifier {
    let mut bytes = [0_u8; 32];
    random.fill(&mut bytes);
    CodeVerifier::new(URL_SAFE_NO_PAD.encode(bytes))
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2). It is public.
#[must_use]
pub fn challenge(verifier: &CodeVerifier) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the octets of RFC 7636 appendix B.
    #[derive(Debug)]
    struct AppendixB;

    impl Random for AppendixB {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.copy_from_slice(&[
                116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214,
                191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
            ]);
        }
    }

    #[test]
    fn appendix_b() {
        let verifier = verifier(&AppendixB);
        assert_eq!(verifier.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
