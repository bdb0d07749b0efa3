//! Log lines and metrics: JSON on standard output. Log lines have the shape of Lambda's own; what is logged is chosen field by
//! field at the place that logs. Metrics are lines in CloudWatch's embedded metric format, so that nothing has to be called
//! to count something; their dimensions are few and bounded. Nothing here knows of requests or secrets.

mod cause;
mod metric;

pub use cause::causes;
pub use metric::{Metric, count};

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{self, FmtContext, MakeWriter};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// Puts the event's dotted name first, which the JSON format of `tracing_subscriber` leaves out.
struct Named<F>(F);

impl<S, N, F> FormatEvent<S, N> for Named<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> std::fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        // Who gives no name gets the place in the source.
        let name = Some(event.metadata().name()).filter(|name| !name.starts_with("event "));
        match (name, line.strip_prefix('{')) {
            (Some(name), Some(rest)) => write!(out, "{{\"name\":\"{name}\",{rest}"),
            _ => out.write_str(&line),
        }
    }
}

fn lines<S, W>(out: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(true)
        .with_writer(out)
        .map_event_format(Named)
}

/// Sends log lines at `INFO` and above to standard output. Lower levels of other crates can show payloads, so the level
/// cannot be lowered below `DEBUG`, and only this product's own crates are heard at `DEBUG`.
pub fn start(debug: bool) {
    let mut filter = EnvFilter::default().add_directive(LevelFilter::INFO.into());
    if debug {
        for ours in [
            "connector",
            "setup_start",
            "oauth_callback",
            "salesforce_patch",
            "health_check",
            "operator",
        ] {
            if let Ok(directive) = format!("{ours}=debug").parse() {
                filter = filter.add_directive(directive);
            }
        }
    }
    // A second start in one process (the tests) keeps the first.
    tracing_subscriber::registry()
        .with(filter)
        .with(lines(std::io::stdout))
        .try_init()
        .ok();
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_json_and_says_what_happened_by_its_name() {
        let heard = Heard::default();
        let out = heard.clone();
        let subscriber = tracing_subscriber::registry().with(lines(move || out.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(name: "akeneo.token.exchange", connection = "c1", "a message");
            tracing::info!("without a name");
        });
        let text = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (&lines[0]["name"], &lines[0]["connection"], &lines[0]["message"]),
            (&"akeneo.token.exchange".into(), &"c1".into(), &"a message".into())
        );
        assert!(lines[1].get("name").is_none());
    }
}
