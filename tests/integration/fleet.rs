//! Lists without a last number: everything is met once, page by page, and what one request has no time for is gone on with.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use connector::clock::Deadline;
use connector::config::Config;
use connector::connection::{
    AuditEvent, Connection, ConnectionId, NewInvitation, Terms, invite, load_connection, record_audit,
};
use connector::service::Services;
use connector::store::embedded::EmbeddedStore;
use connector::store::{Due, Expect, Key, Queue, Record};
use http::Method;
use operator::Person;
use serde_json::{Value, json};

/// A service with so many connections, named in order.
async fn fleet(size: usize) -> (Services, Vec<ConnectionId>) {
    let pairs = [
        ("CONNECTOR_PUBLIC_URL", "https://connect.example.com"),
        ("CONNECTOR_STORE", "embedded:unused"),
        ("CONNECTOR_CONSOLE_ISSUER", "https://login.example.com"),
        ("CONNECTOR_CONSOLE_CLIENT_ID", "console"),
    ];
    let config = Config::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
    let store = Arc::new(EmbeddedStore::in_memory().unwrap());
    let services = Services::with_stores(config, (store.clone(), store)).unwrap();
    let new = NewInvitation {
        customer: "Customer".to_owned(),
        terms: Terms::default(),
        life: Duration::from_secs(14 * 24 * 3600),
        connection: None,
        by: None,
    };
    let (first, _) = invite(&services, new).await.unwrap();
    let mut ids = vec![first.id.clone()];
    // The same as many invitations, in one write each. Most are in one queue, some in others.
    for number in 1..size {
        let id = ConnectionId::parse(&format!("{number:020x}")).unwrap();
        let connection = Connection {
            id: id.clone(),
            customer: format!("Customer {number:05}"),
            ..first.clone()
        };
        let mut record = Record::new(Key::new(format!("connection#{id}"), "connection"), &connection).unwrap();
        let queue = match number % 20 {
            0 => Queue::Wiring,
            1 => Queue::Health,
            _ => Queue::Idle,
        };
        let at = first.created_at;
        record.due = Some(Due { queue, at });
        services.records.put(&record, Expect::Absent).await.unwrap();
        ids.push(id);
    }
    (services, ids)
}

async fn call(services: &Services, method: Method, target: &str, body: &Value) -> (u16, Value) {
    let person = Person::of_claims(|name| (name == "sub").then_some("casey"));
    let built = http::Request::builder().method(method).uri(target);
    let request = connector::web::Request::from(built.body(body.to_string()).unwrap());
    let reply = operator::respond_to(services, &request, person.as_ref()).await;
    let said = serde_json::from_str(reply.body()).unwrap_or_default();
    (reply.status().as_u16(), said)
}

async fn get(services: &Services, target: &str) -> Value {
    let (status, said) = call(services, Method::GET, target, &Value::Null).await;
    assert_eq!(status, 200, "{target}: {said}");
    said
}

/// The rows of a list to its end, and how many pages there were.
async fn pages(services: &Services, target: &str, rows: &str) -> (Vec<Value>, usize) {
    let (mut all, mut cursor, mut count) = (Vec::new(), String::new(), 0);
    loop {
        let page = get(services, &format!("{target}{cursor}")).await;
        all.extend(page[rows].as_array().unwrap().iter().cloned());
        count += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (all, count),
        }
        assert!(count < 1000, "it comes to an end");
    }
}

fn ids_of(rows: &[Value]) -> BTreeSet<String> {
    let ids = rows.iter().map(|row| row["connection"].as_str().unwrap().to_owned());
    ids.collect()
}

#[tokio::test]
async fn a_list_of_many_is_met_whole_in_every_order() {
    const SIZE: usize = 1200;
    let (services, ids) = fleet(SIZE).await;
    let expect: BTreeSet<_> = ids.iter().map(ToString::to_string).collect();
    for target in [
        "/operator/connections?limit=500",
        "/operator/connections?limit=500&sort=customer&order=desc",
        "/operator/connections?limit=500&sort=queue",
        "/console/api/connections?limit=500",
        "/console/api/connections?limit=500&order=name",
    ] {
        let (rows, count) = pages(&services, target, "connections").await;
        assert_eq!((rows.len(), ids_of(&rows)), (SIZE, expect.clone()), "{target}");
        assert!((3..=6).contains(&count), "{target}: {count} pages");
    }
    let found = get(&services, "/operator/connections?text=customer%20002&limit=10").await;
    assert_eq!(
        (&found["found"], found["connections"].as_array().unwrap().len()),
        (&json!(100), 10)
    );
    let read = pages(
        &services,
        "/operator/connections?text=customer%20002&limit=10&sort=queue",
        "connections",
    )
    .await;
    assert_eq!(read.0.len(), 100);

    let overview = get(&services, "/console/api/connections?limit=1&text=customer%20002").await;
    assert_eq!(
        (&overview["total"], &overview["found"], &overview["complete"]),
        (&json!(SIZE), &json!(100), &json!(true))
    );
    assert_eq!(overview["funnel"][0]["reached"], json!(SIZE));
    let sweep = get(&services, "/operator/sweep").await;
    let sizes: u64 = sweep["queues"]
        .as_object()
        .unwrap()
        .values()
        .map(|queue| queue["size"].as_u64().unwrap())
        .sum();
    assert_eq!((sizes, &sweep["counted"]), (SIZE as u64, &json!(true)));
}

#[tokio::test]
async fn the_console_s_filters_and_orders_are_the_service_s() {
    let (services, _) = fleet(7).await;
    let names = async |query: &str| {
        let said = get(&services, &format!("/console/api/connections?{query}")).await;
        let rows = said["connections"].as_array().unwrap().clone();
        rows.iter()
            .map(|row| row["customer"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("order=name&limit=2").await, ["Customer", "Customer 00001"]);
    assert_eq!(names("text=%2000003").await, ["Customer 00003"]);
    assert_eq!(names("text=SALESFORCE%20IS%20NOT").await.len(), 7, "the stage's words");
    assert_eq!(names("who=pim_admin").await.len(), 0);
    assert_eq!(
        names("who=salesforce_admin,pim_admin&health=none&milestone=0")
            .await
            .len(),
        7
    );
    for (query, expect) in [
        ("health=good", 0),
        ("health=trouble", 0),
        ("milestone=6", 0),
        ("order=waiting", 7),
    ] {
        assert_eq!(names(query).await.len(), expect, "{query}");
    }
    for (query, status) in [
        ("milestone=7", 422),
        ("milestone=x", 422),
        ("order=old", 422),
        ("colour=blue", 422),
        ("limit=501", 422),
        ("cursor=zz", 422),
        ("cursor=ff", 404),
    ] {
        let target = format!("/console/api/connections?{query}");
        assert_eq!(
            call(&services, Method::GET, &target, &Value::Null).await.0,
            status,
            "{query}"
        );
    }
}

#[tokio::test]
async fn cursors_that_nobody_was_given_lead_nowhere() {
    let (services, ids) = fleet(3).await;
    let hex = |text: &str| hex::encode(text);
    let of = format!("/operator/connections/{}/timeline?cursor={}", ids[0], hex("x"));
    for target in [
        of,
        format!("/operator/connections?sort=queue&cursor={}", hex("health")),
        format!("/operator/connections?sort=queue&cursor={}", hex("health:x")),
        "/operator/connections?cursor=ff".to_owned(),
        format!("/operator/audit?cursor={}", hex(&format!("{}:x", ids[1]))),
    ] {
        let (status, said) = call(&services, Method::GET, &target, &Value::Null).await;
        assert_eq!((status, &said["code"]), (404, &json!("no_page")), "{target}");
    }
    for (cursor, status) in [
        (hex("none/nothing:"), 404),
        (hex("what/health:"), 404),
        ("ff".to_owned(), 404),
        ("x".to_owned(), 422),
    ] {
        let body = json!({ "confirm": "REVOKE-ALL", "cursor": cursor });
        let (found, said) = call(&services, Method::POST, "/operator/revoke-all", &body).await;
        assert_eq!(found, status, "{cursor}: {said}");
    }
}

/// How many connections are open.
async fn open(services: &Services, ids: &[ConnectionId]) -> usize {
    let mut open = 0;
    for id in ids {
        let found = load_connection(services, id).await.unwrap().unwrap();
        open += usize::from(found.revoked_at.is_none());
    }
    open
}

#[tokio::test]
async fn everything_is_revoked_in_as_many_calls_as_it_takes() {
    let (services, ids) = fleet(620).await;
    // A call without time revokes one and says where to go on.
    let mut cursor = None;
    for left in (610..620).rev() {
        let did = operator::revoke_some(&services, cursor.as_deref(), None, Deadline::after(Duration::ZERO))
            .await
            .unwrap();
        assert_eq!(did.revoked, 1);
        assert!(did.remaining > 0);
        let next = hex::decode(did.next_cursor.unwrap()).unwrap();
        cursor = Some(String::from_utf8(next).unwrap());
        assert_eq!(open(&services, &ids).await, left);
    }
    // From the cursor, or from the beginning, the rest is done; nobody is revoked twice.
    let body = json!({ "confirm": "REVOKE-ALL", "cursor": hex::encode(cursor.unwrap()) });
    let (mut revoked, mut body) = (10, body);
    loop {
        let (status, did) = call(&services, Method::POST, "/operator/revoke-all", &body).await;
        assert_eq!(status, 200, "{did}");
        revoked += did["revoked"].as_u64().unwrap();
        if did["next_cursor"].is_null() {
            assert_eq!(did["remaining"], 0);
            break;
        }
        body["cursor"] = did["next_cursor"].clone();
    }
    assert_eq!((revoked, open(&services, &ids).await), (620, 0));
    let again = call(
        &services,
        Method::POST,
        "/operator/revoke-all",
        &json!({ "confirm": "REVOKE-ALL" }),
    )
    .await
    .1;
    assert_eq!(
        again,
        json!({ "revoked": 0, "looked_at": 620, "remaining": 0, "next_cursor": null })
    );
    let (trail, _) = pages(
        &services,
        &format!("/operator/connections/{}/timeline?limit=50", ids[7]),
        "timeline",
    )
    .await;
    assert_eq!(trail.iter().filter(|entry| entry["event"] == "revoked").count(), 1);
}

/// A trail is exported in pieces that fit together, oldest first, whatever the size of a page; a page ends in the middle of one.
#[tokio::test]
async fn an_export_goes_on_inside_a_long_trail() {
    let (services, ids) = fleet(4).await;
    let change = |number: usize| AuditEvent::Applied {
        change: format!("change {number:03}"),
    };
    for number in 0..60 {
        record_audit(&services, &ids[2], change(number)).await.unwrap();
        record_audit(&services, &ids[number % 2], change(number)).await.unwrap();
    }
    let keys = |rows: &[Value]| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        rows.iter()
            .map(|row| (text(&row["connection"]), text(&row["at"])))
            .collect()
    };
    let (whole, once) = pages(&services, "/operator/audit?limit=5000", "entries").await;
    assert_eq!((whole.len(), once), (1 + 60 + 60, 1));
    assert!(keys(&whole).is_sorted(), "by id, then by time");
    for limit in [1, 7, 60, 61, 121] {
        let (rows, count) = pages(&services, &format!("/operator/audit?limit={limit}"), "entries").await;
        assert_eq!(rows, whole, "{limit}");
        assert!(count <= 121_usize.div_ceil(limit) + 4, "{limit}: {count} pages");
        for page in get(&services, &format!("/operator/audit?limit={limit}")).await["entries"]
            .as_array()
            .iter()
        {
            assert!(page.len() <= limit);
        }
    }
    let one = format!("/operator/audit?limit=9&connection={}", ids[2]);
    let (rows, _) = pages(&services, &one, "entries").await;
    assert_eq!(rows.len(), 60);
    let (from, to) = (rows[20]["at"].as_str().unwrap(), rows[39]["at"].as_str().unwrap());
    let (part, _) = pages(&services, &format!("{one}&since={from}&until={to}"), "entries").await;
    assert_eq!(part, rows[20..40]);

    let timeline = format!("/console/api/connections/{}/timeline?limit=25", ids[2]);
    let (told, count) = pages(&services, &timeline, "timeline").await;
    assert_eq!((told.len(), count), (60, 3));
    assert_eq!(told[0]["words"], "The service changed the org (change: change 059)");
}

/// What a page of a customer shows is the beginning of the whole timeline.
#[tokio::test]
async fn a_customer_s_page_says_where_its_timeline_goes_on() {
    let (services, ids) = fleet(1).await;
    let id = &ids[0];
    for _ in 0..130 {
        record_audit(&services, id, AuditEvent::CheckAsked).await.unwrap();
    }
    let shown = get(&services, &format!("/console/api/connections/{id}")).await;
    let older = shown["next_cursor"].as_str().unwrap();
    let rest = get(
        &services,
        &format!("/console/api/connections/{id}/timeline?cursor={older}"),
    )
    .await;
    let count = |page: &Value| page["timeline"].as_array().unwrap().len();
    assert_eq!(
        (count(&shown), count(&rest), &rest["next_cursor"]),
        (100, 31, &Value::Null)
    );
    let details = get(&services, &format!("/operator/connections/{id}")).await;
    assert_eq!(details["timeline_next_cursor"], older);
}
