//! The command line.

use clap::{Parser, Subcommand};

use crate::plan::MOST;

/// Sweeps ten thousand simulated connections, a tenth of them broken in every way, and says what it took and whether everything was found.
///
/// The simulators run in processes of their own on loopback addresses; the sweep is the deployed handler on the embedded store. Progress
/// is on standard error, the result on standard output. Ends with 1 if a claim does not hold, with 2 if there is no result.
#[derive(Debug, Parser)]
#[command(name = "bench-sweep", version, about)]
pub(crate) struct Arguments {
    /// How many connections
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(40..=MOST as u64))]
    pub(crate) connections: u64,

    /// How many of a hundred are broken, evenly in every way
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=50))]
    pub(crate) broken_percent: u64,

    /// Milliseconds that every answer takes, as over a network
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1000))]
    pub(crate) latency_ms: u64,

    /// One JSON object instead of a table
    #[arg(long)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// What this program is when it has started itself.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Role {
    /// A process full of simulators
    #[command(hide = true)]
    Simulators,
    /// Walks the journey once
    #[command(hide = true)]
    Mould,
}
