//! New invitations.

use std::time::Duration;

use connector::connection::{CallbackMode, ConnectionId, NewInvitation, OrgType, Terms, invite};
use connector::secret::Sensitive;
use connector::service::Services;
use connector::web::{Reply, Request, json};
use http::StatusCode;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json as object};

use crate::refusal::Refusal;

/// The longest body.
const LONGEST: usize = 16 * 1024;
/// How long a link works unless told otherwise, and at most; in days.
const DAYS: (u64, u64) = (14, 90);
/// The fields that are understood.
const FIELDS: [&str; 6] = [
    "callback",
    "connection",
    "customer",
    "expires_in_days",
    "org_type",
    "pim_host",
];

/// POST /operator/invitations.
pub(crate) async fn create(services: &Services, request: &Request) -> Result<Reply, Refusal> {
    let new = read(request)?;
    let (connection, secret) = invite(services, new).await?;
    let link = services.config.absolute(&format!("/setup/{}", secret.expose()));
    let body = object!({
        "connection": connection.id,
        "customer": connection.customer,
        "invitation": secret.expose(),
        "link": link.as_str(),
        "expires_at": connection.invitation_expires_at,
    });
    Ok(json(StatusCode::CREATED, &body))
}

fn read(request: &Request) -> Result<NewInvitation, Refusal> {
    if request.body.len() > LONGEST {
        return Err(Refusal::TooLong);
    }
    let kind = request.header("content-type").unwrap_or("application/json");
    if !kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/json")
    {
        return Err(Refusal::NotJson);
    }
    let Fields(fields) = serde_json::from_slice(&request.body).map_err(|_| Refusal::Malformed)?;
    let mut reader = Reader {
        fields: &fields,
        faults: Vec::new(),
    };
    for name in fields.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
        reader
            .faults
            .push(format!("{name:?} is not a field; there are {}", FIELDS.join(", ")));
    }
    let new = NewInvitation {
        customer: reader.customer(),
        terms: Terms {
            pim_host: reader.pim_host(),
            org_type: reader.choice(
                "org_type",
                &[("production", OrgType::Production), ("sandbox", OrgType::Sandbox)],
            ),
            callback: reader
                .choice(
                    "callback",
                    &[
                        ("service", CallbackMode::Service),
                        ("salesforce", CallbackMode::Salesforce),
                    ],
                )
                .unwrap_or_default(),
        },
        life: reader.life(),
        connection: reader.connection(),
    };
    if reader.faults.is_empty() {
        Ok(new)
    } else {
        Err(Refusal::Faults(reader.faults))
    }
}

/// A JSON object. A field that comes twice is refused: which of the two was meant is not ours to guess.
struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Fields, A::Error> {
                let mut fields = Map::new();
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a field comes twice"));
                    }
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

struct Reader<'a> {
    fields: &'a Map<String, Value>,
    faults: Vec<String>,
}

impl Reader<'_> {
    fn text(&mut self, name: &str) -> Option<String> {
        match self.fields.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.trim().to_owned()),
            Some(_) => {
                self.faults.push(format!("{name} is not a text"));
                None
            }
        }
    }

    fn customer(&mut self) -> String {
        let faults = self.faults.len();
        let customer = self.text("customer").unwrap_or_default();
        if self.faults.len() > faults {
            return customer;
        }
        if customer.is_empty() || customer.chars().count() > 200 || customer.chars().any(char::is_control) {
            self.faults
                .push("customer is the customer's name, 1 to 200 characters on one line".to_owned());
        }
        customer
    }

    fn pim_host(&mut self) -> Option<String> {
        let host = self
            .text("pim_host")
            .filter(|host| !host.is_empty())?
            .to_ascii_lowercase();
        match url::Host::parse(&host) {
            Ok(parsed) if parsed.to_string() == host => {}
            _ => self
                .faults
                .push("pim_host is a host name such as acme.cloud.akeneo.com, without https:// and path".to_owned()),
        }
        Some(host)
    }

    fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = choices
            .iter()
            .find(|(choice, _)| *choice == text)
            .map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(choice, _)| *choice).collect();
            self.faults.push(format!("{name} is one of {}", names.join(", ")));
        }
        found
    }

    fn life(&mut self) -> Duration {
        let days = match self.fields.get("expires_in_days") {
            None | Some(Value::Null) => DAYS.0,
            Some(value) => value
                .as_u64()
                .filter(|days| (1..=DAYS.1).contains(days))
                .unwrap_or_else(|| {
                    self.faults
                        .push(format!("expires_in_days is a whole number from 1 to {}", DAYS.1));
                    DAYS.0
                }),
        };
        Duration::from_secs(days * 24 * 3600)
    }

    fn connection(&mut self) -> Option<ConnectionId> {
        let text = self.text("connection")?;
        let id = ConnectionId::parse(&text);
        if id.is_none() {
            self.faults
                .push("connection is the id of an existing connection, 20 hex digits".to_owned());
        }
        id
    }
}
