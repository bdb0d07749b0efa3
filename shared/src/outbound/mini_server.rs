//! For tests: a server on loopback that plays a script, byte by byte.
//!
//! Real sockets, no HTTP library: what a broken, slow or hostile host sends can be written down literally.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{Outbound, Permit};

/// What the server does with a request, step by step. It closes the connection afterwards.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Repeats `Send` and `Wait` for ever, until the other side goes away.
    Drip(Vec<u8>, Duration),
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    /// The value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .next()
    }
}

/// The server. It ends with the test's runtime.
pub(crate) struct MiniServer {
    origin: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl MiniServer {
    /// Starts a server that asks `script` what to do with each request: the number of the request from 0, and the request.
    pub(crate) async fn start(script: impl Fn(usize, &Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let (seen, script) = (Arc::new(Mutex::new(Vec::new())), Arc::new(script));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, script) = (Arc::clone(&shared), Arc::clone(&script));
                tokio::spawn(async move { serve(stream, &seen, script.as_ref()).await });
            }
        });
        Self { origin, seen }
    }

    /// Always the same answer.
    pub(crate) async fn answering(answer: Vec<u8>) -> Self {
        Self::start(move |_, _| vec![Step::Send(answer.clone())]).await
    }

    /// `http://127.0.0.1:port/`.
    pub(crate) fn origin(&self) -> Url {
        self.origin.clone()
    }

    /// A permit for exactly this server.
    pub(crate) fn permit(&self) -> Permit {
        Permit::parse(self.origin.as_str().trim_end_matches('/')).unwrap()
    }

    /// A way out that may call this server.
    pub(crate) fn outbound(&self) -> Outbound {
        Outbound::new(self.permit()).unwrap()
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Seen>>,
    script: &(dyn Fn(usize, &Seen) -> Vec<Step> + Send + Sync),
) {
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    for step in script(number, &request) {
        match step {
            Step::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Step::Wait(pause) => tokio::time::sleep(pause).await,
            Step::Drip(bytes, pause) => {
                while stream.write_all(&bytes).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }
    let _ = stream.shutdown().await;
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut words = head.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut request = Seen {
        method,
        target,
        head,
        body: String::new(),
    };
    let length: usize = request
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok()?;
        body.extend_from_slice(&chunk[..count]);
    }
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}

/// A complete answer with a body.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// A complete JSON answer.
pub(crate) fn json(status: &str, body: &str) -> Vec<u8> {
    answer(status, &[("Content-Type", "application/json")], body)
}
