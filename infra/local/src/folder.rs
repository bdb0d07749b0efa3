//! The folder of `--data`: what one run of the stack leaves for the next.
//!
//! `connector.db` is the service's store, `pim.json` and `org.json` are the simulators' state, `ports.json` says where all three were:
//! addresses are written into the Custom App, the org and the links, so a stack that comes back elsewhere would be another stack.
//! `link.txt` has the setup link that was printed, because the store keeps only its hash. This is a demo; a service that kept links
//! would give them away with its disk.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Ports that are kept are taken from here: below those that the system hands out to anybody, so that nobody has them by chance when
/// the stack comes back.
const LASTING: std::ops::Range<u16> = 20_000..32_000;

/// A folder that outlives a run.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// Where a stack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The service.
    pub service: u16,
    /// The simulated PIM.
    pub pim: u16,
    /// The simulated org.
    pub org: u16,
}

/// A setup link that was printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLink {
    /// The link.
    pub link: String,
    /// Its connection.
    pub connection: String,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderFault {
    /// It or a file in it cannot be read or written.
    #[error("{} cannot be read or written ({source}); see to its permissions, or choose another folder with --data", path.display())]
    OutOfReach {
        /// Folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} is not what an earlier start wrote there; put it right, or begin anew with another folder", .0.display())]
    Unreadable(PathBuf),
}

impl Folder {
    /// The folder at this path.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes the folder unless it exists.
    ///
    /// # Errors
    /// [`FolderFault::OutOfReach`].
    pub fn make(&self) -> Result<(), FolderFault> {
        fs::create_dir_all(&self.0).map_err(|source| FolderFault::OutOfReach {
            path: self.0.clone(),
            source,
        })
    }

    /// A file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where the stack was; nothing before the first start.
    ///
    /// # Errors
    /// [`FolderFault`].
    pub fn ports(&self) -> Result<Option<Ports>, FolderFault> {
        let Some(text) = self.read("ports.json")? else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|_| FolderFault::Unreadable(self.file("ports.json")))
    }

    /// Keeps where the stack is.
    ///
    /// # Errors
    /// [`FolderFault::OutOfReach`].
    pub fn keep_ports(&self, ports: Ports) -> Result<(), FolderFault> {
        self.write("ports.json", &format!("{}\n", serde_json::json!(ports)))
    }

    /// The setup link that was printed last.
    ///
    /// # Errors
    /// [`FolderFault`].
    pub fn link(&self) -> Result<Option<KeptLink>, FolderFault> {
        let Some(text) = self.read("link.txt")? else {
            return Ok(None);
        };
        let mut lines = text
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty());
        match (lines.next(), lines.next()) {
            (Some(link), Some(connection)) => Ok(Some(KeptLink { link, connection })),
            _ => Err(FolderFault::Unreadable(self.file("link.txt"))),
        }
    }

    /// Keeps the setup link that is printed.
    ///
    /// # Errors
    /// [`FolderFault::OutOfReach`].
    pub fn keep_link(&self, kept: &KeptLink) -> Result<(), FolderFault> {
        self.write("link.txt", &format!("{}\n{}\n", kept.link, kept.connection))
    }

    fn read(&self, name: &str) -> Result<Option<String>, FolderFault> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(FolderFault::Unreadable(path)),
            Err(source) => Err(FolderFault::OutOfReach { path, source }),
        }
    }

    /// Whole or not at all, for the owner's eyes only.
    fn write(&self, name: &str, text: &str) -> Result<(), FolderFault> {
        let (path, new) = (self.file(name), self.file(&format!("{name}.new")));
        let open = || {
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)
        };
        let written = open()
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&new, &path));
        written.map_err(|source| FolderFault::OutOfReach { path, source })
    }
}

/// A free port that stays free while the stack is away.
///
/// # Errors
/// None is found.
pub fn lasting_port() -> io::Result<u16> {
    const TRIES: usize = 50;
    let mut found = Err(io::Error::from(io::ErrorKind::AddrInUse));
    for _ in 0..TRIES {
        let port = rand::random_range(LASTING);
        found = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(|_free| port);
        if found.is_ok() {
            break;
        }
    }
    found
}
