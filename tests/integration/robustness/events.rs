//! Whole requests and events, through the handlers and the embedded store.

use connector_tests::entrances::service::Service;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static BENCH: (Runtime, Service) = {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        (runtime, Service::build().unwrap())
    };
}

/// JSON of any shape.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        Just(json!("0123456789abcdef0123")),
        Just(json!("connection#0123456789abcdef0123")),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            2 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned),
            1 => "\\PC{0,8}",
        ];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((name, inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

const NAMES: [&str; 17] = [
    "customer",
    "pim_host",
    "org_type",
    "callback",
    "connection",
    "expires_in_days",
    "Records",
    "dynamodb",
    "Keys",
    "pk",
    "sk",
    "S",
    "SequenceNumber",
    "NewImage",
    "eventName",
    "source",
    "detail",
];
const PARTS: [&str; 26] = [
    "/",
    "//",
    "/setup",
    "/setup/",
    "salesforce",
    "akeneo",
    "authorize",
    "principal",
    "progress",
    "assets",
    "page.css",
    "handoff",
    "check",
    "leave",
    "/akeneo/0123456789abcdef0123/callback",
    "/akeneo/0123456789abcdef0123/activate",
    "/salesforce/callback",
    "operator",
    "connections",
    "invitations",
    "0123456789abcdef0123",
    "?",
    "code=abc&state=connector-setup.abc",
    "pim_url=https://x.example",
    "..",
    "%2f",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_invitation(value in any_json(), bytes in vec(any::<u8>(), 0..200)) {
        BENCH.with(|(runtime, service)| runtime.block_on(async {
            service.operator_json(value.to_string().as_bytes()).await;
            service.operator_json(&bytes).await;
        }));
    }

    #[test]
    fn any_event(value in any_json()) {
        BENCH.with(|(runtime, service)| runtime.block_on(service.stream_event(value.to_string().as_bytes())));
    }

    /// Records that are nearly right.
    #[test]
    fn any_stream_record(pk in any_json(), sk in any_json(), sequence in any_json(), times in 0_usize..4) {
        let record = json!({ "dynamodb": { "Keys": { "pk": { "S": pk }, "sk": { "S": sk } }, "SequenceNumber": sequence } });
        let event = json!({ "Records": vec![record; times] });
        BENCH.with(|(runtime, service)| runtime.block_on(service.stream_event(event.to_string().as_bytes())));
    }

    #[test]
    fn any_request(
        method in any::<u8>(),
        parts in vec(prop::sample::select(&PARTS[..]), 0..5),
        tail in "\\PC{0,20}",
        cookies in "(__Host-(setup|browser)=[a-z]{0,9}; ?){0,3}\\PC{0,9}",
        body in "(csrf|leg|base_url|client_id|client_secret|org_kind|my_domain|&|=|%|[a-z]){0,12}",
    ) {
        let target = parts.concat() + &tail;
        let request = |(runtime, service): &(Runtime, Service)| {
            runtime.block_on(service.http_request(method, &target, cookies.as_bytes(), body.as_bytes()));
        };
        BENCH.with(request);
    }
}

#[test]
fn deep_and_long_json_is_refused() {
    let deep = "[".repeat(100_000);
    let nested = "{\"customer\":".repeat(10_000);
    let long = json!({ "customer": "a".repeat(5_000_000) }).to_string();
    let many = format!("{{{}\"x\":1}}", "\"a\":1,".repeat(2_000));
    BENCH.with(|(runtime, service)| {
        for body in [&deep, &nested, &long, &many] {
            runtime.block_on(service.operator_json(body.as_bytes()));
            runtime.block_on(service.stream_event(body.as_bytes()));
        }
    });
}
