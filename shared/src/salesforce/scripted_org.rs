//! A small server for tests: gives the replies it was told to, in order, and remembers the requests.
//!
//! It knows nothing of Salesforce; the bodies come from the facts file. The org simulator is another program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::api::Org;
use super::host::OrgUrl;
use super::version::ApiVersion;
use crate::clock::Deadline;
use crate::outbound::{Outbound, Permit};
use crate::secret::AccessToken;

/// One reply. `{origin}` in the body stands for the server's own origin.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    status: u16,
    headers: String,
    body: String,
}

impl Reply {
    pub(super) fn json(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: "Content-Type: application/json\r\n".to_owned(),
            body: body.to_owned(),
        }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: String::new(),
            body: String::new(),
        }
    }

    pub(super) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }
}

/// One request: `METHOD target`, the header lines, and the body as JSON or text.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) head: String,
    pub(super) body: Value,
}

/// The server. It lives as long as the test's process.
#[derive(Debug)]
pub(super) struct ScriptedOrg {
    origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl ScriptedOrg {
    /// Answers with `replies`, then with 599, which no test expects.
    pub(super) fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (own, log) = (origin.clone(), Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut replies = replies.into_iter();
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                if let Some(request) = read(&stream) {
                    log.lock().unwrap().push(request);
                    let reply = replies.next().unwrap_or_else(|| Reply::empty(599));
                    write(&stream, &reply, &own);
                }
            }
        });
        Self { origin, seen }
    }

    pub(super) fn permit(&self) -> Permit {
        Permit::parse(&self.origin).unwrap()
    }

    pub(super) fn outbound(&self) -> Outbound {
        Outbound::new(self.permit()).unwrap()
    }

    pub(super) fn instance(&self) -> OrgUrl {
        OrgUrl::parse(&self.origin, &self.permit()).unwrap()
    }

    pub(super) fn deadline(&self) -> Deadline {
        Deadline::after(Duration::from_secs(30))
    }

    pub(super) fn org(&self) -> Org {
        Org::new(
            &self.outbound(),
            self.instance(),
            AccessToken::new("00Dxx!token"),
            ApiVersion::NEWEST,
            self.deadline(),
        )
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The request lines, without the versioned root.
    pub(super) fn lines(&self) -> Vec<String> {
        self.seen()
            .iter()
            .map(|seen| seen.line.replace("/services/data/v66.0/", ""))
            .collect()
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let line = first.trim_end().strip_suffix(" HTTP/1.1")?.to_owned();
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim_end().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        head.push_str(&header);
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Some(Seen { line, head, body })
}

fn write(mut stream: &TcpStream, reply: &Reply, origin: &str) {
    let body = reply.body.replace("{origin}", origin);
    let head = format!(
        "HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
        reply.status,
        body.len(),
        reply.headers
    );
    let head = if reply.status == 204 {
        head.replace("Content-Length: 0\r\n", "")
    } else {
        head
    };
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()));
}
