//! A moto server of our own, on loopback, that cannot outlive us.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::Fault;

/// The server ends when the pipe to its watcher closes: when [`Server`] is dropped, and also when this process is killed, or
/// ends without dropping what its statics hold. The third descriptor carries the pipe past the shell's rule that background
/// jobs read from nowhere.
const WATCHED: &str = "exec 3<&0
moto_server -H 127.0.0.1 -p \"$1\" >/dev/null 2>&1 3<&- &
server=$!
(cat <&3 >/dev/null; kill $server 2>/dev/null) &
wait $server";

/// Python needs a second or two; a busy machine needs more.
const PATIENCE: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);
/// Another process may take the free port between our look and moto's; then there is another one.
const TRIES: u32 = 3;

/// A running moto server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shell: Child,
}

impl Server {
    /// Starts `moto_server` from the PATH on a free port and waits until it answers.
    ///
    /// # Errors
    /// When there is no such program, or it does not come up.
    pub fn start() -> Result<Self, Fault> {
        // Asked first, because the shell below would only say that it failed.
        Command::new("moto_server")
            .arg("--help")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        let mut outcome = Self::start_once();
        for _ in 1..TRIES {
            if outcome.is_ok() {
                break;
            }
            outcome = Self::start_once();
        }
        outcome
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn start_once() -> Result<Self, Fault> {
        let address = free_address()?;
        let shell = Command::new("sh")
            .args(["-c", WATCHED, "moto", &address.port().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self { address, shell };
        for _ in 0..PATIENCE {
            if let Some(status) = server.shell.try_wait()? {
                return Err(format!("moto_server ended at once with {status}").into());
            }
            if TcpStream::connect_timeout(&address, PAUSE).is_ok() {
                return Ok(server);
            }
            thread::sleep(PAUSE);
        }
        Err("moto_server did not come up".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // The shell ends once the server has.
        let _ended = self.shell.wait();
    }
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_listens_on_loopback_and_is_gone_when_dropped() {
        let server = Server::start().unwrap();
        let address = server.address();
        assert!(address.ip().is_loopback());
        assert!(TcpStream::connect(address).is_ok());
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
