//! The Auth. Provider `Akeneo`, made with the package's plugin (facts/salesforce 7).
//!
//! Its type cannot be changed once it is made, nor the consumer secret of a type that has one. A provider of another type is
//! therefore left alone: a person has to remove it.

use serde::Deserialize;

use super::super::api::{ApiError, Org, literal};
use super::super::deploy::{Component, xml};
use super::super::host::OrgUrl;
use super::NAME;
use super::plugin::Plugin;

/// The provider as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderState {
    /// There is none of this name.
    Absent,
    /// There is one, and the org does not show how it was made.
    Hidden,
    /// It is made with the plugin and our settings.
    Equal,
    /// It is made with the plugin, and with other settings.
    OtherSettings,
    /// It is of another type, or another package's.
    Foreign,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Provider {
    /// How it was made.
    pub state: ProviderState,
    /// Where its own authorizations come back, even before it is made: the target of the relay.
    pub callback: Option<OrgUrl>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(default)]
    provider_type: Option<String>,
    #[serde(default)]
    plugin_id: Option<String>,
    #[serde(default)]
    custom_metadata_type_record: Option<String>,
    #[serde(default)]
    oauth_kickoff_url: Option<String>,
}

/// Reads the provider. Without the plugin it is not known whether it is made with it.
///
/// # Errors
/// [`ApiError`].
pub async fn read(org: &Org, plugin: Option<&Plugin>) -> Result<Provider, ApiError> {
    let full = select(
        org,
        "Id,DeveloperName,OauthKickoffUrl,ProviderType,PluginId,CustomMetadataTypeRecord",
    )
    .await;
    let (row, shown) = match full {
        // An org that does not know these columns still tells whether there is one.
        Err(error) if error.is_refusal() => (select(org, "Id,DeveloperName,OauthKickoffUrl").await?, false),
        other => (other?, true),
    };
    let state = match &row {
        None => ProviderState::Absent,
        Some(row) if shown => row.judge(plugin),
        Some(_) => ProviderState::Hidden,
    };
    let callback = callback(org, row.as_ref().and_then(|row| row.oauth_kickoff_url.as_deref()));
    Ok(Provider { state, callback })
}

async fn select(org: &Org, columns: &str) -> Result<Option<Row>, ApiError> {
    let soql = format!(
        "SELECT {columns} FROM AuthProvider WHERE DeveloperName={}",
        literal(NAME)
    );
    let rows: Vec<Row> = org.query("salesforce.legacy.provider", &soql).await?;
    Ok(rows.into_iter().next())
}

/// `{mydomain}/services/authcallback/{urlSuffix}`, on the host that the org itself names for this provider (facts/salesforce 7).
fn callback(org: &Org, kickoff: Option<&str>) -> Option<OrgUrl> {
    let permit = org.outbound().permit();
    let named = kickoff.and_then(|text| OrgUrl::parse(text, permit).ok());
    let origin = named.as_ref().unwrap_or_else(|| org.instance()).origin();
    let url = origin.url().join(&format!("/services/authcallback/{NAME}")).ok()?;
    OrgUrl::parse(url.as_str(), permit).ok()
}

impl Row {
    fn judge(&self, plugin: Option<&Plugin>) -> ProviderState {
        let custom = self.provider_type.as_deref().is_none_or(|kind| kind == "Custom");
        let plugin = match (&self.plugin_id, plugin) {
            (Some(id), Some(plugin)) if id.get(..15) == Some(plugin.class_id.short()) => plugin,
            (None, _) | (_, None) if custom => return ProviderState::Hidden,
            _ => return ProviderState::Foreign,
        };
        let record = self.custom_metadata_type_record.as_deref().unwrap_or_default();
        // With the type or without it: what the column holds is not documented.
        if record == plugin.record_name() || record == NAME {
            ProviderState::Equal
        } else {
            ProviderState::OtherSettings
        }
    }
}

/// The provider as a file. Without a consumer secret: a plugin's provider has its secret in the plugin's settings.
#[must_use]
pub fn component(plugin: &Plugin) -> Component {
    let elements = [
        xml::text("customMetadataTypeRecord", &plugin.record_name()),
        xml::text("friendlyName", NAME),
        xml::text("plugin", &plugin.class),
        xml::text("providerType", "Custom"),
    ];
    Component {
        kind: "AuthProvider",
        full_name: NAME.to_owned(),
        path: format!("authproviders/{NAME}.authprovider"),
        xml: xml::document("AuthProvider", &elements.concat()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::salesforce::legacy::plugin::tests::plugin;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    fn row(row: Value) -> Reply {
        Reply::json(
            200,
            &json!({"totalSize": 1, "done": true, "records": [row]}).to_string(),
        )
    }

    #[tokio::test]
    async fn a_provider_is_judged_by_its_plugin_and_its_settings() {
        let made = |plugin: Value, record: &str| row(json!({"PluginId": plugin, "CustomMetadataTypeRecord": record}));
        for (reply, expected) in [
            (
                made(json!("01pHs000000000CAAQ"), "ns__Settings.Akeneo"),
                ProviderState::Equal,
            ),
            (made(json!("01pHs000000000C"), "Akeneo"), ProviderState::Equal),
            (
                made(json!("01pHs000000000CAAQ"), "ns__Settings.Other"),
                ProviderState::OtherSettings,
            ),
            (
                made(json!("01pHs000000000DAAQ"), "ns__Settings.Akeneo"),
                ProviderState::Foreign,
            ),
            (made(Value::Null, ""), ProviderState::Hidden),
            (
                row(json!({"ProviderType": "OpenIdConnect", "PluginId": null})),
                ProviderState::Foreign,
            ),
            (row(json!({"ProviderType": "Custom"})), ProviderState::Hidden),
        ] {
            let org = ScriptedOrg::start(vec![reply]);
            assert_eq!(read(&org.org(), Some(&plugin())).await.unwrap().state, expected);
        }
    }

    #[tokio::test]
    async fn without_the_plugin_only_another_type_is_seen() {
        for (reply, expected) in [
            (
                row(json!({"ProviderType": "Custom", "PluginId": "01pHs000000000CAAQ"})),
                ProviderState::Hidden,
            ),
            (
                row(json!({"ProviderType": "OpenIdConnect", "PluginId": null})),
                ProviderState::Foreign,
            ),
        ] {
            let org = ScriptedOrg::start(vec![reply]);
            let provider = read(&org.org(), None).await.unwrap();
            assert_eq!(provider.state, expected);
            assert!(provider.callback.is_some(), "the relay needs no plugin");
        }
    }

    #[tokio::test]
    async fn an_org_that_shows_little_is_asked_for_less() {
        let unknown = r#"[{"errorCode":"INVALID_FIELD","message":"No such column 'PluginId'"}]"#;
        let kickoff = row(json!({"OauthKickoffUrl": "https://evil.example/services/auth/oauth/Akeneo"}));
        let org = ScriptedOrg::start(vec![Reply::json(400, unknown), kickoff]);
        let client = org.org();
        let provider = read(&client, Some(&plugin())).await.unwrap();
        assert_eq!(provider.state, ProviderState::Hidden);
        let callback = provider.callback.unwrap();
        assert!(
            callback.same_origin(client.instance().url()),
            "never a host that is not Salesforce's"
        );
        assert_eq!(callback.url().path(), "/services/authcallback/Akeneo");
    }
}
