//! A running `demo` program with a temporary folder of its own, so that what it leaves behind can be seen.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use connector_local::walk::Walk;
use tempfile::TempDir;
use url::Url;

/// How long a program may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that runs. It is killed when this is dropped.
pub(super) struct Demo {
    child: Child,
    temporary: TempDir,
    /// What it printed until the link was there.
    pub(super) said: Vec<String>,
}

/// A program that has ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) complaint: String,
    /// What it printed, unless it was read before.
    pub(super) said: String,
    /// How many files and folders it left in its temporary folder.
    pub(super) left: usize,
}

fn command(arguments: &[&str], temporary: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command
        .args(arguments)
        .env("TMPDIR", temporary)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Starts the program and waits until it has said everything.
pub(super) fn start(arguments: &[&str]) -> Demo {
    start_until(arguments, "Ctrl-C")
}

/// Starts the program and waits until it has said this.
pub(super) fn start_until(arguments: &[&str], words: &str) -> Demo {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = command(arguments, temporary.path());
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
        said.push(line.unwrap());
        if said.last().is_some_and(|line| line.contains(words)) {
            return Demo { child, temporary, said };
        }
    }
    panic!(
        "{said:?}, then {:?}",
        Demo {
            child,
            temporary,
            said: Vec::new()
        }
        .end()
        .complaint
    );
}

/// Runs the program to its end, which has to come by itself.
pub(super) fn run(arguments: &[&str]) -> Ended {
    let temporary = tempfile::tempdir().unwrap();
    Demo {
        child: command(arguments, temporary.path()),
        temporary,
        said: Vec::new(),
    }
    .end()
}

impl Demo {
    /// An address that was printed in the line that starts like this.
    pub(super) fn address(&self, line: &str) -> Url {
        let line = self.said.iter().find(|said| said.starts_with(line)).unwrap();
        line.split_whitespace()
            .find_map(|word| Url::parse(word).ok().filter(Url::has_host))
            .unwrap()
    }

    pub(super) fn link(&self) -> Url {
        self.address("Open this setup link")
    }

    pub(super) fn says(&self, words: &str) -> bool {
        self.said.iter().any(|line| line.contains(words))
    }

    /// A person with a fresh browser.
    pub(super) fn person(&self) -> Walk {
        Walk::new(&self.address("service"), &self.address("Akeneo PIM")).unwrap()
    }

    /// Sends a signal.
    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -s {name} {}", self.child.id())])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the end.
    pub(super) fn end(mut self) -> Ended {
        for _ in 0..PATIENCE.as_millis() / 20 {
            let Some(status) = self.child.try_wait().unwrap() else {
                thread::sleep(Duration::from_millis(20));
                continue;
            };
            let mut complaint = String::new();
            self.child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut complaint)
                .unwrap();
            let mut said = String::new();
            self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
            let left = std::fs::read_dir(self.temporary.path()).unwrap().count();
            return Ended {
                status,
                complaint,
                said,
                left,
            };
        }
        panic!("it does not end");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
