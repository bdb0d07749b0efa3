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

/// What a front hands on of a request that a client made by hand.
fn event(path: &str, query: &str, host: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": { "host": host, "x-forwarded-proto": host }, "isBase64Encoded": false,
        "requestContext": { "accountId": "1", "apiId": "a", "domainName": host, "domainPrefix": "a", "requestId": "r", "routeKey": "$default",
            "stage": "$default", "time": "t", "timeEpoch": 1,
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "x" } },
    })
}

/// The library panics over characters that no URI can hold; our functions must not, because each panic is an alarm.
#[test]
fn an_odd_path_query_or_host_is_a_request_like_any_other() {
    let read = |path: &str, query: &str, host: &str| {
        let event = connector::web::readable(event(path, query, host)).to_string();
        let request = lambda_http::request::from_str(&event).unwrap();
        (
            request.uri().path().to_owned(),
            request.uri().query().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(
        read("/setup", "code=<\"&state=%22", "a b"),
        ("/setup".to_owned(), "code=%3C%22&state=%22".to_owned())
    );
    assert_eq!(
        read("/setup/a?b", "x=1", "["),
        ("/setup/a%3Fb".to_owned(), "x=1".to_owned())
    );
    assert_eq!(read("/setup/\0", "", ""), ("/setup/%00".to_owned(), String::new()));
}

proptest! {
    #[test]
    fn any_path_query_and_host(path in "\\PC{0,20}", query in any::<String>(), host in "\\PC{0,12}") {
        let event = connector::web::readable(event(&path, &query, &host)).to_string();
        // An event that is refused is a refusal; only a panic would not be.
        drop(lambda_http::request::from_str(&event));
    }
}

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
