//! What a log line looks like: one JSON object with the event's name first, then the ids under which the work is done, wherever
//! on the way down to the event they were set, then what the event says.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, fmt as lines_of};

/// Fields of spans that every line inside carries: our correlation id, and Lambda's own id of the invocation.
const CARRIED: [&str; 2] = ["trace", "requestId"];

/// Log lines for `out`, in the shape of Lambda's own.
pub fn lines<S, W>(out: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let formatted = lines_of::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(true)
        .with_writer(out)
        .map_event_format(Named);
    Carry.and_then(formatted)
}

/// What a span of [`CARRIED`] fields has, by their place there.
#[derive(Default)]
struct Carried([Option<String>; CARRIED.len()]);

impl Carried {
    fn note(&mut self, field: &Field, value: &str) {
        let places = CARRIED.iter().zip(&mut self.0);
        for (_, place) in places.filter(|(name, _)| **name == field.name()) {
            *place = Some(value.to_owned());
        }
    }
}

impl Visit for Carried {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if CARRIED.contains(&field.name()) {
            self.note(field, &format!("{value:?}"));
        }
    }
}

/// Remembers the carried fields of each span.
struct Carry;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Carry {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut carried = Carried::default();
        attributes.record(&mut carried);
        if carried.0.iter().any(Option::is_some)
            && let Some(span) = context.span(id)
        {
            span.extensions_mut().insert(carried);
        }
    }
}

/// Puts the event's dotted name and the carried ids first, which the JSON format of `tracing_subscriber` leaves out.
struct Named<F>(F);

impl<S, N, F> FormatEvent<S, N> for Named<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let Some(rest) = line.strip_prefix('{') else {
            return out.write_str(&line);
        };
        out.write_char('{')?;
        // Who gives no name gets the place in the source.
        let name = event.metadata().name();
        if !name.starts_with("event ") {
            write!(out, "\"name\":\"{name}\",")?;
        }
        for (at, name) in CARRIED.iter().enumerate() {
            // The nearest span that has it: work that belongs to something else has an id of its own.
            let nearest = context.event_scope().into_iter().flatten().find_map(|span| {
                let extensions = span.extensions();
                extensions.get::<Carried>()?.0[at].clone()
            });
            if let Some(value) = nearest {
                write!(out, "\"{name}\":{},", serde_json::Value::String(value))?;
            }
        }
        out.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt as _;

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

    fn heard(work: impl FnOnce()) -> Vec<Value> {
        let heard = Heard::default();
        let out = heard.clone();
        let subscriber = tracing_subscriber::registry().with(lines(move || out.clone()));
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_is_json_and_says_what_happened_by_its_name() {
        let lines = heard(|| {
            tracing::info!(name: "akeneo.token.exchange", connection = "c1", "a message");
            tracing::info!("without a name");
        });
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (&lines[0]["name"], &lines[0]["connection"], &lines[0]["message"]),
            (&json!("akeneo.token.exchange"), &json!("c1"), &json!("a message"))
        );
        assert!(lines[1].get("name").is_none() && lines[1].get("trace").is_none());
    }

    #[test]
    fn a_line_carries_the_ids_of_the_nearest_span_that_has_them() {
        let lines = heard(|| {
            let _runtime = tracing::info_span!("Lambda runtime invoke", requestId = "r\"1").entered();
            let _request = tracing::info_span!("work", trace = "t1").entered();
            let _call = tracing::info_span!("outbound.call", host = "pim").entered();
            tracing::info!(name: "inner", "said in the call");
            let _other = tracing::info_span!("work", trace = Some("t2")).entered();
            tracing::info!(name: "other", "said of something else");
        });
        let ids = |line: &Value| (line["name"].clone(), line["trace"].clone(), line["requestId"].clone());
        assert_eq!(ids(&lines[0]), (json!("inner"), json!("t1"), json!("r\"1")));
        assert_eq!(ids(&lines[1]), (json!("other"), json!("t2"), json!("r\"1")));
        assert_eq!(lines[0]["span"]["host"], "pim");
    }
}
