//! The provider of the picklist synchronisation: its Token URL is the org's own, and nothing else of it is ours to change
//! (facts/salesforce 8.3).

use url::Url;

use super::super::api::{ApiError, Org};
use super::super::change::{ChangeError, Field, applied};
use super::super::parameter::{self, Slot};
use super::super::record::{Kind, PackagedRecord};
use super::super::tooling;
use super::connect;

const ROWS: &str = "externalAuthIdentityProviderParameters";
const TOKEN_URL: Slot = Slot::single("TokenUrl");

/// Sets the Token URL, keeps everything else as read, the flow included, and reads back. Connect first; Tooling where the
/// org refuses that, for instance because its Connect does not take this flow back (facts/salesforce 8.3).
///
/// # Errors
/// [`ChangeError`].
pub async fn write_token_url(org: &Org, record: &PackagedRecord, token_url: &Url) -> Result<(), ChangeError> {
    let before = connect::read(org, record).await?;
    if before.token_url.as_deref() == Some(token_url.as_str()) {
        return Ok(());
    }
    let urls = (before.authorize_url.as_deref(), token_url.as_str());
    match connect::replace(org, record, &before, urls, before.rows()).await {
        Err(refusal) if refusal.is_refusal() => {
            let patched = patch(org, record, token_url).await;
            // Two refusals: the first one says more about the way that should have worked.
            patched.map_err(|error| if error.is_refusal() { refusal } else { error })?;
        }
        other => other?,
    }
    let after = connect::read(org, record).await?;
    let url = (after.token_url.as_deref() != Some(token_url.as_str())).then_some(Field::TokenUrl);
    let rows = !parameter::same_elsewhere(before.input_rows(), after.input_rows(), &[]);
    applied(url.into_iter().chain(rows.then_some(Field::OtherParameters)).collect())
}

async fn patch(org: &Org, record: &PackagedRecord, token_url: &Url) -> Result<(), ApiError> {
    let mut metadata = tooling::read(org, Kind::IdentityProvider, &record.id).await?;
    let mut rows = metadata.rows(ROWS)?;
    parameter::set(&mut rows, &TOKEN_URL, token_url.as_str());
    metadata.set_rows(ROWS, &rows)?;
    tooling::write(org, Kind::IdentityProvider, &record.id, &metadata).await
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::salesforce::record::FullName;
    use crate::salesforce::record_id::RecordId;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    fn provider(token_url: &str) -> Value {
        json!({
            "fullName": "ns__Salesforce_Self", "label": "Salesforce Self", "authenticationProtocol": "OAuth",
            "authenticationFlow": "ClientCredentials", "authorizeUrl": null, "tokenUrl": token_url,
            "clientAuthentication": "ClientSecretBasic", "parameters": [], "callbackUrl": null, "id": "0so4H000000TNRhQAO",
        })
    }

    fn record() -> PackagedRecord {
        PackagedRecord {
            id: RecordId::parse("0so4H000000TNRhQAO").unwrap(),
            full_name: FullName::new("ns", "Salesforce_Self"),
        }
    }

    const WANTED: &str = "https://acme.my.salesforce.com/services/oauth2/token";

    #[tokio::test]
    async fn the_flow_goes_back_as_it_was_read_and_no_authorize_url_is_made_up() {
        let org = ScriptedOrg::start(vec![
            Reply::json(200, &provider("https://example.com/token").to_string()),
            Reply::json(200, "{}"),
            Reply::json(200, &provider(WANTED).to_string()),
        ]);
        write_token_url(&org.org(), &record(), &WANTED.parse().unwrap())
            .await
            .unwrap();
        let expected = json!({
            "fullName": "ns__Salesforce_Self", "label": "Salesforce Self", "authenticationProtocol": "OAuth",
            "authenticationFlow": "ClientCredentials", "clientAuthentication": "ClientSecretBasic", "tokenUrl": WANTED,
            "parameters": [],
        });
        assert_eq!(org.seen()[1].body, expected);
    }

    #[tokio::test]
    async fn where_connect_refuses_the_flow_tooling_is_asked() {
        let refused = r#"[{"errorCode":"INVALID_API_INPUT","message":"Invalid authentication flow"}]"#;
        let tooling = json!({"Metadata": {"label": "Salesforce Self", "authenticationFlow": "ClientCredentials",
            "authenticationProtocol": "OAuth", "externalAuthIdentityProviderParameters": []}});
        let org = ScriptedOrg::start(vec![
            Reply::json(200, &provider("https://example.com/token").to_string()),
            Reply::json(400, refused),
            Reply::json(200, &tooling.to_string()),
            Reply::empty(204),
            Reply::json(200, &provider(WANTED).to_string()),
        ]);
        write_token_url(&org.org(), &record(), &WANTED.parse().unwrap())
            .await
            .unwrap();
        let rows = &org.seen()[3].body["Metadata"]["externalAuthIdentityProviderParameters"];
        assert_eq!(
            rows,
            &json!([{"parameterName": "TokenUrl", "parameterType": "TokenUrl", "parameterValue": WANTED}])
        );
    }
}
