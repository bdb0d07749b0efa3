//! Log lines and metrics: JSON on standard output. Log lines have the shape of Lambda's own; what is logged is chosen field by
//! field at the place that logs. Metrics are lines in CloudWatch's embedded metric format, so that nothing has to be called
//! to count something; their dimensions are few and bounded. Nothing here knows of requests or secrets.

mod cause;
mod line;
mod metric;

pub use cause::causes;
pub use line::lines;
pub use metric::{Metric, count};

use tracing_subscriber::{EnvFilter, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt};

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
