//! A question that only a write answers: shown with everything that is sent, asked when a person agrees, undone.

use std::future::Future;
use std::pin::Pin;

use serde_json::{Value, json};

use crate::credentials::Target;
use crate::org::{Org, Reply};
use crate::records::Records;
use crate::report::Report;
use crate::undo::Undo;

/// A write before it is made.
#[derive(Debug, Clone)]
pub struct Write {
    /// What `--yes-to` calls it.
    pub name: &'static str,
    /// What it is for and what it does meanwhile, in words.
    pub what: String,
    /// What is sent: method, path and body, secret-equivalent values withheld.
    pub calls: Vec<(&'static str, String, Value)>,
}

/// A person's answer, which may take a while.
pub type Asked = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Asks a person about a write.
pub type Consent<'a> = &'a mut (dyn FnMut(&Write) -> Asked + Send);

/// What is asked, and under which names the report has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// The number in facts/salesforce 16, or of the section that leaves it open.
    pub(crate) point: &'static str,
    /// A stable name.
    pub(crate) name: &'static str,
    /// In words.
    pub(crate) text: &'static str,
}

/// What every question needs.
pub(crate) struct Probing<'a> {
    pub(crate) org: &'a Org,
    pub(crate) records: &'a Records,
    pub(crate) target: Option<&'a Target>,
    pub(crate) report: &'a mut Report,
    pub(crate) consent: Consent<'a>,
    pub(crate) undo: &'a Undo,
}

impl Probing<'_> {
    /// Notes an answer.
    pub(crate) fn note(&mut self, question: &Question, answer: impl Into<String>) {
        self.report.note(question.point, question.name, question.text, answer);
    }

    /// Notes why there is no answer.
    pub(crate) fn open(&mut self, question: &Question, why: impl std::fmt::Display) {
        self.note(question, format!("open: {why}"));
    }

    /// Shows the write. A no is noted as the answer.
    pub(crate) async fn agreed(&mut self, write: &Write, question: &Question) -> bool {
        let yes = (self.consent)(write).await;
        if !yes {
            self.open(question, "not agreed to");
        }
        yes
    }

    /// Puts everything back; whether all of it is.
    pub(crate) async fn put_back(&mut self) -> bool {
        let left = self.undo.all(self.org).await;
        let clean = left.is_empty();
        self.report.left_behind.extend(left);
        clean
    }
}

/// Whether the org did it, in a word and with its answer.
pub(crate) fn verdict(reply: &Reply) -> String {
    let word = if reply.is_ok() { "accepted" } else { "refused" };
    format!("{word} ({})", reply.brief())
}

/// A body with what is worth a secret left out.
pub(crate) fn withheld(body: &Value) -> Value {
    let mut body = body.clone();
    hide(&mut body);
    body
}

fn hide(value: &mut Value) {
    const SECRET: [&str; 7] = [
        "credentialValue",
        "password",
        "oauthToken",
        "oauthRefreshToken",
        "awsAccessSecret",
        "consumerSecret",
        "access_token",
    ];
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(fields) => {
            let name = fields.get("parameterName").and_then(Value::as_str).unwrap_or_default();
            if name.starts_with("code_") {
                fields.insert("parameterValue".to_owned(), json!("[withheld]"));
            }
            for key in SECRET {
                if fields.get(key).is_some_and(Value::is_string) {
                    fields.insert(key.to_owned(), json!("[withheld]"));
                }
            }
            fields.values_mut().for_each(hide);
        }
        _ => {}
    }
}
