//! A proxy in front of a moto server, on loopback: it makes moto as atomic as DynamoDB is, or loses answers on purpose.
//!
//! moto's server has a thread for each request and checks a condition in one step and writes in the next, so that two requests
//! can both pass the check. DynamoDB's conditional writes are atomic. With one request at a time moto keeps that promise; a
//! store that made two requests of what has to be one would still be found out.

use std::{
    io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

/// A proxy. It passes one request at a time and lives as long as the runtime it was started on.
#[derive(Debug)]
pub struct Proxy {
    endpoint: String,
    rule: Arc<Rule>,
}

#[derive(Debug)]
struct Rule {
    server: String,
    /// The operation whose first answer is swallowed.
    swallow: Option<String>,
    requests: AtomicU32,
    turn: Mutex<()>,
}

impl Proxy {
    /// Passes one request at a time.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub async fn one_at_a_time(server: &str) -> io::Result<Self> {
        Self::start(server, None).await
    }

    /// Closes the connection instead of passing the first answer to `operation` on, as `PutItem`. The server has carried the request out by then.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub async fn swallowing_first(server: &str, operation: &str) -> io::Result<Self> {
        Self::start(server, Some(operation.to_lowercase())).await
    }

    async fn start(server: &str, swallow: Option<String>) -> io::Result<Self> {
        let server = server.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let rule = Arc::new(Rule {
            server,
            swallow,
            requests: AtomicU32::new(0),
            turn: Mutex::new(()),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let shared = Arc::clone(&rule);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let rule = Arc::clone(&shared);
                // A connection that breaks is what its client has to live with.
                tokio::spawn(async move { drop(serve(client, &rule).await) });
            }
        });
        Ok(Self { endpoint, rule })
    }

    /// `http://host:port` of the proxy.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How many requests there were for the operation that [`Self::swallowing_first`] names.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.rule.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut client: TcpStream, rule: &Rule) -> io::Result<()> {
    while let Some(request) = message(&mut client).await? {
        let answer = {
            let _turn = rule.turn.lock().await;
            let mut server = TcpStream::connect(&rule.server).await?;
            server.write_all(&request).await?;
            message(&mut server).await?.ok_or(io::ErrorKind::UnexpectedEof)?
        };
        // The end of the header line is part of the name: PutItem is not the start of another operation.
        let asked = rule
            .swallow
            .as_ref()
            .is_some_and(|name| head(&request).contains(&format!(".{name}\r\n")));
        if asked && rule.requests.fetch_add(1, Ordering::SeqCst) == 0 {
            return Ok(());
        }
        client.write_all(&answer).await?;
    }
    Ok(())
}

/// One HTTP message with a content length, or none when the other side has closed.
async fn message(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let lengths = head(&bytes[..end]);
            let length = lengths
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0_usize) {
                return Ok(Some(bytes));
            }
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return if bytes.is_empty() {
                Ok(None)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
    }
}

fn head(message: &[u8]) -> String {
    let end = message
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(message.len(), |end| end + 2);
    String::from_utf8_lossy(&message[..end]).to_lowercase()
}
