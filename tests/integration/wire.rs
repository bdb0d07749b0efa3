//! Requests put together by hand: what a scanner, another site or an attacker sends, and everything that comes back.

use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// The headers of a form that our own page sends.
pub(crate) const FORM: &[(&str, &str)] = &[
    ("content-type", "application/x-www-form-urlencoded"),
    ("sec-fetch-site", "same-origin"),
];

/// An answer, nothing followed, nothing interpreted.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// The value of a cookie that is set.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let lines = self
            .headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().unwrap());
        let mut pairs = lines.filter_map(|line| line.split(';').next()?.split_once('='));
        pairs
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    }

    /// The page without the reference, which differs each time.
    pub(crate) fn without_reference(&self) -> String {
        match self.body.split_once("Reference: <code>") {
            Some((before, after)) => format!("{before}{}", after.split_once("</code>").map_or("", |(_, rest)| rest)),
            None => self.body.clone(),
        }
    }
}

/// Sends one request.
pub(crate) async fn send(method: Method, url: Url, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut request = client.request(method, url).body(body.into());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    Answer {
        status: answer.status(),
        headers: answer.headers().clone(),
        body: answer.text().await.unwrap(),
    }
}

/// A GET without anything.
pub(crate) async fn get(url: Url) -> Answer {
    send(Method::GET, url, &[], "").await
}
