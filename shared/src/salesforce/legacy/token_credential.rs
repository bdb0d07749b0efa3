//! The headless alternative for a package before 3.0 (facts/salesforce 4.7, 7): our own token in a Custom External Credential of ours, and a
//! Named Credential `Akeneo` of the present kind in front of it that hands it over.
//!
//! Both carry our label. A record of either name with another label is somebody else's: nothing is read from it and nothing written.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::super::absence::or_default;
use super::super::api::{ApiError, Org, Resource};
use super::super::change::ChangeError;
use super::super::external_credential::{self, DEFAULT_PRINCIPAL, ExternalCredential};
use super::super::named_credential::{self, Callouts, NamedCredential};
use super::super::own_record::{self, Named, unless_gone};
use super::super::record::Kind;
use super::NAME;
use crate::secret::{AccessToken, Sensitive};

/// The External Credential's developer name (facts/salesforce 4.7).
pub const CREDENTIAL: &str = "Akeneo_Token";
/// The label of both records, by which they are known as ours.
pub const LABEL: &str = "Akeneo Token (Akeneo Connector Setup)";

/// The name of the stored value.
const TOKEN: &str = "Token";
const HEADER: (&str, &str) = ("Authorization", "{!'Bearer ' & $Credential.Akeneo_Token.Token}");
const NAMESPACES: &str = "AllowedManagedPackageNamespaces";
const EXTERNAL: &str = "external-credentials";
const NAMED: &str = "named-credential-setup";

/// A record of ours, and whether its settings are those that we give it; URL, callouts and token are looked at apart.
#[derive(Debug)]
pub struct Own<T> {
    /// The record.
    pub record: T,
    /// Whether its settings are ours.
    pub as_made: bool,
}

/// Our records as they stand.
#[derive(Debug)]
pub struct TokenRecords {
    /// The External Credential, if it is there.
    pub external_credential: Option<Own<ExternalCredential>>,
    /// Whether its principal has a token stored; which one is not shown.
    pub token: bool,
    /// The Named Credential, if it is there.
    pub named_credential: Option<Own<NamedCredential>>,
    /// Whether a record of either name is somebody else's.
    pub taken: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExternalShape {
    authentication_protocol: Option<String>,
    custom_headers: Option<Vec<Header>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    header_name: Option<String>,
    header_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedShape {
    callout_options: Option<Options>,
    parameters: Option<Vec<Parameter>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    #[serde(deserialize_with = "or_default")]
    allow_merge_fields_in_header: bool,
    #[serde(deserialize_with = "or_default")]
    generate_authorization_header: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameter {
    parameter_type: Option<String>,
    parameter_value: Option<String>,
}

#[derive(Deserialize)]
struct Credential {
    #[serde(default, deserialize_with = "or_default")]
    credentials: serde_json::Map<String, Value>,
}

/// What is there under our names. `namespace` is the package's, whose code has to be let in.
///
/// # Errors
/// [`ApiError`].
pub async fn read(org: &Org, namespace: &str) -> Result<TokenRecords, ApiError> {
    let external = find(org, Kind::ExternalCredential, CREDENTIAL).await?;
    let named = find(org, Kind::NamedCredential, NAME).await?;
    let mut records = TokenRecords {
        external_credential: None,
        token: false,
        named_credential: None,
        taken: external.is_taken() || named.is_taken(),
    };
    if let Some(record) = external.ours() {
        let resource = Resource::named_credentials(EXTERNAL, CREDENTIAL);
        let shape: ExternalShape = org.get("salesforce.legacy.token.credential", &resource).await?;
        records.external_credential = Some(Own {
            record: external_credential::read(org, &record).await?,
            as_made: shape.is_as_made(),
        });
        records.token = has_token(org).await?;
    }
    if let Some(record) = named.ours() {
        let resource = Resource::named_credentials(NAMED, NAME);
        let shape: NamedShape = org.get("salesforce.legacy.token.named", &resource).await?;
        let record = named_credential::read(org, &record).await?;
        records.named_credential = Some(Own {
            as_made: record.is_secured_endpoint()
                && record.external_credentials == [CREDENTIAL]
                && shape.is_as_made(namespace),
            record,
        });
    }
    Ok(records)
}

async fn find(org: &Org, kind: Kind, name: &str) -> Result<Named, ApiError> {
    own_record::find(org, "salesforce.legacy.token.find", kind, name, LABEL).await
}

impl ExternalShape {
    fn is_as_made(&self) -> bool {
        let is_ours = |header: &Header| {
            (header.header_name.as_deref(), header.header_value.as_deref()) == (Some(HEADER.0), Some(HEADER.1))
        };
        self.authentication_protocol.as_deref() == Some("Custom")
            && self
                .custom_headers
                .as_deref()
                .is_some_and(|headers| headers.len() == 1 && headers.iter().all(is_ours))
    }
}

impl NamedShape {
    fn is_as_made(&self, namespace: &str) -> bool {
        let options = self.callout_options.as_ref();
        let lets_in = |parameter: &Parameter| {
            parameter.parameter_type.as_deref() == Some(NAMESPACES)
                && parameter.parameter_value.as_deref() == Some(namespace)
        };
        options.is_some_and(|options| options.allow_merge_fields_in_header && !options.generate_authorization_header)
            && self.parameters.iter().flatten().any(lets_in)
    }
}

fn credential() -> Resource {
    Resource::new(&["named-credentials", "credential"])
}

async fn has_token(org: &Org) -> Result<bool, ApiError> {
    let resource = credential()
        .with("externalCredential", CREDENTIAL)
        .with("principalType", "NamedPrincipal")
        .with("principalName", DEFAULT_PRINCIPAL);
    match org.get::<Credential>("salesforce.legacy.token.stored", &resource).await {
        Ok(stored) => Ok(stored.credentials.contains_key(TOKEN)),
        Err(ApiError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Creates our External Credential, or sets it right; the whole of it either way (facts/salesforce 4.7, step 1).
///
/// # Errors
/// [`ApiError`].
pub async fn write_credential(org: &Org, records: &TokenRecords) -> Result<(), ApiError> {
    let call = "salesforce.legacy.token.credential.write";
    let body = json!({
        "developerName": CREDENTIAL, "masterLabel": LABEL, "authenticationProtocol": "Custom",
        "principals": [{"principalName": DEFAULT_PRINCIPAL, "principalType": "NamedPrincipal", "sequenceNumber": 1}],
        "customHeaders": [{"headerName": HEADER.0, "headerValue": HEADER.1, "sequenceNumber": 1}],
    });
    if records.external_credential.is_some() {
        org.put(call, &Resource::named_credentials(EXTERNAL, CREDENTIAL), &body)
            .await
    } else {
        org.create(call, &Resource::new(&["named-credentials", EXTERNAL]), &body)
            .await
    }
}

/// Stores a token, or another one in its place (facts/salesforce 4.7, step 2).
///
/// # Errors
/// [`ApiError`].
pub async fn write_token(org: &Org, records: &TokenRecords, token: &AccessToken) -> Result<(), ApiError> {
    let call = "salesforce.legacy.token.write";
    let body = json!({
        "externalCredential": CREDENTIAL, "authenticationProtocol": "Custom", "principalName": DEFAULT_PRINCIPAL,
        "principalType": "NamedPrincipal", "credentials": {TOKEN: {"value": token.expose(), "encrypted": true}},
    });
    if records.token {
        return org.patch(call, &credential(), &body).await;
    }
    match org.create(call, &credential(), &body).await {
        // One that the org does not show.
        Err(ApiError::Conflict) => org.patch(call, &credential(), &body).await,
        other => other,
    }
}

/// Creates our Named Credential with callouts on, or sets it right (facts/salesforce 4.7, step 3).
///
/// # Errors
/// [`ChangeError`].
pub async fn write_named(
    org: &Org,
    records: &TokenRecords,
    endpoint: &Url,
    namespace: &str,
    callouts: Callouts,
) -> Result<(), ChangeError> {
    let call = "salesforce.legacy.token.named.write";
    let body = json!({
        "developerName": NAME, "masterLabel": LABEL, "type": "SecuredEndpoint",
        "calloutUrl": endpoint.as_str().trim_end_matches('/'), "externalCredentials": [{"developerName": CREDENTIAL}],
        "customHeaders": [],
        "calloutOptions": {
            "allowMergeFieldsInBody": false, "allowMergeFieldsInHeader": true, "generateAuthorizationHeader": false,
        },
        "parameters": [{"parameterName": namespace, "parameterType": NAMESPACES, "parameterValue": namespace}],
    });
    match &records.named_credential {
        None => Ok(org
            .create(call, &Resource::new(&["named-credentials", NAMED]), &body)
            .await?),
        Some(own) => {
            if !own.as_made {
                // Connect cannot set the status: callouts are off while the rest is set, so that none goes out half-way.
                named_credential::write(org, &own.record, endpoint, Callouts::Disabled).await?;
                org.put(call, &Resource::named_credentials(NAMED, NAME), &body).await?;
            }
            named_credential::write(org, &own.record, endpoint, callouts)
                .await
                .map(drop)
        }
    }
}

/// Deletes what is ours, the Named Credential first: it uses the other one.
///
/// # Errors
/// [`ApiError`].
pub async fn remove(org: &Org) -> Result<(), ApiError> {
    for (kind, collection, name) in [
        (Kind::NamedCredential, NAMED, NAME),
        (Kind::ExternalCredential, EXTERNAL, CREDENTIAL),
    ] {
        if find(org, kind, name).await?.ours().is_some() {
            let resource = Resource::named_credentials(collection, name);
            unless_gone(org.delete("salesforce.legacy.token.delete", &resource).await)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::record::{FullName, PackagedRecord};
    use crate::salesforce::record_id::RecordId;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    const PIM: &str = "https://acme.cloud.akeneo.com";
    const TOOLING: &str = "tooling/sobjects/NamedCredential/0XA4H000000TNRhWAO";
    const CONNECT: &str = "named-credentials/named-credential-setup/Akeneo";

    fn tooling(url: &str) -> Reply {
        let rows = json!([{"parameterName": "Url", "parameterType": "Url", "parameterValue": url}]);
        let metadata =
            json!({"label": LABEL, "namedCredentialType": "SecuredEndpoint", "namedCredentialParameters": rows});
        Reply::json(200, &json!({ "Metadata": metadata }).to_string())
    }

    fn connect(status: &str) -> Reply {
        let body = json!({"calloutStatus": status, "calloutUrl": PIM, "type": "SecuredEndpoint"});
        Reply::json(200, &body.to_string())
    }

    /// Settings that somebody changed are set right while callouts are off: Connect writes an address without the status.
    #[tokio::test]
    async fn nothing_is_sent_while_the_rest_is_set_right() {
        let named = NamedCredential {
            record: PackagedRecord {
                id: RecordId::parse("0XA4H000000TNRhWAO").unwrap(),
                full_name: FullName::local(NAME),
            },
            kind: "SecuredEndpoint".to_owned(),
            url: Some("https://other.example.com".to_owned()),
            callouts: Callouts::Enabled,
            external_credentials: vec![CREDENTIAL.to_owned()],
        };
        let records = TokenRecords {
            external_credential: None,
            token: true,
            named_credential: Some(Own {
                record: named,
                as_made: false,
            }),
            taken: false,
        };
        let replies = vec![
            tooling("https://other.example.com"),
            Reply::empty(204),
            connect("Disabled"),
            Reply::json(200, "{}"),
            tooling(PIM),
            Reply::empty(204),
            connect("Enabled"),
        ];
        let org = ScriptedOrg::start(replies);
        let url = Url::parse(PIM).unwrap();
        write_named(&org.org(), &records, &url, "ns", Callouts::Enabled)
            .await
            .unwrap();
        let writes: Vec<_> = org
            .seen()
            .into_iter()
            .filter(|seen| !seen.line.starts_with("GET"))
            .collect();
        let lines: Vec<_> = writes
            .iter()
            .map(|seen| seen.line.replace("/services/data/v66.0/", ""))
            .collect();
        assert_eq!(
            lines,
            [
                format!("PATCH {TOOLING}"),
                format!("PUT {CONNECT}"),
                format!("PATCH {TOOLING}")
            ]
        );
        let status = |at: usize| writes[at].body["Metadata"]["calloutStatus"].clone();
        assert_eq!((status(0), status(2)), (json!("Disabled"), json!("Enabled")));
    }
}
