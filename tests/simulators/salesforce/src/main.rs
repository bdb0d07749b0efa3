//! The simulator as a program: starts one org on loopback and prints where it is.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use salesforce_simulator::{OAuthClient, Options, Preset, Settings, start};
use tokio::signal::unix::{SignalKind, signal};

/// Imitates one Salesforce org with its login host.
#[derive(Debug, Parser)]
#[command(name = "salesforce-simulator", version, about)]
struct Arguments {
    /// Port on 127.0.0.1; 0 for any.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Condition of the org.
    #[arg(long, value_enum, default_value_t = Preset::Ready)]
    preset: Preset,
    /// Consumer key of the OAuth client.
    #[arg(long, default_value_t = OAuthClient::default().client_id)]
    client_id: String,
    /// Consumer secret of the OAuth client.
    #[arg(long, default_value_t = OAuthClient::default().client_secret, hide_default_value = true)]
    client_secret: String,
    /// Redirect URI of the OAuth client, compared exactly; may be repeated.
    #[arg(long = "redirect-uri")]
    redirect_uris: Vec<String>,
    /// Switches as JSON, such as '{"refresh_rotation":false}'.
    #[arg(long, value_parser = parse_settings, default_value = "{}")]
    settings: Settings,
    /// File in which the org lives between two runs; what it holds wins over --preset and --settings.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

fn parse_settings(text: &str) -> Result<Settings, serde_json::Error> {
    serde_json::from_str(text)
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a terminal there is nobody to tell.
            let _ = writeln!(io::stderr(), "salesforce-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let mut ended = signal(SignalKind::terminate())?;
    let client = OAuthClient {
        client_id: arguments.client_id,
        client_secret: arguments.client_secret,
        redirect_uris: arguments.redirect_uris,
        local: false,
    };
    let options = Options {
        port: arguments.port,
        preset: arguments.preset,
        client,
        settings: arguments.settings,
        state: arguments.state,
        ..Options::default()
    };
    let running = start(options).await?;
    writeln!(
        io::stdout(),
        "salesforce-simulator ({}) at {}",
        running.control().made_from().name(),
        running.url()
    )?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = ended.recv() => {}
    }
    running.stop().await;
    Ok(())
}
