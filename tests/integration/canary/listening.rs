//! Everything that the service says: log lines with their spans, and what a panic prints. One subscriber for the process; while no
//! canary listens nothing is kept.

use std::io::{self, Write};
use std::panic;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Layer, registry};

/// Our own crates are heard at TRACE, which is more than a deployment can switch on; the rest at INFO; the simulators not at all.
const OURS: [&str; 7] = [
    "connector",
    "connector_local",
    "setup_start",
    "oauth_callback",
    "salesforce_patch",
    "health_check",
    "operator",
];
const THEIRS: [&str; 2] = ["akeneo_simulator", "salesforce_simulator"];

static HEARD: Mutex<Option<Vec<u8>>> = Mutex::new(None);
static START: Once = Once::new();

fn heard() -> MutexGuard<'static, Option<Vec<u8>>> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Ear;

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(heard) = heard().as_mut() {
            heard.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Ear {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// Listens from now on.
pub(crate) fn begin() {
    START.call_once(|| {
        let mut filter = EnvFilter::default().add_directive(LevelFilter::INFO.into());
        for ours in OURS {
            filter = filter.add_directive(format!("{ours}=trace").parse().unwrap());
        }
        for theirs in THEIRS {
            filter = filter.add_directive(format!("{theirs}=off").parse().unwrap());
        }
        // As in production, and as people read it: the two formats write fields differently.
        let json = fmt::layer()
            .json()
            .with_span_list(true)
            .with_span_events(FmtSpan::FULL)
            .with_writer(|| Ear);
        let plain = fmt::layer().with_ansi(false).with_writer(|| Ear);
        tracing::subscriber::set_global_default(registry().with(json.and_then(plain).with_filter(filter))).unwrap();
        let former = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            writeln!(Ear, "panic: {info}").ok();
            former(info);
        }));
    });
    heard().get_or_insert_default();
}

/// What was heard so far.
pub(crate) fn so_far() -> String {
    String::from_utf8_lossy(heard().as_deref().unwrap_or_default()).into_owned()
}
