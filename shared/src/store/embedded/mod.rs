//! Both stores in one SQLite file, for the local stack and the tests. Compiled out of the Lambda binaries.
//!
//! The file is in write-ahead mode, so several processes may open it, and one that is killed leaves it whole. Each change is one
//! statement or one immediate transaction. Work runs on the blocking pool with the one connection behind a mutex.
//! The schema follows the table of `template.yaml`; [`Changes`] plays its stream. The file holds secrets in plain text and is
//! readable by its owner only: it is no place for a customer's credentials.

mod changes;
mod documents;
mod rows;
mod schema;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::watch;

pub use self::changes::Changes;
use super::StoreError;

/// Both stores.
#[derive(Clone)]
pub struct EmbeddedStore(Arc<Inner>);

struct Inner {
    connection: Mutex<Connection>,
    /// Told of every write of this process, so that its [`Changes`] need not poll.
    written: watch::Sender<()>,
    place: String,
}

impl EmbeddedStore {
    /// Opens the file, and makes it if there is none. Its folder has to exist.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened; [`StoreError::Malformed`] when it is something else.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        Ok(Self::with(schema::open_file(path)?, path.display().to_string()))
    }

    /// A store that is gone when its last clone is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is no memory for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self::with(schema::open_memory()?, "memory".to_owned()))
    }

    fn with(connection: Connection, place: String) -> Self {
        let (written, _) = watch::channel(());
        Self(Arc::new(Inner {
            connection: Mutex::new(connection),
            written,
            place,
        }))
    }

    /// Runs `work` where it may block. A caller that goes away does not stop it, as it would not stop a request to AWS.
    async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            // A panic under the lock rolled its transaction back; the connection is as good as before.
            let mut connection = inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        });
        done.await.map_err(|error| StoreError::Unavailable(error.into()))?
    }

    /// [`Self::run`] for work that changes records.
    async fn change<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        self.run(move |connection| {
            let outcome = work(connection);
            inner.written.send_replace(());
            outcome
        })
        .await
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EmbeddedStore").field(&self.0.place).finish()
    }
}

/// SQLite's errors name statements and columns, never values.
fn fault(error: rusqlite::Error) -> StoreError {
    use rusqlite::Error as E;
    let unreadable = match &error {
        E::SqliteFailure(failure, _) => matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase),
        E::FromSqlConversionFailure(..) | E::IntegralValueOutOfRange(..) | E::InvalidColumnType(..) => true,
        _ => false,
    };
    if unreadable {
        StoreError::Malformed(Box::new(error))
    } else {
        StoreError::Unavailable(Box::new(error))
    }
}
