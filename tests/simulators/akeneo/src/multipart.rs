//! `multipart/form-data`, as far as the token endpoint reads it: plain fields (facts/akeneo 3.2).

/// Name and value of each field; what is malformed is skipped.
pub(crate) fn fields(content_type: &str, body: &[u8]) -> Vec<(String, String)> {
    let boundary = content_type
        .split(';')
        .find_map(|part| part.trim().strip_prefix("boundary="));
    let Some(boundary) = boundary
        .map(|boundary| boundary.trim_matches('"'))
        .filter(|boundary| !boundary.is_empty())
    else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(body);
    text.split(&format!("--{boundary}")).skip(1).filter_map(field).collect()
}

fn field(part: &str) -> Option<(String, String)> {
    let (head, value) = part.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
    let disposition = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let name = disposition
        .split(';')
        .find_map(|part| part.trim().strip_prefix("name="))?;
    Some((
        name.trim_matches('"').to_owned(),
        value.strip_suffix("\r\n")?.to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_fields() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nx\r\ny\r\n--b--\r\n";
        let expect = vec![("code".to_owned(), "x\r\ny".to_owned())];
        assert_eq!(fields("multipart/form-data; boundary=b", body.as_bytes()), expect);
        assert_eq!(fields("multipart/form-data", body.as_bytes()), []);
        assert_eq!(fields("multipart/form-data; boundary=b", b"--b\r\ngarbage"), []);
    }
}
