//! The socket under each connection, so that faults can be real: a reset is a TCP reset and a slow answer drips from the socket.
//!
//! The fault layer decides what happens to an answer; this module carries it out when the answer is written. It knows nothing of HTTP.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// The handle by which a request reaches its own socket.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire(Arc<Fate>);

#[derive(Debug, Default)]
struct Fate {
    cut: AtomicBool,
    drip_bytes: AtomicUsize,
    drip_ms: AtomicU64,
}

impl Wire {
    /// The next write fails and the connection is reset.
    pub(crate) fn cut(&self) {
        self.0.cut.store(true, Ordering::SeqCst);
    }

    /// From now on at most `bytes` are written every `pause_ms`.
    pub(crate) fn drip(&self, bytes: usize, pause_ms: u64) {
        self.0.drip_ms.store(pause_ms, Ordering::SeqCst);
        self.0.drip_bytes.store(bytes, Ordering::SeqCst);
    }

    /// Ends a drip: the next request on this connection is answered at full speed.
    pub(crate) fn flow(&self) {
        self.0.drip_bytes.store(0, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, WireListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, WireListener>) -> Self {
        stream.io().wire.clone()
    }
}

/// A TCP listener whose connections can be disturbed.
#[derive(Debug)]
pub(crate) struct WireListener(pub(crate) TcpListener);

impl Listener for WireListener {
    type Io = WireStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        let wire = Wire::default();
        (
            WireStream {
                stream,
                wire,
                pause: None,
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct WireStream {
    stream: TcpStream,
    wire: Wire,
    pause: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for WireStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for WireStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let fate = Arc::clone(&self.wire.0);
        if fate.cut.load(Ordering::SeqCst) {
            // No lingering: the peer sees a reset, not an orderly end.
            let _unsettable_on_a_dead_socket = self.stream.set_zero_linger();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if let Some(pause) = self.pause.as_mut() {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        let limit = match fate.drip_bytes.load(Ordering::SeqCst) {
            0 => bytes.len(),
            drip => {
                self.pause = Some(Box::pin(sleep(Duration::from_millis(
                    fate.drip_ms.load(Ordering::SeqCst),
                ))));
                drip.min(bytes.len())
            }
        };
        Pin::new(&mut self.stream).poll_write(context, &bytes[..limit])
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
