//! Our own records where the package has none: an External Credential with the client credentials flow and a Named
//! Credential in front of it (facts/salesforce 8.3). They carry the name that the package's guide uses and our label; records
//! of that name with another label are somebody else's and are never touched.

use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::super::absence::or_default;
use super::super::api::{ApiError, Org, Resource};
use super::super::change::{ChangeError, Field, applied};
use super::super::external_credential::{self, DEFAULT_PRINCIPAL, ExternalCredential};
use super::super::named_credential::{self, Callouts, NamedCredential};
use super::super::own_record::{self, Named};
use super::super::parameter::Row;
use super::super::provider_credential::{ProviderCredentials, Shown};
use super::super::record::Kind;
use crate::secret::{ClientSecret, Sensitive};

/// Their developer name (facts/akeneo, appendix A: "Salesforce_Self - Default").
pub const OWN_NAME: &str = "Salesforce_Self";
/// Their label, by which they are known as ours.
pub const OWN_LABEL: &str = "Salesforce Self (Akeneo Connector Setup)";

const VARIANT: &str = "ClientCredentialsClientSecret";
const TOKEN_URL_ROW: &str = "AuthProviderUrl";

/// Our own records as they stand.
#[derive(Debug)]
pub struct OwnRecords {
    /// The External Credential, if it is there.
    pub external_credential: Option<ExternalCredential>,
    /// Where it asks for tokens.
    pub token_url: Option<String>,
    /// What the org shows of its key and secret.
    pub credentials: ProviderCredentials,
    /// The Named Credential, if it is there.
    pub named_credential: Option<NamedCredential>,
    /// Whether a record of that name is somebody else's.
    pub taken: bool,
}

#[derive(Deserialize)]
struct Parameters {
    parameters: Option<Vec<Row>>,
}

#[derive(Deserialize)]
struct Credential {
    #[serde(default, deserialize_with = "or_default")]
    credentials: std::collections::BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Value {
    value: Option<String>,
}

/// What is there under our name.
///
/// # Errors
/// [`ApiError`].
pub async fn find_own(org: &Org) -> Result<OwnRecords, ApiError> {
    let external = find(org, Kind::ExternalCredential).await?;
    let named = find(org, Kind::NamedCredential).await?;
    let mut own = OwnRecords {
        external_credential: None,
        token_url: None,
        credentials: ProviderCredentials {
            client_id: Shown::Nothing,
            client_secret: Shown::Nothing,
        },
        named_credential: None,
        taken: external.is_taken() || named.is_taken(),
    };
    if let Some(record) = external.ours() {
        let shown: Parameters = org
            .get("salesforce.self.own.read", &external_resource(OWN_NAME))
            .await?;
        let rows = shown.parameters.unwrap_or_default();
        let url = rows.iter().find(|row| row.kind() == TOKEN_URL_ROW);
        own.token_url = url.and_then(Row::value).map(str::to_owned);
        own.external_credential = Some(external_credential::read(org, &record).await?);
        own.credentials = read_credential(org).await?;
    }
    if let Some(record) = named.ours() {
        own.named_credential = Some(named_credential::read(org, &record).await?);
    }
    Ok(own)
}

async fn find(org: &Org, kind: Kind) -> Result<Named, ApiError> {
    own_record::find(org, "salesforce.self.own", kind, OWN_NAME, OWN_LABEL).await
}

fn external_resource(name: &str) -> Resource {
    Resource::named_credentials("external-credentials", name)
}

/// Creates our External Credential, or sets its token URL; the whole of it either way.
///
/// # Errors
/// [`ApiError`].
pub async fn write_external_credential(org: &Org, own: &OwnRecords, token_url: &Url) -> Result<(), ApiError> {
    let name = "salesforce.self.own.write";
    let body = json!({
        "developerName": OWN_NAME, "masterLabel": OWN_LABEL, "authenticationProtocol": "OAuth",
        "authenticationProtocolVariant": VARIANT,
        "parameters": [
            {"parameterName": TOKEN_URL_ROW, "parameterType": TOKEN_URL_ROW, "parameterValue": token_url.as_str()},
            {"parameterName": "Scope", "parameterType": "AuthParameter", "parameterValue": "api"},
        ],
        "principals": [{"principalName": DEFAULT_PRINCIPAL, "principalType": "NamedPrincipal", "sequenceNumber": 1}],
    });
    if own.external_credential.is_some() {
        org.put(name, &external_resource(OWN_NAME), &body).await
    } else {
        let collection = Resource::new(&["named-credentials", "external-credentials"]);
        org.create(name, &collection, &body).await
    }
}

fn credential_resource() -> Resource {
    Resource::new(&["named-credentials", "credential"])
}

async fn read_credential(org: &Org) -> Result<ProviderCredentials, ApiError> {
    let resource = credential_resource()
        .with("externalCredential", OWN_NAME)
        .with("principalType", "NamedPrincipal")
        .with("principalName", DEFAULT_PRINCIPAL);
    let shown = match org
        .get::<Credential>("salesforce.self.credential.read", &resource)
        .await
    {
        Ok(shown) => shown.credentials,
        Err(ApiError::NotFound) => Default::default(),
        Err(error) => return Err(error),
    };
    let has = |name: &str| shown.contains_key(name);
    let clear = shown.get("clientId").and_then(|entry| entry.value.clone());
    Ok(ProviderCredentials {
        client_id: match clear.filter(|value| !value.is_empty()) {
            Some(value) => Shown::Value(value),
            None if has("clientId") => Shown::Present,
            None => Shown::Nothing,
        },
        client_secret: if has("clientSecret") {
            Shown::Present
        } else {
            Shown::Nothing
        },
    })
}

/// Sets key and secret of our External Credential's principal and looks whether anything contradicts that (facts/salesforce 4.3).
///
/// # Errors
/// [`ChangeError`].
pub async fn write_credential(org: &Org, client_id: &str, client_secret: &ClientSecret) -> Result<(), ChangeError> {
    let name = "salesforce.self.credential.write";
    let body = json!({
        "authenticationProtocol": "OAuth", "authenticationProtocolVariant": VARIANT,
        "credentials": {
            "clientId": {"value": client_id, "encrypted": false},
            "clientSecret": {"value": client_secret.expose(), "encrypted": true},
        },
        "externalCredential": OWN_NAME, "principalName": DEFAULT_PRINCIPAL, "principalType": "NamedPrincipal",
    });
    let resource = credential_resource();
    if read_credential(org).await?.are_visible() {
        org.put(name, &resource, &body).await?;
    } else {
        match org.create(name, &resource, &body).await {
            Err(ApiError::Conflict) => org.put(name, &resource, &body).await?,
            other => other?,
        }
    }
    let after = read_credential(org).await?;
    applied(
        after
            .contradict(client_id)
            .then_some(Field::ClientId)
            .into_iter()
            .collect(),
    )?;
    Ok(())
}

/// Creates our Named Credential, usable by the package's code, or sets its URL and switches callouts on.
///
/// # Errors
/// [`ChangeError`].
pub async fn write_named_credential(
    org: &Org,
    own: &OwnRecords,
    endpoint: &Url,
    namespace: &str,
) -> Result<(), ChangeError> {
    if let Some(present) = &own.named_credential {
        return named_credential::write(org, present, endpoint, Callouts::Enabled)
            .await
            .map(drop);
    }
    let body = json!({
        "developerName": OWN_NAME, "masterLabel": OWN_LABEL, "type": "SecuredEndpoint",
        "calloutUrl": endpoint.as_str().trim_end_matches('/'), "externalCredentials": [{"developerName": OWN_NAME}],
        "customHeaders": [],
        "calloutOptions": {
            "allowMergeFieldsInBody": false, "allowMergeFieldsInHeader": false, "generateAuthorizationHeader": true,
        },
        "parameters": [{
            "parameterName": namespace, "parameterType": "AllowedManagedPackageNamespaces", "parameterValue": namespace,
        }],
    });
    let collection = Resource::new(&["named-credentials", "named-credential-setup"]);
    Ok(org
        .create("salesforce.self.named_credential.create", &collection, &body)
        .await?)
}
