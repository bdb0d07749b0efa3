//! The figures as a table.

use comfy_table::{Table, presets};

use crate::claim::as_f64;
use crate::run::Outcome;

/// The table of figures, and the claims below it.
pub(crate) fn table(outcome: &Outcome) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    for (what, figure) in figures(outcome) {
        table.add_row([what.to_owned(), figure]);
    }
    let mut text = format!("{table}\n");
    for claim in &outcome.claims {
        let mark = if claim.holds { "holds" } else { "FAILS" };
        text.push_str(&format!("{mark}  {}: {}\n", claim.what, claim.found));
    }
    text
}

fn figures(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let (first, plain, stores) = (&outcome.first, &outcome.plain, &outcome.stores);
    let looks = as_f64(first.checked).max(1.0);
    let number = |count: u64| as_f64(usize::try_from(count).unwrap_or(usize::MAX));
    let (calls, plain_calls) = (number(outcome.calls), as_f64(plain.calls).max(1.0));
    let (rate, plain_rate) = (calls / first.seconds.max(0.001), plain_calls / plain.seconds.max(0.001));
    let (cpu, plain_cpu) = (outcome.first_cpu_seconds, plain.cpu_seconds);
    let each = |count: u64| format!("{:.1}", number(count) / looks);
    vec![
        (
            "connections, PIMs, broken",
            format!(
                "{}, {}, {}",
                outcome.plan.connections, outcome.pims, outcome.plan.broken
            ),
        ),
        ("an answer takes", format!("{} ms", outcome.plan.latency_ms)),
        (
            "first sweep",
            format!("{:.1} s in {} invocations", first.seconds, first.invocations),
        ),
        (
            "connections per second",
            format!("{:.1}", looks / first.seconds.max(0.001)),
        ),
        (
            "calls of a healthy look, org and PIM",
            format!("{} and {}", outcome.calls_to_org, outcome.calls_to_pim),
        ),
        ("calls per second", format!("{rate:.0}")),
        (
            "plain client: calls per second",
            format!("{plain_rate:.0} ({} calls, {} failed)", plain.calls, plain.failed),
        ),
        (
            "sweep to plain client, by calls per second",
            format!("{:.2}", rate / plain_rate),
        ),
        (
            "CPU per look",
            format!(
                "{:.1} ms; the plain client's calls of one {:.1} ms",
                cpu / looks * 1000.0,
                plain_cpu / as_f64(plain.connections).max(1.0) * 1000.0
            ),
        ),
        (
            "memory before and at most",
            format!(
                "{} and {} MiB",
                outcome.resident_before >> 20,
                outcome.usage.peak_bytes >> 20
            ),
        ),
        ("files open at most", outcome.open_files.to_string()),
        (
            "records read, written, queue pages per look",
            format!(
                "{}, {}, {:.2}",
                each(stores.gets),
                each(stores.puts),
                number(stores.pages) / looks
            ),
        ),
        ("write units per look, the index included", each(stores.write_units)),
        (
            "secrets read, written per look",
            format!(
                "{}, {:.2}",
                each(stores.secret_reads),
                number(stores.secret_writes) / looks
            ),
        ),
    ]
}
