//! `cargo probe`: finds out what no public source says about Salesforce, in a sandbox of one's own.
#![expect(clippy::print_stderr, reason = "a program for a terminal")]

use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser;
use connector::outbound::Permit;
use sandbox_probe::credentials::{Credentials, CredentialsFault};
use sandbox_probe::org::{CallFault, Org};
use sandbox_probe::run::Options;
use sandbox_probe::writes::{WRITES, Write};
use sandbox_probe::{ProbeFault, probe};

/// Asks a Salesforce org the questions that the public documentation leaves open, and prints what the service can be configured with.
///
/// It needs an org with the package “Akeneo PIM for Salesforce” and a session of a System Administrator in it. Reads come first. Each
/// write is shown with everything it sends, made only after a yes, and undone. Secrets are never arguments:
///
///   sf org display --json --target-org SANDBOX | cargo probe -- --sf-json
///   SALESFORCE_ACCESS_TOKEN=… cargo probe -- --instance-url https://acme--dev.sandbox.my.salesforce.com
///
/// The last line of the report is for the service's environment.
#[derive(Debug, Parser)]
#[command(name = "cargo probe --", bin_name = "cargo probe --", version, verbatim_doc_comment)]
struct Arguments {
    /// Read address and access token from standard input: the output of `sf org display --json`.
    #[arg(long, conflicts_with_all = ["instance_url", "token_stdin"])]
    sf_json: bool,
    /// Where the org's API is.
    #[arg(long, value_name = "URL")]
    instance_url: Option<String>,
    /// The environment variable that holds the access token.
    #[arg(long, value_name = "NAME", default_value = "SALESFORCE_ACCESS_TOKEN")]
    token_env: String,
    /// Read the access token from standard input.
    #[arg(long)]
    token_stdin: bool,
    /// The package's namespace, if several packages have records named Akeneo.
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// Make no write at all.
    #[arg(long)]
    read_only: bool,
    /// Make this write without asking; may be repeated. --list names them.
    #[arg(long, value_name = "NAME", value_parser = WRITES.map(|(name, _)| name))]
    yes_to: Vec<String>,
    /// Print the names of the writes and end.
    #[arg(long)]
    list: bool,
    /// Probe an org although it is not a sandbox.
    #[arg(long)]
    production: bool,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// An origin that a token may be sent to although it is not Salesforce's: a simulator's.
    #[arg(long, value_name = "ORIGIN", default_value = "")]
    permit: String,
}

/// Why the probe ends badly.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Credentials(#[from] CredentialsFault),
    #[error("--permit: {0}")]
    Permit(String),
    #[error(transparent)]
    Call(#[from] CallFault),
    #[error(transparent)]
    Probe(#[from] ProbeFault),
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("probe: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Fault> {
    let mut out = io::stdout();
    if arguments.list {
        for (name, what) in WRITES {
            writeln!(out, "{name:16}{what}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let org = Org::open(credentials(&arguments)?).await?;
    let options = Options {
        namespace: arguments.namespace.clone(),
        production: arguments.production,
    };
    let mut consent = |write: &Write| agreed(&arguments, write);
    let report = probe(&org, &options, &mut consent).await?;
    if arguments.json {
        writeln!(out, "{:#}", report.json())?;
    } else {
        writeln!(out, "{report}")?;
    }
    let clean = report.left_behind.is_empty();
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn credentials(arguments: &Arguments) -> Result<Credentials, Fault> {
    let permit = Permit::parse(&arguments.permit).map_err(|fault| Fault::Permit(fault.to_string()))?;
    if arguments.sf_json {
        return Ok(Credentials::of_sf(io::stdin(), &permit)?);
    }
    let instance = arguments.instance_url.as_deref().ok_or(CredentialsFault::NoInstance)?;
    let token = if arguments.token_stdin {
        Credentials::token_of(io::stdin())?
    } else {
        let name = &arguments.token_env;
        std::env::var(name).map_err(|_| CredentialsFault::NoToken(name.clone()))?
    };
    Ok(Credentials::new(instance, &token, &permit)?)
}

/// Shows a write and asks for it, at the terminal: standard input may hold the credentials.
fn agreed(arguments: &Arguments, write: &Write) -> bool {
    if arguments.read_only {
        return false;
    }
    eprintln!("\n{}: {}", write.name, write.what);
    for (method, path, body) in &write.calls {
        eprintln!("  {method} {path}");
        if !body.is_null() {
            eprintln!("    {body}");
        }
    }
    if arguments.yes_to.iter().any(|name| name == write.name) {
        eprintln!("  agreed to with --yes-to");
        return true;
    }
    ask().unwrap_or_else(|_| {
        eprintln!(
            "  not made: there is no terminal to ask at; use --yes-to {}",
            write.name
        );
        false
    })
}

fn ask() -> io::Result<bool> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    if !terminal.is_terminal() {
        return Ok(false);
    }
    write!(terminal, "  Make this write? y/N ")?;
    let mut answer = String::new();
    BufReader::new(terminal).read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
