//! What is counted, and how it is written: one line in CloudWatch's embedded metric format for each thing that happens.
//!
//! Where no namespace is configured (the local stack, tests) nothing is written.

use std::io::Write as _;

use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::connection::HealthState;
use crate::events::{Destination, Kind};
use crate::service::Services;

/// Something that is counted. Each dimension has a handful of values; no customer, connection or address is among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Something public happened to a connection.
    Happened(Kind),
    /// A connection was looked at and found to be like this.
    Looked(HealthState),
    /// A session of an org could not be renewed.
    RefreshFailed {
        /// Whether a person has to connect the org again.
        lost: bool,
    },
    /// An event was sent to a destination, or could not be.
    EventSent(Destination, bool),
    /// An event will never reach a destination.
    EventGivenUp(Destination),
    /// A sweep came to its end.
    Swept {
        /// Connections looked at.
        checked: usize,
        /// Connections that could not be looked at because one of our stores failed.
        failed: usize,
        /// Whether the deadline ended it before the queue was empty.
        unfinished: bool,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
}

/// Name, unit and value of what is measured.
type Measured = (&'static str, &'static str, u64);
/// Name and value of a dimension.
type Dimension = (&'static str, String);

/// Counts something.
pub fn count(services: &Services, metric: Metric) {
    let Some(namespace) = &services.config.metrics_namespace else {
        return;
    };
    let line = metric.line(namespace, services.clock.now());
    // A line that cannot be written has nobody to be told to.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

impl Metric {
    /// The metric in the embedded metric format.
    #[must_use]
    pub fn line(self, namespace: &str, now: Timestamp) -> Value {
        let mut line = Map::new();
        let (values, dimension) = self.parts();
        let mut sets = vec![json!([])];
        if let Some((name, value)) = dimension {
            sets.push(json!([name]));
            line.insert(name.to_owned(), json!(value));
        }
        let metrics: Vec<_> = values
            .iter()
            .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }))
            .collect();
        for (name, _, value) in values {
            line.insert(name.to_owned(), json!(value));
        }
        let directive = json!({ "Namespace": namespace, "Dimensions": sets, "Metrics": metrics });
        line.insert(
            "_aws".to_owned(),
            json!({ "Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive] }),
        );
        Value::Object(line)
    }

    /// Values with their units, and the one dimension.
    fn parts(self) -> (Vec<Measured>, Option<Dimension>) {
        let one = |name| vec![(name, "Count", 1)];
        match self {
            Self::Happened(kind) => (one("Happened"), Some(("Kind", kind.name().to_owned()))),
            Self::Looked(state) => (one("Looks"), Some(("State", state.code().to_owned()))),
            Self::RefreshFailed { lost } => {
                let outcome = if lost { "grant_lost" } else { "no_answer" };
                (one("RefreshFailures"), Some(("Outcome", outcome.to_owned())))
            }
            Self::EventSent(to, sent) => {
                let name = if sent { "EventsSent" } else { "EventsNotSent" };
                (one(name), Some(("Destination", to.name().to_owned())))
            }
            Self::EventGivenUp(to) => (one("EventsGivenUp"), Some(("Destination", to.name().to_owned()))),
            Self::Swept {
                checked,
                failed,
                unfinished,
                duration_ms,
            } => {
                let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
                let values = vec![
                    ("Sweeps", "Count", 1),
                    ("SweepChecked", "Count", number(checked)),
                    ("SweepFailed", "Count", number(failed)),
                    ("SweepUnfinished", "Count", u64::from(unfinished)),
                    ("SweepDuration", "Milliseconds", duration_ms),
                ];
                (values, None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_cloudwatch_reads() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let expect = json!({
            "_aws": { "Timestamp": 1_795_514_400_000_i64, "CloudWatchMetrics": [{
                "Namespace": "ConnectorSetup/x", "Dimensions": [[], ["State"]], "Metrics": [{ "Name": "Looks", "Unit": "Count" }],
            }] },
            "State": "callouts_off", "Looks": 1,
        });
        assert_eq!(
            Metric::Looked(HealthState::CalloutsOff).line("ConnectorSetup/x", now),
            expect
        );
    }

    #[test]
    fn every_name_in_a_directive_has_its_value() {
        let swept = Metric::Swept {
            checked: 7,
            failed: 1,
            unfinished: true,
            duration_ms: 12,
        };
        for metric in [
            swept,
            Metric::Happened(Kind::Stuck),
            Metric::EventSent(Destination::Slack, false),
        ] {
            let line = metric.line("n", Timestamp::UNIX_EPOCH);
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            for named in directive["Metrics"].as_array().unwrap() {
                assert!(line[named["Name"].as_str().unwrap()].is_u64(), "{line}");
            }
            for name in directive["Dimensions"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|set| set.as_array().unwrap())
            {
                assert!(line[name.as_str().unwrap()].is_string(), "{line}");
            }
        }
    }
}
