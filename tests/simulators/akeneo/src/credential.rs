//! Random values in Akeneo's shapes, and the challenge (facts/akeneo 5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// How codes and app tokens are generated; the newest content of the generator is UNVERIFIED (facts/akeneo 12).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// 86 letters and digits: base64 of the hex of a SHA-256 (facts/akeneo 5.2).
    #[default]
    Base64,
    /// 64 hex digits, as the in-house generator makes for connections.
    Hex,
}

/// A code, a token or a client secret.
pub(crate) fn random(format: TokenFormat) -> String {
    let seed: [u8; 32] = rand::random();
    let hex = hex::encode(Sha256::digest(seed));
    match format {
        TokenFormat::Base64 => URL_SAFE_NO_PAD.encode(hex),
        TokenFormat::Hex => hex,
    }
}

/// A client id: UUID version 4 (facts/akeneo 5.2).
pub(crate) fn client_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A short random word for session ids and codes of connections.
pub(crate) fn word() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// `lowercase_hex(SHA-256(identifier || secret))`, compared strictly (facts/akeneo 3.1 row 1).
pub(crate) fn challenge_holds(identifier: &str, secret: &str, challenge: &str) -> bool {
    hex::encode(Sha256::new().chain_update(identifier).chain_update(secret).finalize()) == challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_facts() {
        for (identifier, secret, challenge) in [
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
        ] {
            assert!(challenge_holds(identifier, secret, challenge), "{identifier}");
            assert!(
                !challenge_holds(identifier, secret, &challenge.to_uppercase()),
                "{identifier} in capitals"
            );
        }
    }

    #[test]
    fn generated_values_have_akeneos_shape() {
        let value = random(TokenFormat::Base64);
        assert_eq!(value.len(), 86);
        assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(random(TokenFormat::Hex).len(), 64);
        assert_eq!(client_id().len(), 36);
    }
}
