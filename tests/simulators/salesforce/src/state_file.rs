//! The state file: a simulated org that is started again goes on where it was.
//!
//! A keeper writes the whole world soon after each change, to a file beside it that then takes its place, so that a process that is killed
//! leaves a readable file. Only the owner can read it: it holds secrets, made-up ones. What is not kept: the journal and calls under way.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::world::{Kept, Shared, World};

/// Which program's state it is.
const SIMULATOR: &str = "salesforce-simulator";
/// Changes whenever an older file can no longer be read.
const VERSION: u32 = 1;
/// How long changes are collected before they are written.
const PAUSE: Duration = Duration::from_millis(100);

/// Why a simulator does not start from its file. Never shows what is in it.
#[derive(Debug, thiserror::Error)]
enum StateFault {
    #[error(
        "{} is not the state of a simulated org that this version can read ({reason}); move it away to begin with a fresh org",
        path.display()
    )]
    Unreadable { path: PathBuf, reason: String },
    #[error(
        "{} cannot be read or written ({source}); see to its permissions and its folder",
        path.display()
    )]
    OutOfReach { path: PathBuf, source: io::Error },
}

/// A world with the words that tell what it is.
#[derive(Serialize, Deserialize)]
struct Envelope<W> {
    simulator: String,
    version: u32,
    world: W,
}

/// The content of a state file.
pub(crate) fn written<W: Serialize>(world: &W) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Envelope {
        simulator: SIMULATOR.to_owned(),
        version: VERSION,
        world,
    })
}

/// A state file and what it holds.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    content: Vec<u8>,
}

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            content: Vec::new(),
        }
    }

    /// The world in the file; nothing if there is no file yet.
    pub(crate) fn read(&self) -> io::Result<Option<Kept<World>>> {
        let content = match fs::read(&self.path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.out_of_reach(error)),
        };
        parse(&content).map(Some).map_err(|reason| {
            let path = self.path.clone();
            io::Error::other(StateFault::Unreadable { path, reason })
        })
    }

    /// Writes the content unless the file holds it already.
    fn write(&mut self, content: Vec<u8>) -> io::Result<()> {
        if content == self.content {
            return Ok(());
        }
        replace(&self.path, &content).map_err(|error| self.out_of_reach(error))?;
        self.content = content;
        Ok(())
    }

    fn out_of_reach(&self, source: io::Error) -> io::Error {
        let path = self.path.clone();
        io::Error::other(StateFault::OutOfReach { path, source })
    }
}

/// The world in the content of a state file.
pub(crate) fn read_content(content: &[u8]) -> io::Result<Kept<World>> {
    parse(content).map_err(|reason| io::Error::other(format!("this is not the state of a simulated org ({reason})")))
}

fn parse(content: &[u8]) -> Result<Kept<World>, String> {
    let at = |error: serde_json::Error| format!("line {}, column {}", error.line(), error.column());
    let envelope: Envelope<Value> = serde_json::from_slice(content).map_err(at)?;
    if (envelope.simulator.as_str(), envelope.version) != (SIMULATOR, VERSION) {
        // Shortened: the name comes from a file that can be anything.
        let name: String = envelope.simulator.chars().take(40).collect();
        return Err(format!(
            "it is {name:?} version {}, not {SIMULATOR:?} version {VERSION}",
            envelope.version
        ));
    }
    serde_json::from_value(envelope.world).map_err(|_| "its content does not fit".to_owned())
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(content)?;
    drop(file);
    fs::rename(new, path)
}

/// Writes the file while the simulator runs.
#[derive(Debug)]
pub(crate) struct Keeper {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Keeper {
    /// Writes the file for the first time and then after each change.
    pub(crate) fn start(mut file: StateFile, simulator: &Shared) -> io::Result<Self> {
        file.write(simulator.kept()?)?;
        let (stop, asked_to_stop) = oneshot::channel();
        let task = tokio::spawn(keep(file, simulator.clone(), asked_to_stop));
        Ok(Self { stop, task })
    }

    /// Writes what has changed since and ends. Dropping the keeper ends it without writing: somebody else may have the file by then.
    pub(crate) async fn stop(self) {
        // The receiver is gone only if the task ended already.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

async fn keep(mut file: StateFile, simulator: Shared, mut asked_to_stop: oneshot::Receiver<()>) {
    let mut in_trouble = false;
    loop {
        let change = async {
            simulator.touched().await;
            tokio::time::sleep(PAUSE).await;
        };
        let last = tokio::select! {
            () = change => false,
            asked = &mut asked_to_stop => match asked {
                Ok(()) => true,
                Err(_dropped) => return,
            },
        };
        let done = simulator
            .kept()
            .map_err(io::Error::other)
            .and_then(|content| file.write(content));
        if let (Err(error), false) = (&done, in_trouble) {
            // Nobody waits for this task; a full disk has to be said somewhere. The next change tries again.
            let _ = writeln!(io::stderr(), "salesforce-simulator: {error}");
        }
        in_trouble = done.is_err();
        if last {
            return;
        }
    }
}
