//! SOQL: values in, rows out.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{ApiError, Org, Resource};

/// The most pages that one query reads; a page has up to 2,000 rows. Nothing that we ask for comes near.
const MOST_PAGES: usize = 10;

/// A text as a SOQL literal, quotes included. The only way a value gets into a query.
#[must_use]
pub fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' | '"' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // No other control character means anything in a query.
            c if c.is_control() => {}
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// A SOQL pattern for texts that contain `text`, quotes included: wildcards in it stand for themselves.
#[must_use]
pub fn containing(text: &str) -> String {
    let quoted = literal(text);
    let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    format!("'%{}%'", inner.replace('%', "\\%").replace('_', "\\_"))
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Rows<T> {
    records: Vec<T>,
    done: bool,
    #[serde(rename = "nextRecordsUrl")]
    next: Option<String>,
}

impl Org {
    /// All rows of a data query (facts/salesforce 6).
    ///
    /// # Errors
    /// [`ApiError`]; [`ApiError::Malformed`] when there are absurdly many rows.
    pub async fn query<T: DeserializeOwned>(&self, name: &'static str, soql: &str) -> Result<Vec<T>, ApiError> {
        self.rows(name, &Resource::new(&["query", ""]), soql).await
    }

    /// All rows of a Tooling query (facts/salesforce 1.3).
    ///
    /// # Errors
    /// [`ApiError`]; [`ApiError::Malformed`] when there are absurdly many rows.
    pub async fn tooling_query<T: DeserializeOwned>(&self, name: &'static str, soql: &str) -> Result<Vec<T>, ApiError> {
        self.rows(name, &Resource::new(&["tooling", "query", ""]), soql).await
    }

    async fn rows<T: DeserializeOwned>(
        &self,
        name: &'static str,
        resource: &Resource,
        soql: &str,
    ) -> Result<Vec<T>, ApiError> {
        let mut page: Rows<T> = self.get(name, &resource.clone().with("q", soql)).await?;
        let mut rows = Vec::new();
        for _ in 1..MOST_PAGES {
            rows.append(&mut page.records);
            let Some(next) = page.next.filter(|_| !page.done) else {
                return Ok(rows);
            };
            page = self.get_at(name, self.next_page(&next)?).await?;
        }
        rows.append(&mut page.records);
        if page.done { Ok(rows) } else { Err(ApiError::Malformed) }
    }

    /// Reads a page that an answer of the org named by its path.
    pub(in super::super) async fn get_page<T: DeserializeOwned>(
        &self,
        name: &'static str,
        next: &str,
    ) -> Result<T, ApiError> {
        self.get_at(name, self.next_page(next)?).await
    }

    /// `nextRecordsUrl` is a path in the same org; the token must not follow it anywhere else.
    fn next_page(&self, next: &str) -> Result<url::Url, ApiError> {
        let url = self
            .instance()
            .origin()
            .url()
            .join(next)
            .map_err(|_| ApiError::Malformed)?;
        let inside = self.instance().same_origin(&url) && url.path().starts_with("/services/data/");
        if inside && url.username().is_empty() && url.password().is_none() {
            Ok(url)
        } else {
            Err(ApiError::Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    #[derive(Deserialize)]
    struct Row {
        #[serde(rename = "Id")]
        id: String,
    }

    #[test]
    fn values_cannot_leave_their_quotes() {
        for (text, expect) in [
            ("Akeneo", "'Akeneo'"),
            ("O'Hara", "'O\\'Hara'"),
            ("x' OR Name != '", "'x\\' OR Name != \\''"),
            ("back\\", "'back\\\\'"),
            ("\\' OR 1=1", "'\\\\\\' OR 1=1'"),
            ("a\nb\r\tc\u{0}d\u{8}", "'a\\nb\\r\\tcd'"),
        ] {
            assert_eq!(literal(text), expect);
        }
    }

    #[test]
    fn a_pattern_has_no_wildcards_but_its_own() {
        for (text, expect) in [
            ("ada", "'%ada%'"),
            ("O'Hara", "'%O\\'Hara%'"),
            ("100%_x", "'%100\\%\\_x%'"),
            ("%' OR Name LIKE '", "'%\\%\\' OR Name LIKE \\'%'"),
            ("back\\", "'%back\\\\%'"),
        ] {
            assert_eq!(containing(text), expect);
        }
    }

    #[tokio::test]
    async fn every_page_is_read() {
        let org = ScriptedOrg::start(vec![
            Reply::json(
                200,
                r#"{"totalSize":3,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01gRM-2","records":[{"Id":"a"},{"Id":"b"}]}"#,
            ),
            Reply::json(200, r#"{"totalSize":3,"done":true,"records":[{"Id":"c"}]}"#),
        ]);
        let rows: Vec<Row> = org.org().query("test", "SELECT Id FROM X").await.unwrap();
        assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<String>(), "abc");
        let seen = org.seen();
        assert_eq!(seen[0].line, "GET /services/data/v66.0/query/?q=SELECT+Id+FROM+X");
        assert_eq!(seen[1].line, "GET /services/data/v66.0/query/01gRM-2");
    }

    #[tokio::test]
    async fn the_next_page_must_be_in_the_same_org() {
        for next in [
            "https://evil.example/services/data/x",
            "//evil.example/services/data/x",
            "/secur/logout.jsp",
            "/services/data/../../x",
        ] {
            let body = format!(r#"{{"done":false,"nextRecordsUrl":"{next}","records":[{{"Id":"a"}}]}}"#);
            let org = ScriptedOrg::start(vec![Reply::json(200, &body)]);
            let rows = org.org().tooling_query::<Row>("test", "SELECT Id FROM X").await;
            assert!(matches!(rows, Err(ApiError::Malformed)), "{next}");
        }
    }

    #[tokio::test]
    async fn a_query_without_end_is_given_up() {
        let page = r#"{"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g","records":[{"Id":"a"}]}"#;
        let org = ScriptedOrg::start(vec![Reply::json(200, page); MOST_PAGES]);
        assert!(matches!(
            org.org().query::<Row>("test", "SELECT Id FROM X").await,
            Err(ApiError::Malformed)
        ));
        assert_eq!(org.seen().len(), MOST_PAGES);
    }

    proptest! {
        #[test]
        fn a_literal_reads_back_as_the_text(text in "\\PC{0,40}", tail in "['\\\\\"]{0,4}") {
            let text = text + &tail;
            let quoted = literal(&text);
            let inner = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap();
            let (mut read, mut chars) = (String::new(), inner.chars());
            while let Some(c) = chars.next() {
                prop_assert_ne!(c, '\'', "a quote ends the literal early");
                read.push(if c == '\\' { chars.next().unwrap() } else { c });
            }
            prop_assert_eq!(read, text);
        }
    }
}
