//! A headless browser: cookies, redirects and forms over real HTTP, without JavaScript.

mod page;

use std::collections::BTreeMap;
use std::time::Duration;

use cookie::Cookie;
use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

pub use self::page::{Form, Page};

/// How many redirects are followed.
const MOST: usize = 20;

/// A browser of one person.
#[derive(Debug, Clone)]
pub struct Browser {
    client: reqwest::Client,
    /// By host and name: browsers do not keep ports apart, and neither does this one.
    cookies: BTreeMap<(String, String), String>,
    /// The addresses that the last navigation went through.
    pub trail: Vec<Url>,
    /// Every answer since the start, redirects included, where somebody asked for it with [`Browser::taped`].
    tape: Option<Vec<Heard>>,
}

/// An answer as it came, before anything is made of it.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Who answered.
    pub url: Url,
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; a redirect's is not read.
    pub body: String,
}

/// Why a browser cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Stuck {
    /// No answer.
    #[error("no answer from {host}: {reason}")]
    NoAnswer {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// Redirected without end.
    #[error("redirected without end")]
    Loop,
    /// What was looked for is not on the page.
    #[error("{what} is not on the page {path} ({status})")]
    NotThere {
        /// What.
        what: String,
        /// The page's path.
        path: String,
        /// Its status.
        status: u16,
    },
}

impl Browser {
    /// A new browser without cookies.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(40))
            .build()?;
        Ok(Self {
            client,
            cookies: BTreeMap::new(),
            trail: Vec::new(),
            tape: None,
        })
    }

    /// The same browser; from now on it keeps every answer.
    #[must_use]
    pub fn taped(mut self) -> Self {
        self.tape = Some(Vec::new());
        self
    }

    /// The answers that were kept.
    #[must_use]
    pub fn tape(&self) -> &[Heard] {
        self.tape.as_deref().unwrap_or_default()
    }

    /// Opens an address and follows redirects.
    ///
    /// # Errors
    /// [`Stuck`].
    pub async fn open(&mut self, url: Url) -> Result<Page, Stuck> {
        self.go(Method::GET, url, None, &[]).await
    }

    /// Sends a form and follows redirects.
    ///
    /// # Errors
    /// [`Stuck`].
    pub async fn submit(&mut self, form: Form) -> Result<Page, Stuck> {
        if form.method == Method::GET {
            let mut url = form.action;
            url.query_pairs_mut().clear().extend_pairs(&form.fields);
            return self.go(Method::GET, url, None, &[]).await;
        }
        self.go(Method::POST, form.action, Some(form.fields), &[]).await
    }

    /// The value of a cookie that this browser holds for a host.
    #[must_use]
    pub fn cookie(&self, of: &Url, name: &str) -> Option<&str> {
        let key = (of.host_str()?.to_owned(), name.to_owned());
        self.cookies.get(&key).map(String::as_str)
    }

    /// Forgets a host's cookie, as people and privacy settings do.
    pub fn forget(&mut self, of: &Url, name: &str) {
        let host = of.host_str().unwrap_or_default().to_owned();
        self.cookies.remove(&(host, name.to_owned()));
    }

    /// One request as a page's script would make it; no redirect is followed.
    ///
    /// # Errors
    /// [`Stuck`].
    pub async fn script(&mut self, method: Method, url: Url) -> Result<Page, Stuck> {
        let answer = self
            .send(method, &url, None, &[("x-requested-with", "XMLHttpRequest")])
            .await?;
        self.read(url, answer).await
    }

    /// One request without following a redirect; the answer's `Location` comes along.
    ///
    /// # Errors
    /// [`Stuck`].
    pub async fn step(
        &mut self,
        method: Method,
        url: Url,
        form: Option<Vec<(String, String)>>,
    ) -> Result<(Page, Option<Url>), Stuck> {
        let answer = self.send(method, &url, form.as_deref(), &[]).await?;
        let location = location(&url, &answer);
        Ok((self.read(url, answer).await?, location))
    }

    async fn go(
        &mut self,
        method: Method,
        url: Url,
        form: Option<Vec<(String, String)>>,
        headers: &[(&'static str, &str)],
    ) -> Result<Page, Stuck> {
        let (mut method, mut url, mut form) = (method, url, form);
        self.trail.clear();
        for _ in 0..MOST {
            self.trail.push(url.clone());
            let answer = self.send(method.clone(), &url, form.as_deref(), headers).await?;
            let Some(mut next) = location(&url, &answer) else {
                return self.read(url, answer).await;
            };
            if next.fragment().is_none() {
                next.set_fragment(url.fragment());
            }
            (method, form, url) = (Method::GET, None, next);
        }
        Err(Stuck::Loop)
    }

    async fn send(
        &mut self,
        method: Method,
        url: &Url,
        form: Option<&[(String, String)]>,
        headers: &[(&'static str, &str)],
    ) -> Result<reqwest::Response, Stuck> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut request = self.client.request(method, url.clone());
        let cookies = self.cookies.iter().filter(|((of, _), _)| *of == host);
        let cookies: Vec<_> = cookies.map(|((_, name), value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(form) = form {
            request = request.header("sec-fetch-site", "same-origin").form(form);
        }
        let sent = request.send().await;
        let answer = sent.map_err(|error| Stuck::NoAnswer {
            host: host.clone(),
            reason: error.without_url().to_string(),
        })?;
        if let Some(tape) = &mut self.tape {
            let headers = answer.headers().clone();
            tape.push(Heard {
                url: url.clone(),
                status: answer.status(),
                headers,
                body: String::new(),
            });
        }
        for cookie in answer
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
        {
            let Ok(cookie) = Cookie::parse(cookie) else { continue };
            let key = (host.clone(), cookie.name().to_owned());
            if cookie.value().is_empty() || cookie.max_age().is_some_and(|age| age.is_zero()) {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, cookie.value().to_owned());
            }
        }
        Ok(answer)
    }

    async fn read(&mut self, url: Url, answer: reqwest::Response) -> Result<Page, Stuck> {
        let status = answer.status();
        let host = url.host_str().unwrap_or_default().to_owned();
        let text = answer.text().await;
        let html = text.map_err(|error| Stuck::NoAnswer {
            host,
            reason: error.without_url().to_string(),
        })?;
        if let Some(heard) = self.tape.as_mut().and_then(|tape| tape.last_mut()) {
            heard.body.clone_from(&html);
        }
        Ok(Page { url, status, html })
    }
}

fn location(base: &Url, answer: &reqwest::Response) -> Option<Url> {
    if !answer.status().is_redirection() {
        return None;
    }
    base.join(answer.headers().get(header::LOCATION)?.to_str().ok()?).ok()
}
