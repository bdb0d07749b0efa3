//! A receiver of webhooks on a real socket: keeps what it gets and answers as it is told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;
use url::Url;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) url: Url,
    seen: Arc<Mutex<Vec<Got>>>,
    answer: Arc<Mutex<(u16, String)>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let receiver = Self {
            url,
            seen: Arc::default(),
            answer: Arc::new(Mutex::new((200, "{}".to_owned()))),
        };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// Answers so from now on.
    pub(crate) fn answers(&self, status: u16, body: &str) {
        *self.answer.lock().unwrap() = (status, body.to_owned());
    }

    /// What came since the last call.
    pub(crate) fn got(&self) -> Vec<Got> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

async fn take(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    receiver.seen.lock().unwrap().push(Got {
        path: uri.path().to_owned(),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let (status, body) = receiver.answer.lock().unwrap().clone();
    (StatusCode::from_u16(status).unwrap(), body)
}
