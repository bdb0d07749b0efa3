//! The wire: a listener whose connections can be cut or slowed down by a request that came over them.
//!
//! A cut is real: the socket is closed with a reset and without a byte of an answer, so a client sees a transport error.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

/// Hands out wires instead of plain sockets.
pub(crate) struct Exchange(pub(crate) TcpListener);

impl Listener for Exchange {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (socket, address) = Listener::accept(&mut self.0).await;
        (
            Wire {
                socket,
                line: Line::default(),
                pause: None,
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// What a request can do to the connection that it came over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<Mutex<Condition>>);

#[derive(Debug, Clone, Copy, Default)]
struct Condition {
    cut: bool,
    pace: Option<Pace>,
}

#[derive(Debug, Clone, Copy)]
struct Pace {
    bytes: usize,
    every: Duration,
}

impl Line {
    /// No answer will be written; the connection is reset instead.
    pub(crate) fn cut(&self) {
        self.condition().cut = true;
    }

    /// From now on only so many bytes are written at a time, with a pause after each piece.
    pub(crate) fn slow_down(&self, bytes: usize, every: Duration) {
        self.condition().pace = Some(Pace {
            bytes: bytes.max(1),
            every,
        });
    }

    fn condition(&self) -> MutexGuard<'_, Condition> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Exchange>> for Line {
    fn connect_info(stream: IncomingStream<'_, Exchange>) -> Self {
        stream.io().line.clone()
    }
}

/// A socket with a line.
pub(crate) struct Wire {
    socket: TcpStream,
    line: Line,
    pause: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Condition { cut, pace } = *self.line.condition();
        if cut {
            // A zero linger makes the close a reset. If it cannot be set, the close alone is still a transport error.
            let _ = self.socket.set_zero_linger();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if let Some(pause) = &mut self.pause {
            if pause.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.pause = None;
        }
        let piece = pace.map_or(buf.len(), |pace| pace.bytes.min(buf.len()));
        let written = Pin::new(&mut self.socket).poll_write(cx, &buf[..piece]);
        if let (Poll::Ready(Ok(_)), Some(pace)) = (&written, pace) {
            self.pause = Some(Box::pin(tokio::time::sleep(pace.every)));
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
