//! The provider's RSA key: signs tokens (RS256) and shows its public half as a JSON Web Key.

use std::io;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A key pair.
#[derive(Debug)]
pub(crate) struct Key {
    pair: RsaKeyPair,
    /// `kid` in tokens and in the key set.
    pub(crate) id: String,
}

impl Key {
    /// A new one of 2048 bits.
    ///
    /// # Errors
    /// The machine gives no randomness.
    pub(crate) fn generate() -> io::Result<Self> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
        let id = hex::encode(&Sha256::digest(pair.public_key().as_ref())[..8]);
        Ok(Self { pair, id })
    }

    /// The signature over `text`, as it stands in a token.
    ///
    /// # Errors
    /// The signature cannot be made.
    pub(crate) fn sign(&self, text: &str) -> io::Result<String> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(io::Error::other)?;
        Ok(URL_SAFE_NO_PAD.encode(signature))
    }

    /// The public half (RFC 7517, RFC 7518 section 6.3).
    pub(crate) fn jwk(&self) -> Value {
        let [modulus, exponent] = integers(self.pair.public_key().as_ref());
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
        })
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017, appendix A.1.1), big-endian without leading zeros; empty where it is none.
fn integers(der: &[u8]) -> [&[u8]; 2] {
    let found = element(der).and_then(|(sequence, _)| {
        let (modulus, rest) = element(sequence)?;
        Some([modulus, element(rest)?.0])
    });
    found.unwrap_or_default().map(|mut number| {
        while let [0, rest @ ..] = number {
            number = rest;
        }
        number
    })
}

/// The content of the first DER element, and what follows it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, mut rest) = der.get(1..)?.split_first()?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        let (long, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
        rest = after;
        long.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    #[test]
    fn the_public_half_verifies_what_the_key_signs() {
        let key = Key::generate().unwrap();
        let jwk = key.jwk();
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let public = RsaPublicKeyComponents {
            n: bytes("n"),
            e: bytes("e"),
        };
        assert_eq!((public.n.len(), public.e.as_slice()), (256, [1, 0, 1].as_slice()));
        let signature = URL_SAFE_NO_PAD.decode(key.sign("a text").unwrap()).unwrap();
        assert!(
            public
                .verify(&RSA_PKCS1_2048_8192_SHA256, b"a text", &signature)
                .is_ok()
        );
        assert!(
            public
                .verify(&RSA_PKCS1_2048_8192_SHA256, b"another", &signature)
                .is_err()
        );
    }
}
