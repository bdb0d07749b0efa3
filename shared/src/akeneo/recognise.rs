//! Is there a PIM at this address? Asked once, when a person has typed it, without any credentials.
//!
//! Two unauthenticated addresses of the API are looked at (facts/akeneo 7.1). Whatever keeps us from them becomes one
//! fault with a remedy. A name that does not resolve, one that leads to a private address and a host that refuses the
//! connection read the same, so that the form tells nobody what our network can see (security, "Outbound calls").

use std::time::Duration;

use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use url::Url;

use super::PimUrl;
use super::verdict::envelope;
use crate::clock::Deadline;
use crate::outbound::{Answer, Call, CallError, Outbound, Permit, Retry};

/// Version and edition, documented as public since 6.0.
pub(super) const SYSTEM_INFORMATION: &str = "/api/rest/v1/system-information";
/// The list of the API's addresses, public in all versions.
const ROOT: &str = "/api/rest/v1";
/// A person is waiting.
const ONE_TRY: Duration = Duration::from_secs(6);
/// Longest version or edition that is kept.
const LONGEST: usize = 64;

/// What a PIM says it is (facts/akeneo 7.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PimIdentity {
    /// Such as `v20230112013744` or `6.0.28`.
    pub version: Option<String>,
    /// Such as `Serenity`, `GE`, `EE` or `CE`.
    pub edition: Option<String>,
}

impl PimIdentity {
    /// Reads the system information. Nothing if it is not that.
    pub(super) fn read(answer: &Answer) -> Option<Self> {
        let found: Self = (answer.status == StatusCode::OK).then(|| answer.json().ok())??;
        let plain = |text: &String| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b' ');
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed)
        };
        let version = found.version.filter(plain)?;
        Some(Self {
            version: Some(version),
            edition: found.edition.filter(plain),
        })
    }
}

/// Why there seems to be no PIM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRecognised {
    /// Something else answers there.
    #[error("what answers there is not a PIM")]
    NotAPim,
    /// The API redirects, maybe to the host that was meant.
    #[error("the address redirects")]
    Redirects(Option<PimUrl>),
    /// A firewall or a password is in front of it.
    #[error("something in front of the host refuses our calls")]
    Guarded,
    /// Nobody answers there.
    #[error("the host cannot be reached")]
    Unreachable,
    /// The certificate is not trusted.
    #[error("the host's certificate is not trusted")]
    BadCertificate,
    /// It is a PIM or may be one, but it is busy or has a fault of its own.
    #[error("the host is not available at the moment")]
    Unavailable,
}

impl NotRecognised {
    /// What is wrong and what to do, in sentences for the person who typed.
    #[must_use]
    pub fn remedy(&self) -> String {
        let text = match self {
            Self::NotAPim => {
                "There is no Akeneo PIM at this address. Open your PIM in the browser and copy the beginning of its address, for \
                 example https://acme.cloud.akeneo.com."
            }
            Self::Redirects(Some(meant)) => {
                return format!("This address leads on to another one. If that is your PIM, use: {meant}");
            }
            Self::Redirects(None) => {
                "The PIM at this address redirects API calls instead of answering them. Check the address; if it is right, ask \
                 whoever runs the PIM's web server."
            }
            Self::Guarded => {
                "Something in front of this address, such as a firewall or a password, refuses our calls. Ask whoever runs it to \
                 let calls to /api and /connect through."
            }
            Self::Unreachable => {
                "Nothing answers at this address. Check the spelling, and that the PIM can be reached from the internet and not \
                 only from your own network."
            }
            Self::BadCertificate => {
                "The certificate of this address is not trusted. Check the spelling; if it is right, ask whoever runs the PIM's \
                 web server to renew the certificate, with its whole chain."
            }
            Self::Unavailable => "The PIM at this address is not available at the moment. Try again in a few minutes.",
        };
        text.to_owned()
    }
}

/// Asks whether a PIM answers at `pim`.
///
/// # Errors
/// [`NotRecognised`], with its remedy.
pub async fn recognise(outbound: &Outbound, pim: &PimUrl, deadline: Deadline) -> Result<PimIdentity, NotRecognised> {
    let first = ask(outbound, pim, SYSTEM_INFORMATION, deadline).await?;
    if let Some(identity) = PimIdentity::read(&first) {
        return Ok(identity);
    }
    // Not there before 6.0, and maybe not public everywhere (facts/akeneo 12).
    let second = ask(outbound, pim, ROOT, deadline).await?;
    if lists_the_api(&second) || [&first, &second].into_iter().any(is_refusal_of_the_api) {
        return Ok(PimIdentity::default());
    }
    let guarded = [&first, &second]
        .into_iter()
        .any(|answer| matches!(answer.status.as_u16(), 401 | 403 | 407));
    Err(if guarded {
        NotRecognised::Guarded
    } else {
        NotRecognised::NotAPim
    })
}

async fn ask(outbound: &Outbound, pim: &PimUrl, path: &str, deadline: Deadline) -> Result<Answer, NotRecognised> {
    let mut call = Call::new("akeneo.recognise", Method::GET, pim.endpoint(path));
    call.headers
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    call.retry = Retry::Never;
    call.timeout = ONE_TRY;
    let answer = outbound.send(&call, deadline).await.map_err(|fault| match fault {
        CallError::Forbidden | CallError::Unreachable(_) | CallError::TimedOut | CallError::Interrupted(_) => {
            NotRecognised::Unreachable
        }
        CallError::Tls(_) => NotRecognised::BadCertificate,
        CallError::TooLarge => NotRecognised::NotAPim,
    })?;
    if answer.status.is_redirection() {
        return Err(NotRecognised::Redirects(another_pim(
            &answer,
            &call.url,
            pim,
            outbound.permit(),
        )));
    }
    let busy = answer.status.is_server_error() || matches!(answer.status.as_u16(), 408 | 429);
    if busy {
        Err(NotRecognised::Unavailable)
    } else {
        Ok(answer)
    }
}

/// The other PIM that a redirect may lead to. Its address is judged like a typed one; the rest of `Location` is dropped.
fn another_pim(answer: &Answer, from: &Url, pim: &PimUrl, permit: &Permit) -> Option<PimUrl> {
    let location = answer.headers.get(header::LOCATION)?.to_str().ok()?;
    let target = from.join(location).ok()?;
    let meant = match PimUrl::parse(target.as_str(), permit) {
        Ok(meant) => meant,
        Err(fault) => fault.suggestion()?.clone(),
    };
    (meant != *pim).then_some(meant)
}

/// `{"host", "authentication", "routes"}` (facts/akeneo 7.1).
fn lists_the_api(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only the shape counts")]
    struct Listing {
        authentication: serde_json::Value,
        routes: serde_json::Map<String, serde_json::Value>,
    }
    answer.status == StatusCode::OK && answer.json::<Listing>().is_ok()
}

fn is_refusal_of_the_api(answer: &Answer) -> bool {
    matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) && envelope(answer).is_some()
}

#[cfg(test)]
mod tests;
