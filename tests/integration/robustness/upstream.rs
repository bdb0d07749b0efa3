//! Answers of the PIM and the org that nobody would expect, to each of the sixteen calls.

use connector_tests::entrances::upstream::Upstream;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static BENCH: (Runtime, Upstream) = {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let upstream = runtime.block_on(Upstream::start()).unwrap();
        (runtime, upstream)
    };
}

fn answer(call: u8, shape: u8, body: &[u8]) {
    BENCH.with(|(runtime, upstream)| runtime.block_on(upstream.answer_with(call, shape, body)));
}

/// Good answers of both sides, to be broken.
fn good() -> [Value; 8] {
    [
        json!({ "access_token": "abc", "token_type": "bearer", "scope": "read_products read_catalogs", "expires_in": 1 }),
        json!({ "error": "invalid_grant", "error_description": "Code has expired" }),
        json!({ "access_token": "00Dxx0000001gER!AQ.x", "refresh_token": "5Aep.y", "signature": "AAAA", "scope": "api",
            "instance_url": "https://acme.my.salesforce.com", "id": "https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001Sv6eAAC",
            "token_type": "Bearer", "issued_at": "1716295200000" }),
        json!([{ "label": "Winter '26", "url": "/services/data/v65.0", "version": "65.0" }, { "version": "66.0" }, { "version": 67 }]),
        json!({ "totalSize": 1, "done": true, "nextRecordsUrl": "/services/data/v65.0/query/x", "records": [{ "attributes": {}, "Id": "00Dxx0000001gEREAY",
            "Name": "Acme", "IsSandbox": false, "OrganizationType": "x", "NamespacePrefix": "ns", "DeveloperName": "Akeneo" }] }),
        json!({ "developerName": "Akeneo", "masterLabel": "Akeneo", "fullName": "ns__Akeneo", "id": "0XA4H000000TNRhWAO", "parameters":
            [{ "parameterName": "a", "parameterType": "AuthProvider", "parameterValue": "b", "sequenceNumber": 1 }], "principals": [],
            "authenticationStatus": "Configured", "calloutStatus": "Enabled", "type": "SecuredEndpoint", "calloutUrl": "https://x.example" }),
        json!({ "credentials": { "clientId": { "value": "x", "encrypted": false } }, "FullName": "ns__Akeneo", "Metadata": {} }),
        json!([{ "errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid", "fields": [] }]),
    ]
}

/// The same value with one place changed.
fn broken(value: &mut Value, path: &mut impl Iterator<Item = usize>, by: &Value) {
    let at = path.next().unwrap_or_default();
    let into = path.next().is_some_and(|step| step % 3 != 0);
    match value {
        Value::Object(fields) if into && !fields.is_empty() => {
            let index = at % fields.len();
            if let Some(inner) = fields.values_mut().nth(index) {
                broken(inner, path, by);
            }
        }
        Value::Array(items) if into && !items.is_empty() => {
            let index = at % items.len();
            broken(&mut items[index], path, by);
        }
        _ => *value = by.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(call in any::<u8>(), shape in any::<u8>(), body in vec(any::<u8>(), 0..300)) {
        answer(call, shape, &body);
    }

    #[test]
    fn good_answers_broken_in_one_place(
        call in any::<u8>(), shape in any::<u8>(), which in 0_usize..8, path in vec(any::<usize>(), 0..8), text in "\\PC{0,20}", kind in 0..6,
    ) {
        let by = [json!(null), json!(text), json!(-1), json!([]), json!({}), json!(1e300)][usize::try_from(kind).unwrap()].clone();
        let mut body = good()[which].clone();
        broken(&mut body, &mut path.into_iter(), &by);
        answer(call, shape, body.to_string().as_bytes());
    }

    #[test]
    fn good_answers_cut_short(call in any::<u8>(), which in 0_usize..8, cut in 0_usize..400) {
        let body = good()[which].to_string();
        answer(call, 0, &body.as_bytes()[..cut.min(body.len())]);
    }
}

#[test]
fn floods_and_depths_end() {
    let deep = "[".repeat(200_000);
    let objects = "{\"records\":[".repeat(50_000);
    let flood = format!("[{}1]", "1,".repeat(3_000_000));
    for call in 0..16 {
        for body in [&deep, &objects, &flood] {
            answer(call, 0, body.as_bytes());
        }
        answer(call, 6, flood.as_bytes());
    }
}
