//! Forms, read strictly: right content type, bounded, valid percent-encoding and UTF-8, each field once.

use http::StatusCode;
use percent_encoding::percent_decode_str;

use super::Request;

/// The longest form in bytes.
const LONGEST: usize = 64 * 1024;
/// More fields than any form of ours has. Each is compared with all before it, so a form of thousands would be slow.
const MOST: usize = 64;

/// The fields of a posted form. Values may be secrets, so its `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct Form(Vec<(String, String)>);

/// Why a form is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// Another content type.
    #[error("the form has another content type than application/x-www-form-urlencoded")]
    ContentType,
    /// Too long, or too many fields.
    #[error("the form is too long")]
    TooLong,
    /// Broken percent-encoding or not UTF-8.
    #[error("the form is not encoded correctly")]
    Encoding,
    /// A field came twice.
    #[error("a field of the form came more than once")]
    Duplicate,
}

impl FormFault {
    /// The status to answer with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoding | Self::Duplicate => StatusCode::BAD_REQUEST,
        }
    }
}

impl Form {
    /// Reads a request's form. An empty body is an empty form, whatever its content type.
    ///
    /// # Errors
    /// [`FormFault`].
    pub fn read(request: &Request) -> Result<Self, FormFault> {
        if request.body.is_empty() {
            return Ok(Self::default());
        }
        let kind = request.header("content-type").unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(FormFault::ContentType);
        }
        if request.body.len() > LONGEST {
            return Err(FormFault::TooLong);
        }
        let text = std::str::from_utf8(&request.body).map_err(|_| FormFault::Encoding)?;
        let mut fields: Vec<(String, String)> = Vec::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if fields.iter().any(|(former, _)| *former == name) {
                return Err(FormFault::Duplicate);
            }
            if fields.len() == MOST {
                return Err(FormFault::TooLong);
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// A field's value; empty if it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value)
    }
}

/// Decodes one name or value, refusing what [`percent_decode_str`] would pass through.
fn decode(text: &str) -> Result<String, FormFault> {
    let bytes = text.as_bytes();
    let broken = bytes.iter().enumerate().any(|(at, byte)| {
        *byte == b'%'
            && !bytes
                .get(at + 1..at + 3)
                .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return Err(FormFault::Encoding);
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| FormFault::Encoding)?;
    Ok(decoded.into_owned())
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue, Method};

    fn read(kind: &'static str, body: impl Into<bytes::Bytes>) -> Result<Form, FormFault> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(kind));
        let (path, query) = (String::new(), String::new());
        Form::read(&Request {
            method: Method::POST,
            path,
            query,
            headers,
            body: body.into(),
        })
    }

    #[test]
    fn odd_forms_are_refused_by_name() {
        const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
        let check = |kind, body: &'static [u8], expect: Result<&str, FormFault>| {
            let found = read(kind, body).map(|form| form.get("a").to_owned());
            assert_eq!(found, expect.map(str::to_owned), "{body:?}");
        };
        check(FORM, b"a=b%20c+d&x", Ok("b c d"));
        check(FORM, b"a=%C3%A9", Ok("\u{e9}"));
        check(FORM, b"a=1&a=1", Err(FormFault::Duplicate));
        check(FORM, b"a=%zz", Err(FormFault::Encoding));
        check(FORM, b"a=%4", Err(FormFault::Encoding));
        check(FORM, b"a=%ff", Err(FormFault::Encoding));
        check(FORM, b"a=\xff", Err(FormFault::Encoding));
        check("application/json", b"a=1", Err(FormFault::ContentType));
        check("text/plain", b"", Ok(""));
        assert_eq!(read(FORM, vec![b'a'; LONGEST + 1]).unwrap_err(), FormFault::TooLong);
        let fields = |count: usize| (0..count).map(|field| format!("f{field}=x&")).collect::<String>();
        assert!(read(FORM, fields(MOST)).is_ok());
        assert_eq!(read(FORM, fields(MOST + 1)).unwrap_err(), FormFault::TooLong);
    }
}
