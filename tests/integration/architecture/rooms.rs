//! Which room may do what: clocks, randomness, environment, HTTP clients, the AWS SDK and SQLite each have one; the pure core
//! has none of them.

use super::source::{files, places, shipped};

const PRODUCT: [&str; 2] = ["shared/src", "functions/"];

/// The words stand in these rooms only, and in each of them.
fn only_in(words: &[&str], rooms: &[(&str, &str)]) {
    let found = places(&PRODUCT, words);
    for (path, line) in &found {
        assert!(
            rooms.iter().any(|(room, _)| path.starts_with(room)),
            "{path} has no business with {words:?}: {line}"
        );
    }
    for (room, reason) in rooms {
        assert!(
            found.iter().any(|(path, _)| path.starts_with(room)),
            "{room} no longer needs {words:?} ({reason})"
        );
    }
}

#[test]
fn lambda_types_stay_in_the_functions() {
    only_in(
        &["lambda_http", "lambda_runtime", "aws_lambda_events"],
        &[("functions/", "the glue")],
    );
    assert_eq!(
        places(&["infra/local/src"], &["lambda_http", "aws_lambda_events"]),
        [],
        "the local stack calls plain functions"
    );
}

#[test]
fn the_aws_sdk_stays_in_its_store() {
    only_in(
        &["aws_sdk_", "aws_config", "aws_smithy", "aws_types"],
        &[("shared/src/store/aws/", "the AWS stores")],
    );
    only_in(&["store::aws::"], &[("shared/src/service.rs", "opens the stores")]);
}

/// What a person at the command line may do is what IAM lets through to the API, and nothing beside it.
#[test]
fn the_command_line_knows_only_the_api() {
    let cli = ["infra/operator-cli/src"];
    assert_eq!(places(&cli, &["aws_sdk_", "store::", "service::", "custody::"]), []);
    let signs = places(&cli, &["aws_config", "aws_sigv4", "aws_credential_types"]);
    assert!(!signs.is_empty());
    for (path, line) in signs {
        assert_eq!(path, "infra/operator-cli/src/signature.rs", "{line}");
    }
}

#[test]
fn sqlite_stays_in_its_store() {
    only_in(&["rusqlite"], &[("shared/src/store/embedded/", "the embedded store")]);
}

#[test]
fn http_clients_are_built_in_one_place() {
    only_in(&["reqwest"], &[("shared/src/outbound/", "the way out")]);
    only_in(
        &["Client::builder"],
        &[("shared/src/outbound/client.rs", "the one place")],
    );
    only_in(
        &["Outbound::new"],
        &[("shared/src/service.rs", "once for each process")],
    );
}

#[test]
fn the_environment_is_read_in_one_place() {
    only_in(&["env::"], &[("shared/src/config.rs", "the configuration")]);
    assert_eq!(places(&PRODUCT, &["option_env!(", "set_var", "remove_var"]), []);
}

#[test]
fn time_and_randomness_are_arguments() {
    only_in(
        &["SystemTime::now", "Instant::now", "Timestamp::now"],
        &[("shared/src/clock.rs", "the clock")],
    );
    only_in(
        &["SystemClock"],
        &[
            ("shared/src/clock.rs", "defines it"),
            ("shared/src/service.rs", "hands it to the functions"),
            (
                "shared/src/outbound/retry.rs",
                "an upstream's Retry-After date without its own Date",
            ),
        ],
    );
    only_in(&["rand::", "getrandom"], &[("shared/src/random.rs", "randomness")]);
    only_in(
        &["SystemRandom"],
        &[
            ("shared/src/random.rs", "defines it"),
            (
                "shared/src/store/aws/mod.rs",
                "marks each write, to know it again when its answer is lost",
            ),
            ("shared/src/service.rs", "hands it to the functions"),
        ],
    );
}

/// The pure core: values in, values out.
const PURE: [&str; 52] = [
    "shared/src/akeneo/authorize.rs",
    "shared/src/akeneo/challenge.rs",
    "shared/src/akeneo/pim_url",
    "shared/src/akeneo/scope.rs",
    "shared/src/akeneo/verdict.rs",
    "shared/src/connection/aggregate.rs",
    "shared/src/connection/akeneo_side.rs",
    "shared/src/connection/by_hand.rs",
    "shared/src/connection/customer_client.rs",
    "shared/src/connection/health.rs",
    "shared/src/connection/install.rs",
    "shared/src/connection/runner.rs",
    "shared/src/connection/salesforce_side.rs",
    "shared/src/connection/self_callout.rs",
    "shared/src/connection/id.rs",
    "shared/src/connection/stage.rs",
    "shared/src/connection/standing.rs",
    "shared/src/events/event.rs",
    "shared/src/health/assess.rs",
    "shared/src/outbound/address.rs",
    "shared/src/outbound/destination.rs",
    "shared/src/outbound/permit.rs",
    "shared/src/page/",
    "shared/src/redirect.rs",
    "shared/src/salesforce/capability.rs",
    "shared/src/salesforce/client_app/metadata.rs",
    "shared/src/salesforce/host.rs",
    "shared/src/salesforce/login.rs",
    "shared/src/salesforce/oauth/answer.rs",
    "shared/src/salesforce/oauth/authorize.rs",
    "shared/src/salesforce/oauth/callback.rs",
    "shared/src/salesforce/oauth/refusal.rs",
    "shared/src/salesforce/parameter.rs",
    "shared/src/salesforce/pkce.rs",
    "shared/src/salesforce/record_id.rs",
    "shared/src/salesforce/requested_scopes.rs",
    "shared/src/secret.rs",
    "shared/src/store/bounds.rs",
    "shared/src/web/",
    "shared/src/wiring/by_hand.rs",
    "shared/src/wiring/desired.rs",
    "shared/src/wiring/drift.rs",
    "shared/src/wiring/finding.rs",
    "shared/src/wiring/legacy/drift.rs",
    "shared/src/wiring/legacy/finding.rs",
    "shared/src/wiring/legacy/note.rs",
    "shared/src/wiring/legacy/plan.rs",
    "shared/src/wiring/memory.rs",
    "shared/src/wiring/plan.rs",
    "shared/src/wiring/schedule.rs",
    "shared/src/wiring/self_callout/drift.rs",
    "shared/src/wiring/self_callout/finding.rs",
];

#[test]
fn the_core_is_pure() {
    const IMPURE: [&str; 14] = [
        "async ",
        ".await",
        "tokio",
        "reqwest",
        "std::fs",
        "std::net::Tcp",
        "std::process",
        "std::thread",
        "Services",
        "Deadline",
        "SystemClock",
        "dyn Clock",
        "tracing::",
        "static mut",
    ];
    let product = shipped(&["shared/src"]);
    for room in PURE {
        let mut inside = product.iter().filter(|file| file.path.starts_with(room)).peekable();
        assert!(inside.peek().is_some(), "{room} is gone");
        for file in inside {
            for word in IMPURE {
                let line = file.text.lines().find(|line| line.contains(word));
                // A template that fails has nobody else to tell.
                let excused = line.is_some() && file.path == "shared/src/page/mod.rs" && word == "tracing::";
                assert_eq!(line.is_some(), excused, "{} and {word}: {line:?}", file.path);
            }
        }
    }
}

/// A span or an event takes only the fields that somebody chose.
#[test]
fn spans_record_no_arguments_by_themselves() {
    for (path, line) in places(
        &PRODUCT,
        &["#[instrument", "tracing::instrument]", "tracing::instrument("],
    ) {
        assert!(line.contains("skip_all"), "{path}: {line}");
    }
    assert_eq!(places(&PRODUCT, &["dbg!(", "{:#?}"]), []);
}

#[test]
fn mains_are_small() {
    let mains: Vec<_> = files()
        .into_iter()
        .filter(|file| file.path.starts_with("functions/") && file.path.ends_with("/main.rs"))
        .collect();
    assert_eq!(mains.len(), 5);
    for main in mains {
        assert!(main.text.lines().count() <= 36, "{}", main.path);
    }
    only_in(&["tokio::main"], &[("functions/", "the binaries")]);
    only_in(&["telemetry::start"], &[("functions/", "the binaries")]);
}
