//! Where secrets may be read as text, and what their types cannot do.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::marker::PhantomData;

use connector::secret::{
    AccessToken, AuthorizationCode, ClientSecret, CodeChallenge, CodeIdentifier, CodeVerifier, HandedOut, RefreshToken,
    SecretDocument, SecretUrl, SigningSecret,
};
use serde::Serialize;

use super::source::{places, read};

/// Who reads a secret's text, and why it has to.
const READERS: &[(&str, &str)] = &[
    (
        "functions/oauth-callback/src/akeneo.rs",
        "sends the browser to the PIM once more when an answer was lost",
    ),
    (
        "functions/oauth-callback/src/manual.rs",
        "shows the pair to the person who has to enter it in Salesforce, in that person's own session",
    ),
    (
        "functions/oauth-callback/src/principal.rs",
        "sends the browser to the org's one-time URL",
    ),
    (
        "functions/oauth-callback/src/relay.rs",
        "sends the browser on to the org with its own code",
    ),
    (
        "functions/operator/src/console/answers.rs",
        "shows a new link once, to the person who made it",
    ),
    (
        "functions/operator/src/invitations.rs",
        "shows a new link once, to whoever asked for it",
    ),
    (
        "functions/setup-start/src/akeneo.rs",
        "checks the shape of a client secret that was typed",
    ),
    ("functions/setup-start/src/hand_off.rs", "shows a hand-off link once"),
    (
        "functions/setup-start/src/trip.rs",
        "sends the browser to an authorize endpoint with its state",
    ),
    (
        "shared/src/akeneo/authorize.rs",
        "puts the state into the authorize URL",
    ),
    (
        "shared/src/akeneo/challenge.rs",
        "hashes identifier and secret into the challenge",
    ),
    (
        "shared/src/akeneo/exchange.rs",
        "sends code and challenge pair to the pinned PIM",
    ),
    ("shared/src/akeneo/probe.rs", "sends the token to the PIM"),
    (
        "shared/src/connection/attempt.rs",
        "recognises and makes states, derives the PKCE verifier",
    ),
    (
        "shared/src/connection/invitation.rs",
        "bounds a link's length before it is hashed",
    ),
    (
        "shared/src/custody/akeneo.rs",
        "tells whether an exchange brought another token",
    ),
    ("shared/src/custody/mod.rs", "reads a document of the secret store"),
    (
        "shared/src/events/outbox.rs",
        "reads the document of a destination's secret",
    ),
    ("shared/src/events/slack.rs", "sends to a channel's address"),
    ("shared/src/events/webhook.rs", "signs what goes to the webhook"),
    ("shared/src/random.rs", "hashes a token for look-up"),
    ("shared/src/redirect.rs", "builds the relayed URL"),
    ("shared/src/salesforce/api/org.rs", "sends the session to the org"),
    (
        "shared/src/salesforce/identity_provider/pair.rs",
        "compares the pair in the org with ours",
    ),
    (
        "shared/src/salesforce/identity_provider/write.rs",
        "writes the pair into the org",
    ),
    (
        "shared/src/salesforce/legacy/classic.rs",
        "deploys our token into the org where that is known to count",
    ),
    (
        "shared/src/salesforce/legacy/settings.rs",
        "compares and writes the client secret of a plugin that keeps it in its settings",
    ),
    (
        "shared/src/salesforce/legacy/token_credential.rs",
        "stores our token in an External Credential of ours where the package's code is known to take it",
    ),
    (
        "shared/src/salesforce/oauth/answer.rs",
        "verifies the signature; refuses an empty token",
    ),
    (
        "shared/src/salesforce/oauth/authorize.rs",
        "puts the state into the authorize URL",
    ),
    (
        "shared/src/salesforce/oauth/token.rs",
        "sends code, verifier, tokens and client secret to the login host",
    ),
    (
        "shared/src/salesforce/pkce.rs",
        "hashes the verifier into its challenge",
    ),
    (
        "shared/src/salesforce/provider_credential.rs",
        "writes the client secret into the org",
    ),
    (
        "shared/src/salesforce/self_records/own.rs",
        "writes the secret of the picklist synchronisation's app into the org",
    ),
    ("shared/src/secret.rs", "defines it"),
    (
        "shared/src/store/aws/manager.rs",
        "writes a document to Secrets Manager",
    ),
    (
        "shared/src/store/bounds.rs",
        "bounds a document's length; knows the tombstone",
    ),
    (
        "shared/src/store/embedded/documents.rs",
        "writes a document to the embedded store's secrets table",
    ),
    ("shared/src/web/cookies.rs", "sets the two cookies"),
    ("shared/src/web/guard.rs", "derives and compares the form's token"),
];

#[test]
fn only_these_read_a_secret() {
    let found: BTreeSet<_> = places(&["shared/src", "functions/", "infra/"], &[".expose()", "::expose"])
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let listed: BTreeSet<_> = READERS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, listed, "left: who reads a secret; right: who may");
    assert!(READERS.iter().all(|(_, reason)| !reason.is_empty()));
}

/// A document of the secret store is the one place where a secret is serialized.
#[test]
fn only_custody_serializes_a_secret() {
    for (path, line) in places(&["shared/src", "functions/"], &["exposed"]) {
        assert!(
            path.starts_with("shared/src/custody/") || path == "shared/src/secret.rs",
            "{path}: {line}"
        );
    }
}

/// Whether a concrete type has a trait: the inherent constant wins where its bound holds.
struct Has<T>(PhantomData<T>);

trait Lacks {
    const DISPLAY: bool = false;
    const SERIALIZE: bool = false;
    const EQUAL: bool = false;
    const ORDERED: bool = false;
    const COPY: bool = false;
}

impl<T> Lacks for Has<T> {}

impl<T: Display> Has<T> {
    const DISPLAY: bool = true;
}

impl<T: Serialize> Has<T> {
    const SERIALIZE: bool = true;
}

impl<T: PartialEq> Has<T> {
    const EQUAL: bool = true;
}

impl<T: PartialOrd> Has<T> {
    const ORDERED: bool = true;
}

impl<T: Copy> Has<T> {
    const COPY: bool = true;
}

macro_rules! traits {
    ($type:ty) => {
        [
            Has::<$type>::DISPLAY,
            Has::<$type>::SERIALIZE,
            Has::<$type>::EQUAL,
            Has::<$type>::ORDERED,
            Has::<$type>::COPY,
        ]
    };
}

macro_rules! secrets {
    ($($name:ident),*) => {{
        $(
            assert_eq!(traits!($name), [false; 5], stringify!($name));
            let shown = format!("{0:?} {0:#?}", $name::new("sesame-open-4711"));
            assert_eq!(shown, concat!(stringify!($name), "([redacted]) ", stringify!($name), "([redacted])"));
        )*
        [$(stringify!($name)),*]
    }};
}

#[test]
fn secrets_cannot_be_shown_serialized_or_compared() {
    assert_eq!(traits!(u32), [true; 5], "the question itself works");
    let tested = secrets!(
        AccessToken,
        AuthorizationCode,
        ClientSecret,
        CodeChallenge,
        CodeIdentifier,
        CodeVerifier,
        HandedOut,
        RefreshToken,
        SecretDocument,
        SecretUrl,
        SigningSecret
    );
    let source = read("shared/src/secret.rs");
    let list = source
        .split("\nsecrets! {")
        .nth(1)
        .and_then(|rest| rest.split("\n}").next())
        .unwrap();
    let declared: Vec<_> = list
        .lines()
        .map(str::trim)
        .filter(|line| line.ends_with(';'))
        .map(|line| line.trim_end_matches(';'))
        .collect();
    assert_eq!(
        declared.iter().collect::<BTreeSet<_>>(),
        tested.iter().collect(),
        "every secret type is tested"
    );
    assert!(source.contains("Zeroizing<String>"), "wiped when dropped");
}

/// No struct keeps a plain text under a name that is a secret's.
#[test]
fn secrets_are_not_kept_as_plain_text() {
    const NAMES: [&str; 10] = [
        "client_secret",
        "access_token",
        "refresh_token",
        "code_identifier",
        "code_challenge",
        "code_verifier",
        "verifier",
        "state",
        "invitation_token",
        "password",
    ];
    for (path, line) in places(&["shared/src", "functions/"], &[": String,", ": Option<String>,"]) {
        let name = line
            .trim_start_matches("pub ")
            .split(':')
            .next()
            .unwrap_or_default()
            .trim();
        let parsing = path == "shared/src/redirect.rs";
        assert!(parsing || !NAMES.contains(&name), "{path}: {line}");
    }
}
