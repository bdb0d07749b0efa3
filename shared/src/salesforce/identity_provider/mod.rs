//! The packaged External Auth Identity Provider: Akeneo's two URLs and the two request parameters (facts/salesforce 3).
//!
//! [`read`] splits what it finds: [`IdentityProvider`] is plain and may be stored and compared; [`PairInOrg`] holds the
//! values of `code_identifier` and `code_challenge`, which together are worth a client secret, and stays in memory.
//! [`write()`] changes the URLs and the two values, keeps every other row, and reads back.

mod connect;
mod loopback;
mod pair;
mod write;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;

use super::api::{ApiError, Org};
use super::host::OrgUrl;
use super::parameter::{Row, Slot};
use super::record::PackagedRecord;
use super::requested_scopes;

pub use loopback::write_token_url;
pub use pair::{PairInOrg, RequestPair};
pub use write::write;

/// What the package ships in the places that set-up fills (facts/salesforce 0).
pub const PLACEHOLDER: &str = "SET_DURING_AKENEO_SETUP";
/// The address that stands in for a PIM's where there is none: it is reserved and belongs to nobody (RFC 2606).
pub const PLACEHOLDER_PIM: &str = "https://example.com/";

const CODE_IDENTIFIER: Slot = Slot::token_body("code_identifier");
const CODE_CHALLENGE: Slot = Slot::token_body("code_challenge");
const SCOPE: Slot = Slot::authorize_query("scope");

/// The state of one of the two rows, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// Someone deleted the row; a write appends it (facts/salesforce 3.1).
    Missing,
    /// There are several, which the source forbids; all of them get the value.
    Duplicated,
    /// As shipped, or empty.
    Placeholder,
    /// It holds a value.
    Set,
}

/// An identity provider as it stands, without any parameter's value but the scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// The record.
    pub record: PackagedRecord,
    /// Where Salesforce sends the browser.
    pub authorize_url: Option<String>,
    /// Where Salesforce trades the code.
    pub token_url: Option<String>,
    /// State of the row `code_identifier`.
    pub code_identifier: RowState,
    /// State of the row `code_challenge`.
    pub code_challenge: RowState,
    /// Types and names of all parameter rows, sorted: an upgrade deletes rows that the org added (facts/salesforce 5.2).
    pub parameters: Vec<ParameterRow>,
    /// The scopes that the provider asks for, where it says so.
    pub scopes: Option<BTreeSet<String>>,
    /// The org's own redirect URI, to which codes are relayed (facts/salesforce 4.6). `None` if it is missing or not Salesforce's.
    pub callback_url: Option<OrgUrl>,
}

/// A parameter row without its value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ParameterRow {
    /// `parameterType`.
    pub kind: String,
    /// `parameterName`.
    pub name: String,
    /// `sequenceNumber`.
    pub sequence: Option<i64>,
}

/// What there is, and the values that must not be kept.
#[derive(Debug, Clone)]
pub struct ProviderReading {
    /// The plain part.
    pub provider: IdentityProvider,
    /// The secret-equivalent part.
    pub pair: PairInOrg,
}

/// What there should be (facts/salesforce 3.1).
#[derive(Debug, Clone)]
pub struct ProviderDesired {
    /// `{PIM}/connect/apps/v1/authorize`.
    pub authorize_url: Url,
    /// `{PIM}/connect/apps/v1/oauth2/token`.
    pub token_url: Url,
    /// The two request parameters.
    pub pair: RequestPair,
    /// The scopes that the authorization asks for, separated by spaces; where there is nothing to say, what is there stays.
    pub scopes: Option<String>,
}

/// Reads the identity provider (facts/salesforce 3.1).
///
/// # Errors
/// [`ApiError`].
pub async fn read(org: &Org, record: &PackagedRecord) -> Result<ProviderReading, ApiError> {
    let output = connect::read(org, record).await?;
    Ok(reading(org, record, &output))
}

fn reading(org: &Org, record: &PackagedRecord, output: &connect::Output) -> ProviderReading {
    let rows = output.rows();
    let mut parameters: Vec<ParameterRow> = rows
        .iter()
        .map(|row| ParameterRow {
            kind: row.kind().to_owned(),
            name: row.name().to_owned(),
            sequence: row.sequence(),
        })
        .collect();
    parameters.sort();
    let of_kind = |wanted: &'static str| requested_scopes::in_rows(rows.iter(), move |kind| kind == wanted);
    let provider = IdentityProvider {
        record: record.clone(),
        authorize_url: output.authorize_url.clone(),
        token_url: output.token_url.clone(),
        code_identifier: state(rows, &CODE_IDENTIFIER),
        code_challenge: state(rows, &CODE_CHALLENGE),
        parameters,
        scopes: of_kind("AuthorizeRequestQueryParameter").or_else(|| of_kind("IdentityProviderOptions")),
        callback_url: output
            .callback_url
            .as_deref()
            .and_then(|url| OrgUrl::parse(url, org.outbound().permit()).ok()),
    };
    ProviderReading {
        provider,
        pair: PairInOrg::read(rows),
    }
}

fn state(rows: &[Row], slot: &Slot) -> RowState {
    let found: Vec<&Row> = rows.iter().filter(|row| slot.takes(row)).collect();
    match found.as_slice() {
        [] => RowState::Missing,
        [row] if is_blank(row) => RowState::Placeholder,
        [_] => RowState::Set,
        _ => RowState::Duplicated,
    }
}

/// Whether a row still has to be filled.
fn is_blank(row: &Row) -> bool {
    row.value()
        .is_none_or(|value| value.trim().is_empty() || value.starts_with(PLACEHOLDER))
}

#[cfg(test)]
mod tests;
