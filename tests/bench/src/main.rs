//! `bench-sweep`: the sweep at ten thousand connections, with figures and claims.
//!
//! One process sweeps and is measured; simulators of orgs and PIMs fill others, which are this very program with another word. The numbers
//! are printed beside those of a client that makes the same calls and does nothing else. It measures on one machine what a function does
//! on AWS, so it claims no times, but what follows from ratios and counts; it never calls anything but loopback.

mod arguments;
mod cast;
mod claim;
mod fault;
mod fleet;
mod gauge;
mod mould;
mod pass;
mod plain;
mod plan;
mod report;
mod run;
mod say;
mod service;
mod simulators;
mod tally;
mod trouble;

use std::io::{self, Write as _};
use std::net::TcpListener;
use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Role};
use crate::fault::BenchFault;
use crate::plan::{Plan, org_address};

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse() {
        Arguments { role: None, .. } => bench(&Arguments::parse()).await,
        Arguments {
            role: Some(Role::Simulators),
            ..
        } => fleet::serve().await.map(|()| true),
        Arguments {
            role: Some(Role::Mould),
            ..
        } => mould().await.map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fault) => {
            say::say(&fault.to_string());
            ExitCode::from(2)
        }
    }
}

/// Whether every claim holds.
async fn bench(arguments: &Arguments) -> Result<bool, BenchFault> {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let plan = Plan {
        connections: count(arguments.connections),
        broken: count(arguments.connections * arguments.broken_percent / 100),
        port: free_port()?,
        latency_ms: arguments.latency_ms,
    };
    let outcome = run::run(plan).await?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&outcome)?
    } else {
        report::table(&outcome)
    };
    writeln!(io::stdout(), "{}", text.trim_end())?;
    Ok(outcome.claims.iter().all(|claim| claim.holds))
}

/// A port that nobody has at the first address; then nobody has it at the others, which nobody else uses.
fn free_port() -> Result<u16, BenchFault> {
    Ok(TcpListener::bind((org_address(0), 0))?.local_addr()?.port())
}

async fn mould() -> Result<(), BenchFault> {
    let mould = mould::walk().await?;
    writeln!(io::stdout(), "{}", serde_json::to_string(&mould)?)?;
    Ok(())
}
