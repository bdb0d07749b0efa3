//! Trying what a token may do: one small read per scope, one after the other (facts/akeneo 7.1).
//!
//! The PIM allows few calls at a time and we share them with Salesforce (facts/akeneo 7.4), so the probes are sequential,
//! ask for one item, never for a count, and end at the first answer that makes the rest pointless. They read only:
//! scopes that cannot be tried without writing are inferred from what the exchange said.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::recognise::{self, PimIdentity};
use super::verdict::{envelope, verdict};
use super::{PimUrl, Scope, Scopes, Verdict};
use crate::clock::Deadline;
use crate::outbound::{Answer, Call, CallError, Outbound};
use crate::secret::{AccessToken, Sensitive};

/// At most this long for one try of one probe.
const ONE_TRY: Duration = Duration::from_secs(8);
/// The same for the first call, which is one of the cheapest and shows whether anybody is there.
const FIRST_CONTACT: Duration = Duration::from_secs(5);

const PRODUCTS: &str = "/api/rest/v1/products-uuid";
const PRODUCTS_OF_OLDER_PIMS: &str = "/api/rest/v1/products";
/// No PIM has this attribute: a 404 that says so means that the question was allowed (facts/akeneo 7.1). In the public
/// source the permission is an annotation of the action, and so is checked before the action looks the attribute up.
const OPTIONS: &str = "/api/rest/v1/attributes/connector_setup_probe/options";
const CATALOGS: &str = "/api/rest/v1/catalogs";

/// In this order; the first is the usual first call with a new token.
const PROBES: [(Scope, &str); 7] = [
    (Scope::READ_CHANNEL_SETTINGS, "/api/rest/v1/channels"),
    (Scope::READ_CHANNEL_LOCALIZATION, "/api/rest/v1/locales"),
    (Scope::READ_CATALOG_STRUCTURE, "/api/rest/v1/attributes"),
    (Scope::READ_ATTRIBUTE_OPTIONS, OPTIONS),
    (Scope::READ_CATEGORIES, "/api/rest/v1/categories"),
    (Scope::READ_PRODUCTS, PRODUCTS),
    (Scope::READ_CATALOGS, CATALOGS),
];

/// What the probes found. Plain facts, no secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeReport {
    /// What the PIM says it is, if it says so.
    pub pim: Option<PimIdentity>,
    /// The verdict on each scope that was asked about before the probing ended.
    pub scopes: BTreeMap<Scope, Verdict>,
    /// The answer that ended the probing early.
    pub ended_by: Option<Verdict>,
}

impl ProbeReport {
    /// The one verdict that says how the connection to the PIM is: what ended the probing, else the first thing amiss,
    /// else [`Verdict::Granted`].
    #[must_use]
    pub fn overall(&self) -> Verdict {
        let has = |verdict: Verdict| self.scopes.values().any(|found| *found == verdict).then_some(verdict);
        self.ended_by
            .or(has(Verdict::Missing))
            .or(has(Verdict::Unknown))
            .unwrap_or(Verdict::Granted)
    }

    /// The scopes that are missing.
    #[must_use]
    pub fn missing(&self) -> Scopes {
        self.scopes
            .iter()
            .filter(|(_, verdict)| **verdict == Verdict::Missing)
            .map(|(scope, _)| scope.clone())
            .collect()
    }
}

/// Probes each of the `expected` scopes with `token`. `granted` is what the exchange said (facts/akeneo 3.4).
pub async fn probe(
    outbound: &Outbound,
    pim: &PimUrl,
    token: &AccessToken,
    expected: &Scopes,
    granted: &Scopes,
    deadline: Deadline,
) -> ProbeReport {
    let mut report = ProbeReport::default();
    let Ok(mut bearer) = HeaderValue::from_str(&format!("Bearer {}", token.expose())) else {
        report.ended_by = Some(Verdict::TokenInvalid);
        return report;
    };
    bearer.set_sensitive(true);
    let prober = Prober {
        outbound,
        pim,
        bearer,
        deadline,
    };
    report.pim = match prober.identity().await {
        Ok(identity) => identity,
        Err(end) => {
            report.ended_by = Some(end);
            return report;
        }
    };
    for (scope, path) in PROBES.into_iter().filter(|(scope, _)| expected.contains(scope)) {
        let found = prober.confirmed(path).await;
        if found.ends_the_probing() {
            report.ended_by = Some(found);
            return report;
        }
        report.scopes.insert(scope, found);
    }
    infer(&mut report, expected, granted);
    report
}

/// Scopes without a probe: granted if the exchange said so. Writing implies reading (facts/akeneo 6), so a catalog scope
/// cannot be there if catalogs cannot be read.
fn infer(report: &mut ProbeReport, expected: &Scopes, granted: &Scopes) {
    let no_catalogs = report.scopes.get(&Scope::READ_CATALOGS) == Some(&Verdict::Missing);
    for scope in expected.iter() {
        let lost = scope.needs_saas() && no_catalogs;
        let inferred = if granted.contains(scope) && !lost {
            Verdict::Inferred
        } else {
            Verdict::Missing
        };
        report.scopes.entry(scope.clone()).or_insert(inferred);
    }
}

struct Prober<'a> {
    outbound: &'a Outbound,
    pim: &'a PimUrl,
    bearer: HeaderValue,
    deadline: Deadline,
}

impl Prober<'_> {
    /// What the PIM says it is. A refusal here says nothing about the token (facts/akeneo 7.1, notes); only an answer that
    /// ends everything is an error.
    async fn identity(&self) -> Result<Option<PimIdentity>, Verdict> {
        let outcome = self
            .get("akeneo.probe.system", recognise::SYSTEM_INFORMATION, &[], FIRST_CONTACT)
            .await;
        if let Some(identity) = outcome.as_ref().ok().and_then(PimIdentity::read) {
            return Ok(Some(identity));
        }
        match verdict(&outcome) {
            end @ (Verdict::Unreachable | Verdict::RateLimited { .. }) => Err(end),
            end @ Verdict::Misconfigured(super::Misconfiguration::Redirect | super::Misconfiguration::Certificate) => {
                Err(end)
            }
            _ => Ok(None),
        }
    }

    /// A refused token takes a connection down and calls a person, so it is asked for twice: one stray answer of a proxy or of a PIM
    /// that is being deployed is not believed.
    async fn confirmed(&self, path: &str) -> Verdict {
        match self.verdict_on(path).await {
            Verdict::TokenInvalid | Verdict::Disconnected => self.verdict_on(path).await,
            verdict => verdict,
        }
    }

    async fn verdict_on(&self, path: &str) -> Verdict {
        let outcome = match path {
            PRODUCTS => self.products().await,
            _ => self.get("akeneo.probe.scope", path, &[("limit", "1")], ONE_TRY).await,
        };
        match &outcome {
            // The PIM looks at the permission before it looks for the attribute.
            Ok(answer) if path == OPTIONS && says_it_does_not_exist(answer) => Verdict::Granted,
            // A PIM without catalogs has no such address.
            Ok(answer) if path == CATALOGS && answer.status == StatusCode::NOT_FOUND => Verdict::Missing,
            _ => verdict(&outcome),
        }
    }

    /// `/products-uuid` came with version 7; older PIMs have only `/products`.
    async fn products(&self) -> Result<Answer, CallError> {
        let query = [("limit", "1"), ("pagination_type", "search_after")];
        let outcome = self.get("akeneo.probe.scope", PRODUCTS, &query, ONE_TRY).await;
        match outcome {
            Ok(answer) if answer.status == StatusCode::NOT_FOUND => {
                self.get("akeneo.probe.scope", PRODUCTS_OF_OLDER_PIMS, &query, ONE_TRY)
                    .await
            }
            outcome => outcome,
        }
    }

    async fn get(
        &self,
        name: &'static str,
        path: &str,
        query: &[(&str, &str)],
        one_try: Duration,
    ) -> Result<Answer, CallError> {
        let mut url = self.pim.endpoint(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut call = Call::new(name, Method::GET, url);
        call.headers.insert(header::AUTHORIZATION, self.bearer.clone());
        call.headers
            .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        call.timeout = one_try;
        self.outbound.send(&call, self.deadline).await
    }
}

fn says_it_does_not_exist(answer: &Answer) -> bool {
    answer.status == StatusCode::NOT_FOUND && envelope(answer).is_some_and(|message| message.contains("does not exist"))
}

#[cfg(test)]
mod tests;
