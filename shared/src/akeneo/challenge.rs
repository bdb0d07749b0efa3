//! Akeneo's code challenge: how an app proves that it knows its client secret without sending it (facts/akeneo 5.1).
//!
//! `code_challenge` = lower-case hex of SHA-256(`code_identifier` ‖ client secret). This is not PKCE: nothing ties the pair
//! to one code, and the PIM does not remember it. A pair works until the secret is regenerated, which is what lets
//! Salesforce keep it among its fixed parameters, and why it is as secret as the client secret (facts/akeneo 3.2). Pure.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::random::{Random, identifier};
use crate::secret::{ClientSecret, CodeChallenge, CodeIdentifier, Sensitive};

/// Random bytes of an identifier, as in the guide's own script: 32 hex digits.
const IDENTIFIER_BYTES: usize = 16;

/// An identifier and the challenge that belongs to it under one client secret.
#[derive(Debug, Clone)]
pub struct ChallengePair {
    /// `code_identifier`.
    pub identifier: CodeIdentifier,
    /// `code_challenge`.
    pub challenge: CodeChallenge,
}

impl ChallengePair {
    /// A new pair for a client secret.
    #[must_use]
    pub fn generate(random: &dyn Random, secret: &ClientSecret) -> Self {
        Self::with_identifier(CodeIdentifier::new(identifier(random, IDENTIFIER_BYTES)), secret)
    }

    /// The pair of a given identifier.
    #[must_use]
    pub fn with_identifier(identifier: CodeIdentifier, secret: &ClientSecret) -> Self {
        let challenge = CodeChallenge::new(challenge(identifier.expose(), secret));
        Self { identifier, challenge }
    }

    /// Whether a PIM that knows `secret` accepts this pair.
    #[must_use]
    pub fn proves(&self, secret: &ClientSecret) -> bool {
        proves(self.identifier.expose(), self.challenge.expose(), secret)
    }
}

/// Whether a PIM that knows `secret` accepts this pair: the exact, case-sensitive comparison of facts/akeneo 3.1 row 1,
/// in constant time. Says whether what stands in an org is current without showing what it is.
#[must_use]
pub fn proves(identifier: &str, given: &str, secret: &ClientSecret) -> bool {
    challenge(identifier, secret).as_bytes().ct_eq(given.as_bytes()).into()
}

fn challenge(identifier: &str, secret: &ClientSecret) -> String {
    hex::encode(
        Sha256::new()
            .chain_update(identifier.as_bytes())
            .chain_update(secret.expose().as_bytes())
            .finalize(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    /// Facts/akeneo 5.1; the first is Akeneo's own.
    const VECTORS: [(&str, &str, &str); 6] = [
        (
            "2DkpkyHfgm",
            "nDYbJo8X48fL",
            "6ffbb306c0ce4a545d2540c9303c10258c4e4c321c3899c5177fd94106e1b73d",
        ),
        (
            "00000000000000000000000000000000",
            "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA",
            "2728df629411e2a9ab413f4848606abdd07d8dca48cdc6a1fa8ca4520189979f",
        ),
        (
            "000102030405060708090a0b0c0d0e0f",
            "NzFiYTM4ZTEwMjcwZTcyZWIzZTA0NmY3NjE3MTIyMjM1Y2NlMmNlNWEyMTAzY2UzYmY0YWIxYmUzNTkyMDcyNQ",
            "9080c763ef929e7ad6f8db654cc1d21025b24d8c367a0bb5f791e18c827e47fb",
        ),
        (
            "d1422273a1dd8aa6d9a8ca8a1b1f3e2c0b5a49687786958493a2b1c0dfee",
            "Y2YyYjM1ZjMyMmZlZmE5Yzg0OTNiYjRjZTJjNjk0ZTUxYTE0NWI5Zm",
            "872450bab6a1a55b3260525f325359f0a9f91e424316d18f6daff082ad0cbdbc",
        ),
        (
            "a",
            "b",
            "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603",
        ),
        (
            "any_code",
            "sëcret-ü",
            "e472e7801dfbc4fd165642e7745aa4ebcd664d10662ed518bfccb6a5dfdb65ff",
        ),
    ];

    #[test]
    fn the_vectors_hold() {
        for (identifier, secret, expect) in VECTORS {
            let secret = ClientSecret::new(secret);
            let pair = ChallengePair::with_identifier(CodeIdentifier::new(identifier), &secret);
            assert_eq!(pair.challenge.expose(), expect);
            assert!(pair.proves(&secret) && proves(identifier, expect, &secret));
        }
    }

    #[test]
    fn nothing_but_the_exact_challenge_proves() {
        let (identifier, secret, challenge) = VECTORS[0];
        let secret = ClientSecret::new(secret);
        for (identifier, given) in [
            (identifier, challenge.to_uppercase()),
            (identifier, format!(" {challenge}")),
            (identifier, challenge[..63].to_owned()),
            (identifier, format!("{challenge}0")),
            (identifier, String::new()),
            ("2DkpkyHfgM", challenge.to_owned()),
            ("", challenge.to_owned()),
        ] {
            assert!(!proves(identifier, &given, &secret), "{given}");
        }
        assert!(
            !proves(identifier, challenge, &ClientSecret::new("nDYbJo8X48fl")),
            "another secret"
        );
    }

    #[test]
    fn a_pair_that_a_public_sample_made_up_proves_nothing() {
        // Facts/akeneo 5.1, negative: the sample mocks the hash function; the true one gives 890293c9…
        let (identifier, secret) = (
            "4d713c758a30768e5576cb7b6f3b2dad62e7bdb5fd4a6132b11ca6301824",
            ClientSecret::new("123456"),
        );
        assert!(!proves(
            identifier,
            "d9252f527368ffee07ffe7d9c2722d1e244fc94a8e79e938b8e5a815584942cb",
            &secret
        ));
        let real = ChallengePair::with_identifier(CodeIdentifier::new(identifier), &secret);
        assert!(real.challenge.expose().starts_with("890293c9"));
    }

    #[test]
    fn a_generated_pair_is_random_and_proves() {
        let secret = ClientSecret::new("nDYbJo8X48fL");
        let (one, two) = (
            ChallengePair::generate(&SystemRandom, &secret),
            ChallengePair::generate(&SystemRandom, &secret),
        );
        assert!(one.proves(&secret) && two.proves(&secret) && !one.proves(&ClientSecret::new("other")));
        assert_ne!(one.identifier.expose(), two.identifier.expose());
        let hex = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        assert!(one.identifier.expose().len() == 32 && hex(one.identifier.expose()));
        assert!(one.challenge.expose().len() == 64 && hex(one.challenge.expose()));
        assert_eq!(
            format!("{one:?}"),
            "ChallengePair { identifier: CodeIdentifier([redacted]), challenge: CodeChallenge([redacted]) }"
        );
    }
}
