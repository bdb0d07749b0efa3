//! The simulated OpenID provider as a program of its own.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;
use identity_simulator::{Client, Options};
use tokio::signal::unix::{SignalKind, signal};

/// A simulated OpenID provider on the loopback interface: the authorization code flow with PKCE, any e-mail address, any password.
#[derive(Debug, Parser)]
#[command(name = "identity-simulator", version)]
struct Arguments {
    /// Port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 8092)]
    port: u16,

    /// The id of the one client, which has no secret
    #[arg(long, default_value = "connector-console")]
    client_id: String,

    /// Where its codes may be sent; may be given several times
    #[arg(long, value_name = "URL", required = true)]
    redirect_uri: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a terminal there is nobody to tell.
            let _ = writeln!(io::stderr(), "identity-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let mut ended = signal(SignalKind::terminate())?;
    let client = Client {
        client_id: arguments.client_id,
        redirect_uris: arguments.redirect_uri,
    };
    let (port, settings) = (arguments.port, identity_simulator::Settings::default());
    let running = identity_simulator::start(Options { port, client, settings }).await?;
    writeln!(io::stdout(), "simulated issuer: {}", running.control().issuer())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = ended.recv() => {}
    }
    running.stop().await;
    Ok(())
}
