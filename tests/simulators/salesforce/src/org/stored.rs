//! Records as the state file keeps them: with what no API shows.
//!
//! The serde form of a `Metadata` is what the Tooling API takes and gives. It leaves out the ids and the origin of rows and the values
//! that are write-only; all of them have to outlive a restart. Used with `#[serde(with = "super::stored")]`, never for an answer.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::row::ParameterRow;
use super::{external_credential, identity_provider, named_credential};

/// Metadata with parameter rows.
pub(crate) trait Compound: Clone + Serialize + DeserializeOwned {
    type Row: ParameterRow;

    fn rows(&mut self) -> &mut [Self::Row];

    /// The values that can be written and not read.
    fn write_only(&mut self) -> Vec<&mut Option<String>> {
        Vec::new()
    }
}

impl Compound for external_credential::Metadata {
    type Row = external_credential::Row;

    fn rows(&mut self) -> &mut [Self::Row] {
        &mut self.external_credential_parameters
    }
}

impl Compound for identity_provider::Metadata {
    type Row = identity_provider::Row;

    fn rows(&mut self) -> &mut [Self::Row] {
        &mut self.external_auth_identity_provider_parameters
    }
}

impl Compound for named_credential::Metadata {
    type Row = named_credential::Row;

    fn rows(&mut self) -> &mut [Self::Row] {
        &mut self.named_credential_parameters
    }

    fn write_only(&mut self) -> Vec<&mut Option<String>> {
        vec![
            &mut self.aws_access_secret,
            &mut self.oauth_refresh_token,
            &mut self.oauth_token,
            &mut self.password,
        ]
    }
}

#[derive(Serialize, Deserialize)]
struct Stored<M> {
    metadata: M,
    /// Id and origin of each row, in the order of the rows.
    rows: Vec<(String, bool)>,
    write_only: Vec<Option<String>>,
}

pub(crate) fn serialize<M: Compound, S: Serializer>(metadata: &M, serializer: S) -> Result<S::Ok, S::Error> {
    let mut metadata = metadata.clone();
    let rows = metadata.rows().iter();
    let rows = rows.map(|row| (row.id().to_owned(), row.packaged())).collect();
    let write_only = metadata.write_only().into_iter().map(|value| value.clone()).collect();
    let stored = Stored {
        metadata,
        rows,
        write_only,
    };
    stored.serialize(serializer)
}

pub(crate) fn deserialize<'de, M: Compound, D: Deserializer<'de>>(deserializer: D) -> Result<M, D::Error> {
    let stored: Stored<M> = Stored::<M>::deserialize(deserializer)?;
    let mut metadata = stored.metadata;
    if metadata.rows().len() != stored.rows.len() || metadata.write_only().len() != stored.write_only.len() {
        return Err(D::Error::custom("rows without their ids"));
    }
    for (row, (id, packaged)) in metadata.rows().iter_mut().zip(stored.rows) {
        row.adopt(id, packaged);
    }
    for (place, value) in metadata.write_only().into_iter().zip(stored.write_only) {
        *place = value;
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Record(#[serde(with = "super")] named_credential::Metadata);

    #[test]
    fn ids_origin_and_write_only_values_come_back() {
        let mut metadata: named_credential::Metadata = serde_json::from_str(r#"{"label": "Akeneo"}"#).unwrap();
        metadata.password = Some("only written".to_owned());
        let mut row = named_credential::Row::url("https://pim.example");
        row.adopt("0nxHs0000000001AAA".to_owned(), true);
        metadata.named_credential_parameters = vec![row];
        let file = serde_json::to_string(&Record(metadata.clone())).unwrap();
        let Record(again) = serde_json::from_str(&file).unwrap();
        assert_eq!(again.named_credential_parameters, metadata.named_credential_parameters);
        assert_eq!(again.password.as_deref(), Some("only written"));
        assert!(
            !serde_json::to_string(&metadata).unwrap().contains("only written"),
            "no answer shows it"
        );
    }
}
