//! A server that answers with what it was told to, and keeps what arrived.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

/// A request as it came over the wire.
pub(super) struct Arrived {
    pub(super) method: String,
    pub(super) target: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Arrived {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = || {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let first = line();
        let mut parts = first.split(' ').map(str::to_owned);
        let (method, target) = (parts.next().unwrap(), parts.next().unwrap());
        let mut headers = Vec::new();
        loop {
            let header = line();
            let Some((name, value)) = header.split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        Self {
            method,
            target,
            headers,
            body,
        }
    }

    /// The value of a header; empty if it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// An answer: what stands behind the version in its first line, further headers included, and its body.
pub(super) type Answer = (&'static str, &'static str);

/// Answers so many requests, one after the other.
pub(super) fn serve(answers: &'static [Answer]) -> (String, JoinHandle<Vec<Arrived>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let mut arrived = Vec::new();
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            arrived.push(Arrived::read(&stream));
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
        arrived
    });
    (endpoint, served)
}
