//! `walk`: the journey through a service that runs elsewhere, for the tests of the deployed functions.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::process::ExitCode;

use clap::Parser;
use connector_local::verdict::{Ending, walk};
use serde_json::json;
use url::Url;

/// Walks the journey as a headless browser would and prints one JSON object: how it ended, and the steps.
#[derive(Debug, Parser)]
struct Arguments {
    /// Address of the service, its operator API included.
    #[arg(long)]
    service: Url,
    /// Address of the simulated PIM.
    #[arg(long)]
    pim: Url,
    /// Address of the simulated org.
    #[arg(long)]
    org: Url,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { service, pim, org } = Arguments::parse();
    let mut steps = Vec::new();
    match walk(&service, &pim, &org, &mut |step| steps.push(step.clone())).await {
        Ok(ending) => {
            let mut whole = json!(ending);
            whole["steps"] = json!(steps);
            println!("{whole}");
            if matches!(ending, Ending::Connected(_)) {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            }
        }
        Err(fault) => {
            eprintln!("walk: {fault}; done before: {}", json!(steps));
            ExitCode::FAILURE
        }
    }
}
