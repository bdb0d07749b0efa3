//! `cargo probe`: finds out what no public source says about Salesforce, in a sandbox of one's own.
#![expect(clippy::print_stderr, reason = "a program for a terminal")]

use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser;
use connector::outbound::Permit;
use sandbox_probe::credentials::{Credentials, CredentialsFault, Target};
use sandbox_probe::org::{CallFault, Org};
use sandbox_probe::run::Options;
use sandbox_probe::writes::WRITES;
use sandbox_probe::{Asked, ProbeFault, Report, Undo, Write, probe};
use tokio::runtime::Runtime;
use tokio::signal::ctrl_c;
use tokio::sync::oneshot;

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;
/// Something is left in the org for a person to put back.
const LEFT_BEHIND: u8 = 2;

/// Asks a Salesforce org the questions that the public documentation leaves open, and prints what the service can be configured with.
///
/// It needs an org with the package “Akeneo PIM for Salesforce” and a session of a System Administrator in it. Reads come first. Each
/// write is shown with everything it sends, made only after a yes, and undone, also after Ctrl-C. What cannot be undone is said at the
/// end, with how to remove it, and the exit code is 2. Secrets are never arguments:
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
    /// What a classic Named Credential with a deployed token is tried with, instead of this org's API: an address that answers 200 to a GET
    /// with the token and 401 without it.
    #[arg(long, value_name = "URL", requires = "legacy_token_env")]
    legacy_target: Option<String>,
    /// The environment variable that holds the token for --legacy-target.
    #[arg(long, value_name = "NAME", requires = "legacy_target")]
    legacy_token_env: Option<String>,
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

fn main() -> ExitCode {
    let run = Runtime::new().map_err(Fault::from).and_then(|runtime| {
        let ended = runtime.block_on(run(Arguments::parse()));
        // A question that nobody answered must not hold the program.
        runtime.shutdown_background();
        ended
    });
    match run {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("probe: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Fault> {
    if arguments.list {
        for (name, what) in WRITES {
            writeln!(io::stdout(), "{name:16}{what}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let permit = Permit::parse(&arguments.permit).map_err(|fault| Fault::Permit(fault.to_string()))?;
    let options = Options {
        namespace: arguments.namespace.clone(),
        production: arguments.production,
        legacy: target(&arguments, &permit)?,
    };
    let org = Org::open(credentials(&arguments, &permit)?).await?;
    let (undo, mut report) = (Undo::default(), Report::default());
    let mut consent = |write: &Write| agreed(&arguments, write);
    let ended = tokio::select! {
        ended = probe(&org, &options, &mut consent, &undo, &mut report) => Some(ended),
        _ = ctrl_c() => None,
    };
    if ended.is_none() {
        eprintln!("\nprobe: stopped; what was changed is put back (Ctrl-C once more leaves it)");
        tokio::select! {
            left = undo.all(&org) => report.left_behind.extend(left),
            _ = ctrl_c() => report.left_behind.extend(undo.words()),
        }
    }
    if !report.answers.is_empty() {
        print(&arguments, &report)?;
    }
    match ended {
        Some(Err(fault)) => Err(fault.into()),
        _ if !report.left_behind.is_empty() => Ok(ExitCode::from(LEFT_BEHIND)),
        Some(Ok(())) => Ok(ExitCode::SUCCESS),
        None => Ok(ExitCode::from(INTERRUPTED)),
    }
}

fn print(arguments: &Arguments, report: &Report) -> io::Result<()> {
    if arguments.json {
        writeln!(io::stdout(), "{:#}", report.json())
    } else {
        writeln!(io::stdout(), "{report}")
    }
}

fn token(name: &str) -> Result<String, CredentialsFault> {
    std::env::var(name).map_err(|_| CredentialsFault::NoToken(name.to_owned()))
}

fn target(arguments: &Arguments, permit: &Permit) -> Result<Option<Target>, Fault> {
    let (Some(url), Some(name)) = (&arguments.legacy_target, &arguments.legacy_token_env) else {
        return Ok(None);
    };
    Ok(Some(Target::named(url, &token(name)?, permit)?))
}

fn credentials(arguments: &Arguments, permit: &Permit) -> Result<Credentials, CredentialsFault> {
    if arguments.sf_json {
        return Credentials::of_sf(io::stdin(), permit);
    }
    let instance = arguments.instance_url.as_deref().ok_or(CredentialsFault::NoInstance)?;
    let token = if arguments.token_stdin {
        Credentials::token_of(io::stdin())?
    } else {
        token(&arguments.token_env)?
    };
    Credentials::new(instance, &token, permit)
}

/// Shows a write and asks for it, at the terminal: standard input may hold the credentials.
fn agreed(arguments: &Arguments, write: &Write) -> Asked {
    let known = |yes| -> Asked { Box::pin(std::future::ready(yes)) };
    if arguments.read_only {
        return known(false);
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
        return known(true);
    }
    // A thread of its own: whoever presses Ctrl-C at the question must be heard.
    let (answer, heard) = oneshot::channel();
    let name = write.name;
    std::thread::spawn(move || {
        let yes = ask().unwrap_or_else(|_| {
            eprintln!("  not made: there is no terminal to ask at; use --yes-to {name}");
            false
        });
        let _nobody_waits_any_more = answer.send(yes);
    });
    Box::pin(async move { heard.await.unwrap_or(false) })
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
