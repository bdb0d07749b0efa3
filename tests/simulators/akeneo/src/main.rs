//! The simulated PIM as a program of its own.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use akeneo_simulator::{Options, Settings};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

/// A simulated Akeneo PIM on the loopback interface: OAuth for apps, REST probes, pages to click, faults on demand.
#[derive(Debug, Parser)]
#[command(name = "akeneo-simulator", version)]
struct Arguments {
    /// Port to listen on; 0 takes any free one
    #[arg(long, env = "AKENEO_SIMULATOR_PORT", default_value_t = 8090)]
    port: u16,

    /// What the PIM believes its address is; it is sent as pim_url to Activate URLs [default: its own address]
    #[arg(long, env = "AKENEO_PIM_URL")]
    url: Option<Url>,

    /// JSON file with knobs to start with, in the shape of `GET /_simulator/settings`; missing ones keep their default
    #[arg(long)]
    settings: Option<PathBuf>,

    /// File in which the PIM lives between two runs; what it holds wins over --settings
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a terminal there is nobody to tell.
            let _ = writeln!(io::stderr(), "akeneo-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let mut ended = signal(SignalKind::terminate())?;
    let settings = match &arguments.settings {
        Some(path) => serde_json::from_slice(&std::fs::read(path)?)?,
        None => Settings::default(),
    };
    let options = Options {
        port: arguments.port,
        public_url: arguments.url,
        settings,
        state: arguments.state,
        ..Options::default()
    };
    let running = akeneo_simulator::start(options).await?;
    let url = running.url();
    writeln!(
        io::stdout(),
        "simulated PIM: {url} (log in as admin, any password); control: {url}_simulator/state"
    )?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = ended.recv() => {}
    }
    running.stop().await;
    Ok(())
}
