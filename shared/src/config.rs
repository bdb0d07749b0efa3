//! Configuration: every `CONNECTOR_*` variable, read here and nowhere else, validated together, all faults reported at once
//! (design section 8). No secret is among them.

mod console;
use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use crate::outbound::{Permit, check_url};
use crate::salesforce::capability::Capabilities;

pub use console::Console;

/// The service's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The origin that customers see. Every absolute URL is built from it, never from a request header.
    pub public_url: Url,
    /// The DynamoDB table; empty with the embedded store.
    pub table: String,
    /// Name prefix of the secrets.
    pub secret_prefix: String,
    /// Consumer key of the External Client App.
    pub salesforce_client_id: String,
    /// Name or ARN of the secret with its `client_secret`.
    pub salesforce_app_secret: String,
    /// Login host of production orgs.
    pub salesforce_login: Url,
    /// Login host of sandboxes.
    pub salesforce_test_login: Url,
    /// Origins exempt from the https and public-address rules.
    pub permit: Permit,
    /// The `04t…` id behind the install link.
    pub package_version_id: Option<String>,
    /// The namespace that the package must have; otherwise discovered.
    pub package_namespace: Option<String>,
    /// What the probe found out about points on which the public sources are silent.
    pub capabilities: Capabilities,
    /// How often the health of a connection is looked at.
    pub health_period: Duration,
    /// The EventBridge bus that hears of every event.
    pub event_bus: String,
    /// Where events are sent to beside the bus.
    pub webhook: Option<Webhook>,
    /// Name or ARN of the secret with the `url` of a Slack channel.
    pub slack_secret: Option<String>,
    /// For how long it may be a person's turn before that is told.
    pub stuck_after: Duration,
    /// The namespace of the metrics; none are written without it.
    pub metrics_namespace: Option<String>,
    /// Where Customer Success logs in to the console; none if there is no console.
    pub console: Option<Console>,
    /// Where records and secrets are kept.
    pub store: StoreKind,
}

/// Where events are sent to.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The receiver.
    pub url: Url,
    /// Name or ARN of the secret with the `secret` that signs.
    pub secret: String,
}

/// Where records and secrets are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreKind {
    /// DynamoDB and Secrets Manager.
    Aws,
    /// An SQLite file; only where it is compiled in.
    Embedded(String),
}

/// Everything that is wrong with the configuration, a line each.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the configuration has {} fault(s):\n{}", .0.len(), .0.join("\n"))]
pub struct ConfigFaults(pub Vec<String>);

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// [`ConfigFaults`] with all faults.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the room where the environment is read"
    )]
    pub fn from_environment() -> Result<Self, ConfigFaults> {
        Self::from_pairs(std::env::vars())
    }

    /// Reads variables from pairs of name and value. An empty value counts as absent.
    ///
    /// # Errors
    /// [`ConfigFaults`] with all faults.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigFaults> {
        let mut reader = Reader {
            values: BTreeMap::new(),
            faults: Vec::new(),
        };
        reader.values = pairs
            .into_iter()
            .filter(|(name, value)| name.starts_with("CONNECTOR_") && !value.is_empty())
            .collect();
        let store = reader.store();
        let needed_on_aws = store == StoreKind::Aws;
        let config = Self {
            public_url: reader.origin("CONNECTOR_PUBLIC_URL", None),
            table: reader.text("CONNECTOR_TABLE", needed_on_aws),
            secret_prefix: reader
                .optional("CONNECTOR_SECRET_PREFIX")
                .unwrap_or_else(|| "connector-setup".to_owned()),
            salesforce_client_id: reader.text("CONNECTOR_SALESFORCE_CLIENT_ID", needed_on_aws),
            salesforce_app_secret: reader.text("CONNECTOR_SALESFORCE_APP_SECRET", needed_on_aws),
            salesforce_login: reader.origin("CONNECTOR_SALESFORCE_LOGIN_URL", Some("https://login.salesforce.com")),
            salesforce_test_login: reader.origin(
                "CONNECTOR_SALESFORCE_TEST_LOGIN_URL",
                Some("https://test.salesforce.com"),
            ),
            permit: reader.permit(),
            package_version_id: reader.package_version(),
            package_namespace: reader.optional("CONNECTOR_PACKAGE_NAMESPACE"),
            capabilities: reader.capabilities(),
            health_period: reader.health_period(),
            event_bus: reader
                .optional("CONNECTOR_EVENT_BUS")
                .unwrap_or_else(|| "default".to_owned()),
            webhook: reader.webhook(),
            slack_secret: reader.optional("CONNECTOR_SLACK_SECRET"),
            stuck_after: reader.stuck_after(),
            metrics_namespace: reader.optional("CONNECTOR_METRICS_NAMESPACE"),
            console: reader.console(),
            store,
        };
        if reader.faults.is_empty() {
            Ok(config)
        } else {
            Err(ConfigFaults(reader.faults))
        }
    }

    /// An absolute URL of ours. `path` begins with a slash.
    #[must_use]
    pub fn absolute(&self, path: &str) -> Url {
        let mut url = self.public_url.clone();
        url.set_path(path);
        url
    }
}

/// A quarter of an hour.
const HEALTH_PERIOD: Duration = Duration::from_secs(15 * 60);

/// It has been a person's turn for so many days when that is told.
const STUCK_DAYS: u64 = 3;

struct Reader {
    values: BTreeMap<String, String>,
    faults: Vec<String>,
}

/// Stands in for a URL that has been reported as a fault; never leaves this module in a [`Config`].
const FAULTY: &str = "https://invalid.invalid";

impl Reader {
    fn optional(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|value| value.trim().to_owned())
    }

    fn text(&mut self, name: &str, required: bool) -> String {
        let value = self.optional(name);
        if value.is_none() && required {
            self.faults.push(format!("{name} is missing"));
        }
        value.unwrap_or_default()
    }

    fn origin(&mut self, name: &str, default: Option<&str>) -> Url {
        let text = self.optional(name).or_else(|| default.map(str::to_owned));
        let parsed = match text {
            None => Err(format!("{name} is missing; it is an origin such as https://setup.example.com")),
            Some(text) => parse_origin(&text).ok_or_else(|| {
                format!("{name} is not an origin: it needs a scheme (https, or http on this machine) and a host, and no path")
            }),
        };
        match parsed.or_else(|fault| {
            self.faults.push(fault);
            Url::parse(FAULTY)
        }) {
            Ok(url) => url,
            Err(error) => unreachable!("a constant URL parses: {error}"),
        }
    }

    fn permit(&mut self) -> Permit {
        let text = self.optional("CONNECTOR_OUTBOUND_PERMIT").unwrap_or_default();
        Permit::parse(&text).unwrap_or_else(|fault| {
            self.faults.push(format!("CONNECTOR_OUTBOUND_PERMIT: {fault}"));
            Permit::none()
        })
    }

    fn package_version(&mut self) -> Option<String> {
        let id = self.optional("CONNECTOR_PACKAGE_VERSION_ID")?;
        let shape =
            id.starts_with("04t") && matches!(id.len(), 15 | 18) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        if !shape {
            self.faults
                .push("CONNECTOR_PACKAGE_VERSION_ID is not a 04t… id of 15 or 18 characters".to_owned());
        }
        Some(id)
    }

    fn capabilities(&mut self) -> Capabilities {
        let text = self.optional("CONNECTOR_CAPABILITIES").unwrap_or_default();
        text.parse().unwrap_or_else(|fault| {
            self.faults.push(format!("CONNECTOR_CAPABILITIES: {fault}"));
            Capabilities::default()
        })
    }

    fn health_period(&mut self) -> Duration {
        let Some(text) = self.optional("CONNECTOR_HEALTH_PERIOD_SECONDS") else {
            return HEALTH_PERIOD;
        };
        match text.parse() {
            Ok(seconds @ 5..=86_400) => Duration::from_secs(seconds),
            _ => {
                let fault = "CONNECTOR_HEALTH_PERIOD_SECONDS is not a whole number of seconds from 5 to 86400";
                self.faults.push(fault.to_owned());
                HEALTH_PERIOD
            }
        }
    }

    fn webhook(&mut self) -> Option<Webhook> {
        let (url, secret) = (
            self.optional("CONNECTOR_WEBHOOK_URL"),
            self.optional("CONNECTOR_WEBHOOK_SECRET"),
        );
        let (url, secret) = match (url, secret) {
            (None, None) => return None,
            (Some(url), Some(secret)) => (url, secret),
            _ => {
                let fault =
                    "CONNECTOR_WEBHOOK_URL and CONNECTOR_WEBHOOK_SECRET belong together; one of them is missing";
                self.faults.push(fault.to_owned());
                return None;
            }
        };
        let permit = Permit::parse(&self.optional("CONNECTOR_OUTBOUND_PERMIT").unwrap_or_default());
        let url = Url::parse(&url).ok();
        let url = url.filter(|url| check_url(url, &permit.unwrap_or_else(|_| Permit::none())).is_ok());
        if url.is_none() {
            let fault = "CONNECTOR_WEBHOOK_URL is not an https URL of a public host";
            self.faults.push(fault.to_owned());
        }
        Some(Webhook { url: url?, secret })
    }

    fn stuck_after(&mut self) -> Duration {
        let text = self.optional("CONNECTOR_STUCK_DAYS");
        let days = match text.map(|text| text.parse::<u64>()) {
            None => STUCK_DAYS,
            Some(Ok(days @ 1..=90)) => days,
            Some(_) => {
                let fault = "CONNECTOR_STUCK_DAYS is not a whole number of days from 1 to 90";
                self.faults.push(fault.to_owned());
                STUCK_DAYS
            }
        };
        Duration::from_secs(days * 24 * 3600)
    }

    fn console(&mut self) -> Option<Console> {
        let Self { values, faults } = self;
        Console::read(|name| values.get(name).map(|value| value.trim().to_owned()), faults)
    }

    fn store(&mut self) -> StoreKind {
        match self.optional("CONNECTOR_STORE").as_deref() {
            None | Some("aws") => StoreKind::Aws,
            Some(other) => match other.strip_prefix("embedded:") {
                Some(path) if !path.is_empty() => StoreKind::Embedded(path.to_owned()),
                _ => {
                    self.faults
                        .push("CONNECTOR_STORE is neither `aws` nor `embedded:PATH`".to_owned());
                    StoreKind::Aws
                }
            },
        }
    }
}

/// An https origin, or an http one (which browsers accept for cookies only on loopback).
fn parse_origin(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let bare = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    bare.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
        Config::from_pairs(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let faults = read(&[
            ("CONNECTOR_PUBLIC_URL", "setup.example.com/path"),
            ("CONNECTOR_PACKAGE_VERSION_ID", "0Hf"),
            ("CONNECTOR_OUTBOUND_PERMIT", "*"),
            ("CONNECTOR_HEALTH_PERIOD_SECONDS", "0"),
            ("CONNECTOR_CAPABILITIES", "execute_anonymous"),
            ("CONNECTOR_WEBHOOK_URL", "https://10.0.0.1/hook"),
            ("CONNECTOR_WEBHOOK_SECRET", "webhook"),
            ("CONNECTOR_STUCK_DAYS", "0"),
        ])
        .unwrap_err();
        let text = faults.to_string();
        for name in [
            "PUBLIC_URL",
            "TABLE",
            "CLIENT_ID",
            "APP_SECRET",
            "PACKAGE_VERSION_ID",
            "OUTBOUND_PERMIT",
            "HEALTH_PERIOD",
            "CAPABILITIES",
            "WEBHOOK_URL",
            "STUCK_DAYS",
        ] {
            assert!(text.contains(name), "{name} is not in: {text}");
        }
    }

    #[test]
    fn defaults_are_those_of_the_design() {
        let config = read(&[
            ("CONNECTOR_PUBLIC_URL", "https://setup.example.com"),
            ("CONNECTOR_TABLE", "t"),
            ("CONNECTOR_SALESFORCE_CLIENT_ID", "key"),
            ("CONNECTOR_SALESFORCE_APP_SECRET", "arn"),
            ("CONNECTOR_OUTBOUND_PERMIT", ""),
        ])
        .unwrap();
        assert_eq!(config.secret_prefix, "connector-setup");
        assert_eq!(config.salesforce_login.as_str(), "https://login.salesforce.com/");
        assert_eq!(config.store, StoreKind::Aws);
        assert_eq!(config.absolute("/setup").as_str(), "https://setup.example.com/setup");
    }

    #[test]
    fn an_embedded_store_needs_no_aws_names() {
        let config = read(&[
            ("CONNECTOR_PUBLIC_URL", "http://127.0.0.1:8000"),
            ("CONNECTOR_STORE", "embedded:/var/x"),
        ]);
        assert_eq!(config.unwrap().store, StoreKind::Embedded("/var/x".to_owned()));
    }
}
