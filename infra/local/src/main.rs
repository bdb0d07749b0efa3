//! `cargo demo`: the whole product on this machine.
#![expect(clippy::print_stderr, reason = "a program for a terminal")]

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use connector_local::folder::Folder;
use connector_local::invitation::{InvitationFault, Past, invitation};
use connector_local::scenario::{self, Line, ScenarioFault, scenarios};
use connector_local::stack::{Options, Stack, StackFault};
use connector_local::verdict::{Ending, Step, walk_on};
use connector_local::walk::WalkFault;
use salesforce_simulator::{Preset, Story};
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Health is looked at often, so that a person who breaks something in the simulated org sees what happens.
const HEALTH_PERIOD: Duration = Duration::from_secs(10);
/// How often the events since the last look are printed.
const EVENTS: Duration = Duration::from_millis(300);
/// Port of the service, unless a folder has kept another one.
const PORT: u16 = 8600;
/// What a shell reports of a program that Ctrl-C ended; for a walk that did not come to its end.
const INTERRUPTED: u8 = 130;

/// Runs the service, a simulated Akeneo PIM and a simulated Salesforce org on this machine and prints a setup link to open.
///
/// Ctrl-C stops everything and, without --data, leaves nothing behind.
#[derive(Debug, Parser)]
#[command(name = "cargo demo --", bin_name = "cargo demo --", version)]
struct Arguments {
    /// Walk the whole journey as a headless browser would, print what was verified, and stop.
    #[arg(long, group = "printed")]
    auto: bool,
    /// With --auto or --list: print JSON instead of text.
    #[arg(long, requires = "printed")]
    json: bool,
    /// Name the presets of the simulated org, what is special about each, and how a walk with it ends; then stop.
    #[arg(long, group = "printed", conflicts_with_all = ["data", "port", "org"])]
    list: bool,
    /// With --auto: break one thing in a connection that works, and show what is told, healed and done until it works again; `list`
    /// names the scenarios, one for each health state.
    #[arg(long, value_name = "NAME", requires = "auto", conflicts_with_all = ["data", "port", "org"])]
    scenario: Option<String>,
    /// With --auto: whose callback the Custom App has.
    #[arg(long, value_name = "WHOSE", requires = "auto", default_value = "service", value_parser = ["service", "salesforce"])]
    callback: String,
    /// Keep everything in this folder: the next start with it goes on where this one was, at the same ports.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port of the service; 0 takes the one that DIR has kept, or any free one [default: 8600, or the one that DIR has kept; with
    /// --auto as 0].
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// What the simulated org is like [default: ready, or what DIR has].
    #[arg(long, value_name = "PRESET")]
    org: Option<Preset>,
}

/// Why the demo ends badly.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Stack(#[from] StackFault),
    #[error(transparent)]
    Invitation(#[from] InvitationFault),
    #[error(transparent)]
    Walk(#[from] WalkFault),
    #[error(transparent)]
    Scenario(#[from] ScenarioFault),
    #[error("{} has an org that was made as {kept:?}; leave --org out, or begin anew with another folder", folder.display())]
    OtherOrg { folder: PathBuf, kept: &'static str },
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("demo: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Fault> {
    if arguments.list {
        list(arguments.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    // Before anything is there that would have to be cleaned up.
    let mut ended = Ended::listen()?;
    // States are written both ways: callouts_off in the API, callouts-off by people.
    if let Some(name) = arguments.scenario.as_ref().map(|name| name.replace('-', "_")) {
        return tokio::select! {
            played = play(&name, arguments.json) => played,
            () = ended.asked() => Ok(ExitCode::from(INTERRUPTED)),
        };
    }
    let folder = arguments.data.clone().map(Folder::at);
    let port = match (arguments.port, arguments.auto, &folder) {
        (Some(port), ..) => port,
        // A walk may run beside a demo that somebody clicks through.
        (None, true, _) => 0,
        (None, false, Some(folder)) => folder
            .ports()
            .map_err(StackFault::from)?
            .map_or(PORT, |kept| kept.service),
        (None, false, None) => PORT,
    };
    let options = Options {
        data: arguments.data.clone(),
        port,
        org: arguments.org.unwrap_or_default(),
        health_period: Some(HEALTH_PERIOD),
        console: !arguments.auto,
        ..Options::default()
    };
    let stack = tokio::select! {
        started = Stack::start(options) => started?,
        () = ended.asked() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    let done = tokio::select! {
        done = serve(&arguments, &stack, folder.as_ref()) => done,
        () = ended.asked() => Ok(if arguments.auto { ExitCode::from(INTERRUPTED) } else { ExitCode::SUCCESS }),
    };
    stack.stop().await;
    done
}

/// Does what was asked for with a stack that runs; without --auto it has no end of its own.
async fn serve(arguments: &Arguments, stack: &Stack, folder: Option<&Folder>) -> Result<ExitCode, Fault> {
    let made_from = stack.org.control().made_from();
    if let (Some(folder), Some(wanted)) = (&arguments.data, arguments.org)
        && wanted != made_from
    {
        return Err(Fault::OtherOrg {
            folder: folder.clone(),
            kept: made_from.name(),
        });
    }
    if arguments.auto {
        return auto(stack, arguments).await;
    }
    tell(stack, folder, arguments.data.as_ref()).await?;
    loop {
        tokio::time::sleep(EVENTS).await;
        for event in stack.events.take() {
            let (kind, health) = (event.kind.name(), event.health.code());
            writeln!(io::stdout(), "event        {kind} (health {health}): {}", event.what)?;
        }
    }
}

/// Plays a scenario, or names all of them.
async fn play(name: &str, json: bool) -> Result<ExitCode, Fault> {
    let mut out = io::stdout();
    if name == "list" {
        let all = scenarios();
        if json {
            writeln!(out, "{}", json!(all))?;
        } else {
            for scenario in all {
                writeln!(out, "{:16} {}: {}", scenario.name, scenario.special, scenario.ending())?;
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut told = |line: &Line| {
        if !json {
            // If nobody listens, the exit code still says how it ended.
            let _ = writeln!(io::stdout(), "{line}");
        }
    };
    let lines = scenario::run(name, &mut told).await?;
    if json {
        writeln!(out, "{}", json!({ "scenario": name, "story": lines }))?;
    } else {
        writeln!(
            out,
            "{name}: everything was told as it should be, and the connection works"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Names the presets.
fn list(json: bool) -> io::Result<()> {
    let stories: Vec<_> = Preset::all().map(Preset::story).collect();
    let mut out = io::stdout();
    if json {
        let rows = stories.iter().map(|story| {
            let mut row = json!(story);
            row["ends"] = json!(story.ending());
            row
        });
        return writeln!(out, "{}", Value::Array(rows.collect()));
    }
    let longest = |text: fn(&Story) -> &str| stories.iter().map(|story| text(story).len()).max().unwrap_or_default();
    let (name, special) = (longest(|story| story.preset), longest(|story| story.special));
    writeln!(out, "{:name$}  {:special$}  how a walk ends", "preset", "the org")?;
    for story in &stories {
        writeln!(
            out,
            "{:name$}  {:special$}  {}",
            story.preset,
            story.special,
            story.ending()
        )?;
    }
    Ok(())
}

/// Says what was started and prints the link.
async fn tell(stack: &Stack, folder: Option<&Folder>, data: Option<&PathBuf>) -> Result<(), Fault> {
    let mut out = io::stdout();
    writeln!(out, "service      {}", stack.url)?;
    writeln!(out, "Akeneo PIM   {}  (log in as admin, any password)", stack.pim.url())?;
    writeln!(out, "Salesforce   {}  (the login form is filled in)", stack.org.url())?;
    writeln!(
        out,
        "console      {}console  (for Customer Success; the login form is filled in, any password)",
        stack.url
    )?;
    writeln!(out)?;
    if let Some(before) = stack.moved_from {
        writeln!(
            out,
            "Attention: the service was at port {before} before. Custom Apps that were made then still lead there: start again without\n\
             --port, or create a Custom App with the URLs that the page shows now and enter its credentials.\n"
        )?;
    }
    let invitation = invitation(stack, folder).await?;
    match &invitation.past {
        Past::None => {}
        Past::SameLink(shown) => writeln!(out, "{} Its link still works.", goes_on(shown))?,
        Past::NewLink(shown) => writeln!(
            out,
            "{} This is a new link to it; a former one no longer works.",
            goes_on(shown)
        )?,
    }
    writeln!(out, "Open this setup link: {}", invitation.link)?;
    match data {
        Some(data) => writeln!(
            out,
            "Ctrl-C stops everything; {} keeps it for the next start.",
            data.display()
        )?,
        None => writeln!(out, "Ctrl-C stops everything and leaves nothing behind.")?,
    }
    Ok(())
}

fn goes_on(shown: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('_', " ");
    format!(
        "Goes on with the connection of {}, at the stage \"{}\".",
        shown["customer"].as_str().unwrap_or_default(),
        text(&shown["stage"])
    )
}

/// Walks the journey. Ends well when it ends connected.
async fn auto(stack: &Stack, arguments: &Arguments) -> Result<ExitCode, Fault> {
    let json = arguments.json;
    let mut out = io::stdout();
    let mut steps: Vec<Step> = Vec::new();
    let mut told = |step: &Step| {
        if !json {
            // If nobody listens, the walk goes on and its exit code still says how it ended.
            let _ = writeln!(io::stdout(), "{:>6} ms  {}", step.duration_ms, step.step);
        }
        steps.push(step.clone());
    };
    let terms = json!({ "callback": arguments.callback });
    let ending = walk_on(&terms, &stack.url, stack.pim.url(), stack.org.url(), &mut told).await?;
    if json {
        let mut whole = json!(ending);
        whole["steps"] = json!(steps);
        writeln!(out, "{whole}")?;
    } else {
        writeln!(out, "{ending}")?;
    }
    Ok(if matches!(ending, Ending::Connected(_)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

/// The ways in which a person or a system asks a program to end: Ctrl-C, a request, a terminal that is closed.
struct Ended {
    pressed: Signal,
    requested: Signal,
    hung_up: Signal,
}

impl Ended {
    fn listen() -> io::Result<Self> {
        let [pressed, requested, hung_up] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        Ok(Self {
            pressed: pressed?,
            requested: requested?,
            hung_up: hung_up?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.pressed.recv() => {}
            _ = self.requested.recv() => {}
            _ = self.hung_up.recv() => {}
        }
    }
}
