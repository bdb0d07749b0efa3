//! Every operation against the local stack.

use connector_local::stack::{Options, Stack};
use serde_json::{Value, json};

use super::program::{Ended, unsigned};

struct Desk {
    stack: Stack,
    endpoint: String,
}

impl Desk {
    async fn open() -> Self {
        let stack = Stack::start(Options::default()).await.unwrap();
        let endpoint = stack.url.to_string();
        Self { stack, endpoint }
    }

    async fn say(&self, arguments: &[&str]) -> Ended {
        unsigned(&self.endpoint, arguments).await
    }

    async fn ask(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(arguments);
        self.say(&all).await.json()
    }

    async fn invite(&self, customer: &str) -> String {
        let made = self.ask(&["invite", customer]).await;
        made["connection"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_connection_from_its_link_to_its_end() {
    let desk = Desk::open().await;
    let made = desk
        .say(&["invite", "Acme GmbH", "--org-type", "sandbox", "--letter", "de"])
        .await;
    assert_eq!(made.code, 0, "{made:?}");
    let link = format!("{}setup/", desk.endpoint);
    assert_eq!(
        made.said.matches(&link).count(),
        2,
        "in the table and in the letter: {}",
        made.said
    );

    let rows = desk
        .ask(&["list", "--text", "acme g", "--who", "salesforce_admin"])
        .await;
    assert_eq!(rows["connections"].as_array().unwrap().len(), 1, "{rows}");
    assert_eq!(rows["connections"][0]["org_type"], "sandbox");
    let id = rows["connections"][0]["connection"].as_str().unwrap().to_owned();
    let table = desk.say(&["list"]).await.said;
    assert!(
        table.contains(&id) && table.contains("Acme GmbH") && table.ends_with("1 of 1 connections\n"),
        "{table}"
    );

    let paused = desk.ask(&["pause", &id]).await;
    assert!(paused["paused_at"].is_string(), "{paused}");
    assert_eq!(desk.ask(&["list", "--paused"]).await["found"], 1);
    assert_eq!(desk.ask(&["list", "--paused", "false"]).await["found"], 0);
    assert_eq!(desk.ask(&["resume", &id]).await["paused_at"], Value::Null);

    let laid = [
        "terms",
        &id,
        "--heal",
        "callouts",
        "--health-period-seconds",
        "600",
        "--org-type",
        "any",
        "--pim-host",
        "acme.example",
    ];
    desk.ask(&laid).await;
    let terms = desk.ask(&["show", &id]).await["terms"].clone();
    let shown = ["heal", "health_period_seconds", "org_type", "pim_host"].map(|field| terms[field].clone());
    assert_eq!(json!(shown), json!(["callouts", 600, null, "acme.example"]));
    desk.ask(&["terms", &id, "--health-period-seconds", "usual"]).await;
    let terms = desk.ask(&["show", &id]).await["terms"].clone();
    assert_eq!(
        (&terms["health_period_seconds"], &terms["heal"]),
        (&Value::Null, &json!("callouts"))
    );

    let again = desk.ask(&["resend", &id]).await;
    assert_eq!(again["connection"], json!(id));
    assert!(again["link"].as_str().unwrap().starts_with(&link), "{again}");
    assert_eq!(desk.ask(&["revoke", &id]).await["stage"], "revoked");

    let latest = desk.ask(&["timeline", &id, "--limit", "1"]).await;
    assert_eq!(latest["timeline"].as_array().unwrap().len(), 1);
    assert_eq!(latest["timeline"][0]["event"], "revoked");
    let table = desk.say(&["show", &id]).await.said;
    for word in ["revoked", "terms_changed", "paused", "acme.example"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    assert!(desk.ask(&["sweep"]).await["queues"]["closed"]["size"] == 1);

    let said = desk.say(&["certificate", &id]).await;
    assert_eq!(said.code, 3, "{said:?}");
    let begun = desk.ask(&["offboard", &id, "--blank-org", "false"]).await;
    assert_eq!(
        (&begun["blank_org"], &begun["without_org"]),
        (&json!(false), &json!(false))
    );
    let table = desk.say(&["certificate", &id]).await.said;
    for word in ["links", "gone", "stays: The package in the org"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    desk.stack.stop().await;
}

#[tokio::test]
async fn pages_are_followed_to_the_end_or_to_the_limit() {
    let desk = Desk::open().await;
    for customer in ["A", "B", "C"] {
        desk.invite(customer).await;
    }
    let names = |rows: &Value| {
        let rows = rows["connections"].as_array().unwrap();
        rows.iter()
            .map(|row| row["customer"].as_str().unwrap().to_owned())
            .collect::<String>()
    };
    let sorted = ["list", "--sort", "customer", "--order", "desc"];
    let all = desk.ask(&sorted).await;
    assert_eq!((names(&all).as_str(), &all["next_cursor"]), ("CBA", &Value::Null));
    let two = desk.ask(&[&sorted[..], &["--limit", "2"]].concat()).await;
    assert_eq!((names(&two).as_str(), &two["found"]), ("CB", &json!(3)));

    let csv = desk.say(&["audit"]).await.said;
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert_eq!(lines[0], "at,connection,customer,event,by,details,trace");
    assert_eq!(lines.iter().filter(|line| line.starts_with("at,")).count(), 1);
    assert_eq!(
        lines.len(),
        1 + 3 + 1,
        "a heading, one entry each, and the last line's end: {csv}"
    );
    let exported = desk
        .say(&["audit", "--format", "json", "--since", "2020-01-01T00:00:00Z"])
        .await
        .json();
    assert_eq!(exported["entries"].as_array().unwrap().len(), 3);
    let none = desk
        .say(&["audit", "--format", "json", "--until", "2020-01-01T00:00:00Z"])
        .await
        .json();
    assert_eq!(none, json!({ "entries": [] }));
    desk.stack.stop().await;
}

#[tokio::test]
async fn everything_is_revoked_only_on_the_word() {
    let desk = Desk::open().await;
    for customer in ["A", "B"] {
        desk.invite(customer).await;
    }
    for wrong in [&["revoke-all"][..], &["revoke-all", "--yes", "yes"]] {
        assert_eq!(desk.say(wrong).await.code, 2);
    }
    assert_eq!(desk.ask(&["list", "--stage", "revoked"]).await["found"], 0);
    let done = desk.say(&["revoke-all", "--yes", "REVOKE-ALL"]).await;
    assert_eq!(
        (done.code, done.said.as_str()),
        (0, "2 connections revoked, none remain\n"),
        "{done:?}"
    );
    assert_eq!(desk.ask(&["list", "--stage", "revoked"]).await["found"], 2);
    let again = desk.ask(&["revoke-all", "--yes", "REVOKE-ALL"]).await;
    assert_eq!(again, json!({ "revoked": 0, "remaining": 0 }));
    desk.stack.stop().await;
}
