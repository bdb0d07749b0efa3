//! What the probe found, for people and for the service's configuration.

use connector::salesforce::capability::{Capabilities, Capability, Known};
use serde::Serialize;
use serde_json::json;

/// One question and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// The number in facts/salesforce 16, or of the section that leaves it open.
    pub point: &'static str,
    /// A stable name.
    pub name: &'static str,
    /// The question.
    pub question: &'static str,
    /// The answer: `open` if it was not asked or cannot be told.
    pub answer: String,
}

/// Everything that was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The org's host.
    pub org: String,
    /// Whether it is a sandbox; none if it does not say.
    pub is_sandbox: Option<bool>,
    /// The API version.
    pub api_version: String,
    /// The answers, in the order in which they were asked.
    pub answers: Vec<Answer>,
    /// What the service can be told.
    #[serde(skip)]
    pub capabilities: Capabilities,
    /// What could not be put back as it was, and has to be looked at by a person.
    pub left_behind: Vec<String>,
}

impl Report {
    /// Notes an answer.
    pub fn note(&mut self, point: &'static str, name: &'static str, question: &'static str, answer: impl Into<String>) {
        self.answers.push(Answer {
            point,
            name,
            question,
            answer: answer.into(),
        });
    }

    /// Notes whether the org does something that the service can be configured with.
    pub fn learn(&mut self, capability: Capability, accepted: bool) {
        let known = if accepted { Known::Accepted } else { Known::Refused };
        self.capabilities.set(capability, known);
    }

    /// The answer to a question by its name.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<&str> {
        let found = self.answers.iter().find(|answer| answer.name == name)?;
        Some(&found.answer)
    }

    /// As one JSON object.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let mut whole = json!(self);
        whole["capabilities"] = json!(self.capabilities);
        whole["configuration"] = json!(self.configuration());
        whole
    }

    /// The line for the service's environment.
    #[must_use]
    pub fn configuration(&self) -> String {
        format!("CONNECTOR_CAPABILITIES={}", self.capabilities)
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.is_sandbox {
            Some(true) => "a sandbox",
            Some(false) => "a production org",
            None => "an org that does not say what it is",
        };
        writeln!(f, "{}, {kind}, API {}\n", self.org, self.api_version)?;
        let width = |text: fn(&Answer) -> &str| self.answers.iter().map(|answer| text(answer).len()).max().unwrap_or(0);
        let (point, name) = (width(|answer| answer.point), width(|answer| answer.name));
        for answer in &self.answers {
            writeln!(f, "{:point$}  {:name$}  {}", answer.point, answer.name, answer.answer)?;
        }
        for left in &self.left_behind {
            writeln!(f, "\nATTENTION: {left}")?;
        }
        write!(f, "\n{}", self.configuration())
    }
}
