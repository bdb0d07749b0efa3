//! The scopes that the org will ask Akeneo for, so that this service can ask for exactly the same (design section 5).
//!
//! Where Salesforce keeps them is not documented for a packaged provider, so every place is read that can hold them
//! (facts/salesforce 3.1, 4.2). `None` means that the org does not tell.

use std::collections::BTreeSet;

use super::external_credential::ExternalCredential;
use super::identity_provider::IdentityProvider;
use super::parameter::Row;

/// The provider's own row wins over the External Credential's.
#[must_use]
pub fn requested_scopes(provider: &IdentityProvider, credential: &ExternalCredential) -> Option<BTreeSet<String>> {
    provider.scopes.clone().or_else(|| credential.scopes.clone())
}

/// The first usable row named `scope`, in whatever capitals, among the rows of the types that count.
pub(super) fn in_rows<'a>(
    mut rows: impl Iterator<Item = &'a Row>,
    counts: impl Fn(&str) -> bool,
) -> Option<BTreeSet<String>> {
    rows.find_map(|row| {
        let is_scope = row.name().eq_ignore_ascii_case("scope") && counts(row.kind());
        let scopes: BTreeSet<String> = row
            .value()
            .filter(|_| is_scope)?
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let is_placeholder = scopes
            .iter()
            .any(|scope| scope.starts_with(super::identity_provider::PLACEHOLDER));
        (!scopes.is_empty() && !is_placeholder).then_some(scopes)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_that_say_nothing_are_skipped() {
        let rows: Vec<Row> = serde_json::from_value(json!([
            {"parameterName": "audience", "parameterType": "AuthorizeRequestQueryParameter", "parameterValue": "x"},
            {"parameterName": "scope", "parameterType": "TokenRequestBodyParameter", "parameterValue": "not this"},
            {"parameterName": "scope", "parameterType": "AuthorizeRequestQueryParameter", "parameterValue": "SET_DURING_AKENEO_SETUP"},
            {"parameterName": "scope", "parameterType": "AuthorizeRequestQueryParameter", "parameterValue": null},
            {"parameterName": "Scope", "parameterType": "AuthorizeRequestQueryParameter", "parameterValue": "b  a b"},
        ]))
        .unwrap();
        let found = in_rows(rows.iter(), |kind| kind == "AuthorizeRequestQueryParameter");
        assert_eq!(found, Some(BTreeSet::from(["a".to_owned(), "b".to_owned()])));
        assert_eq!(in_rows(rows.iter(), |kind| kind == "IdentityProviderOptions"), None);
    }
}
