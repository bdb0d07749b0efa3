//! What keeps the benchmark from running. What it finds is no fault: that is in its claims.

use std::io;

use connector::connection::LedgerError;
use connector::service::StartFault;
use connector::store::StoreError;
use connector_local::stack::StackFault;
use connector_local::walk::WalkFault;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchFault {
    #[error("the machine refuses: {0}")]
    Io(#[from] io::Error),
    #[error("something is no JSON of the right shape: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the local stack does not start: {0}")]
    Stack(#[from] StackFault),
    #[error("the journey cannot be walked: {0}")]
    Walk(#[from] WalkFault),
    #[error("the journey left no trace of {0}")]
    Mould(&'static str),
    #[error("the service does not start: {0}")]
    Start(#[from] StartFault),
    #[error("the store fails: {0}")]
    Store(#[from] StoreError),
    #[error("the store fails: {0}")]
    Ledger(#[from] LedgerError),
    #[error("the handler fails: {0}")]
    Handler(String),
    #[error("a process of simulators failed: {0}")]
    Simulators(String),
    #[error(
        "{wanted} files have to be open in each of {processes} processes and {limit} may be: raise the limit (ulimit -n) or take fewer connections"
    )]
    OpenFiles {
        wanted: usize,
        processes: usize,
        limit: usize,
    },
}
