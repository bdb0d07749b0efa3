//! Commands as requests: pure, one place per command.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::arguments::{Audit, Command, Invite, Laid, List, Setting};

/// The most rows that the API answers with at once.
const PAGE: usize = 500;

/// What signatures are over: everything encoded but RFC 3986's unreserved characters, so that nobody on the way has to encode it again.
const SIGNED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request to the API.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its method.
    pub(crate) method: Method,
    /// Its path.
    pub(crate) path: String,
    /// Its parameters, in order.
    pub(crate) query: Vec<(&'static str, String)>,
    /// Its body, if it has one.
    pub(crate) body: Option<Value>,
}

impl Call {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
        }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// With this body.
    pub(crate) fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// With this parameter, where there is a value.
    pub(crate) fn asking(mut self, name: &'static str, value: Option<&str>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_owned())));
        self
    }

    /// One page of at most so many rows.
    pub(crate) fn page(self, rows: usize, cursor: Option<&str>) -> Self {
        let rows = rows.min(PAGE).to_string();
        self.asking("limit", Some(&rows)).asking("cursor", cursor)
    }

    /// Path and query.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let pairs = self
            .query
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, SIGNED)));
        format!("{}?{}", self.path, pairs.collect::<Vec<_>>().join("&"))
    }
}

/// The request that a command is. Lists are asked for page by page, and everything is revoked call by call: those begin here.
pub(crate) fn call(command: &Command) -> Call {
    let of = |id: &connector::connection::ConnectionId, rest: &str| format!("/operator/connections/{id}{rest}");
    match command {
        Command::Invite(new) => Call::post("/operator/invitations").with(invitation(new)),
        Command::Resend { connection, .. } => Call::post(of(connection, "/resend")),
        Command::List(list) => listed(list),
        Command::Show(one) => Call::get(of(&one.connection, "")),
        Command::Timeline { connection, .. } => Call::get(of(connection, "/timeline")),
        Command::Check(one) => Call::post(of(&one.connection, "/check")),
        Command::Repair(one) => Call::post(of(&one.connection, "/repair")),
        Command::Pause(one) => Call::post(of(&one.connection, "/pause")),
        Command::Resume(one) => Call::post(of(&one.connection, "/resume")),
        Command::Rotate(one) => Call::post(of(&one.connection, "/rotate")),
        Command::Revoke(one) => Call::post(of(&one.connection, "/revoke")),
        Command::Offboard {
            connection,
            blank_org,
            without_org,
        } => {
            Call::post(of(connection, "/offboard")).with(json!({ "blank_org": blank_org, "without_org": without_org }))
        }
        Command::Certificate(one) => Call::get(of(&one.connection, "/certificate")),
        Command::Terms(terms) => Call::new(Method::PATCH, of(&terms.connection, "/terms")).with(laid(&terms.laid)),
        Command::Audit(wanted) => exported(wanted),
        Command::RevokeAll { yes } => Call::post("/operator/revoke-all").with(json!({ "confirm": yes })),
        Command::Sweep | Command::Completions { .. } => Call::get("/operator/sweep"),
    }
}

fn invitation(new: &Invite) -> Value {
    let fields = [
        ("customer", Some(json!(new.customer))),
        ("pim_host", new.pim_host.as_ref().map(|host| json!(host))),
        ("org_type", new.org_type.as_ref().map(|kind| json!(kind))),
        ("callback", new.callback.as_ref().map(|whose| json!(whose))),
        ("expires_in_days", new.expires_in_days.map(|days| json!(days))),
        ("connection", new.connection.as_ref().map(|id| json!(id))),
    ];
    object(fields)
}

fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let given = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}

fn laid(laid: &Laid) -> Value {
    let pin = |text: &Option<String>| {
        let text = text.as_deref()?;
        Some(if text == "any" { Value::Null } else { json!(text) })
    };
    object([
        ("heal", laid.heal.as_ref().map(|policy| json!(policy))),
        (
            "health_period_seconds",
            laid.health_period_seconds.map(|period| match period {
                Setting::Usual => Value::Null,
                Setting::Own(seconds) => json!(seconds),
            }),
        ),
        (
            "drop_salesforce_token",
            laid.drop_salesforce_token.map(|flag| json!(flag)),
        ),
        ("org_type", pin(&laid.org_type)),
        ("pim_host", pin(&laid.pim_host)),
    ])
}

fn listed(list: &List) -> Call {
    Call::get("/operator/connections")
        .asking("stage", list.stage.as_deref())
        .asking("health", list.health.as_deref())
        .asking("who", list.who.as_deref())
        .asking("org_type", list.org_type.as_deref())
        .asking("paused", list.paused.as_deref())
        .asking("customer", list.customer.as_deref())
        .asking("text", list.text.as_deref())
        .asking("sort", list.sort.as_deref())
        .asking("order", list.order.as_deref())
}

fn exported(wanted: &Audit) -> Call {
    let connection = wanted.connection.as_ref().map(ToString::to_string);
    Call::get("/operator/audit")
        .asking("connection", connection.as_deref())
        .asking("since", wanted.since.as_deref())
        .asking("until", wanted.until.as_deref())
        .asking("format", Some(&wanted.format))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::Parser as _;

    use super::*;
    use crate::arguments::Arguments;

    const ID: &str = "0123456789abcdef0123";

    /// Method and path of every operation that the API's description has.
    fn described() -> BTreeSet<String> {
        let text = include_str!("../../openapi.yaml");
        let (mut path, mut found) = ("", BTreeSet::new());
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("  /") {
                path = rest.trim_end_matches(':');
            }
            for method in ["get", "post", "patch", "put", "delete"] {
                if line == format!("    {method}:") {
                    found.insert(format!("{} /{path}", method.to_uppercase()));
                }
            }
        }
        found
    }

    #[test]
    fn every_operation_has_its_command() {
        let commands: &[&[&str]] = &[
            &["invite", "Acme"],
            &["resend", ID],
            &["list"],
            &["show", ID],
            &["timeline", ID],
            &["check", ID],
            &["repair", ID],
            &["pause", ID],
            &["resume", ID],
            &["rotate", ID],
            &["revoke", ID],
            &["offboard", ID, "--blank-org", "true"],
            &["certificate", ID],
            &["terms", ID, "--heal", "off"],
            &["sweep"],
            &["audit"],
            &["revoke-all", "--yes", "REVOKE-ALL"],
        ];
        let asked = commands.iter().map(|words| {
            let parsed = Arguments::try_parse_from([&["connector"], *words].concat()).unwrap();
            let call = call(&parsed.command);
            format!("{} {}", call.method, call.path.replace(ID, "{connection}"))
        });
        assert_eq!(asked.collect::<BTreeSet<_>>(), described());
    }

    #[test]
    fn terms_change_only_what_is_named() {
        let check = |words: &[&str], expect: Value| {
            let parsed = Arguments::try_parse_from([&["connector", "terms", ID], words].concat()).unwrap();
            assert_eq!(call(&parsed.command).body, Some(expect), "{words:?}");
        };
        check(&["--heal", "callouts"], json!({ "heal": "callouts" }));
        check(
            &["--health-period-seconds", "usual"],
            json!({ "health_period_seconds": null }),
        );
        check(
            &["--health-period-seconds", "600"],
            json!({ "health_period_seconds": 600 }),
        );
        check(
            &["--org-type", "any", "--pim-host", "any"],
            json!({ "org_type": null, "pim_host": null }),
        );
        check(
            &["--drop-salesforce-token", "true"],
            json!({ "drop_salesforce_token": true }),
        );
    }
}
