//! Deploying the plugin's settings and Auth. Providers, and deleting these (facts/salesforce 7).

use serde_json::{Map, Value};

use super::{AuthProvider, Metadata, PluginRecord, plugin};
use crate::clock::Millis;
use crate::identifier::same;
use crate::org::external_credential::StoredToken;
use crate::org::named_credential::NamedCredential;
use crate::org::user::Permissions;
use crate::org::{Header, Org, manageability};
use crate::refusal::Refusal;
use crate::settings::{OauthToken, Settings};

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

/// Deploys a record `ns__Type.Record`. Values that the file does not name stay as they are.
pub(crate) fn custom_metadata(
    org: &mut Org,
    name: &str,
    fields: &Map<String, Value>,
    settings: &Settings,
    now: Millis,
) -> Result<(), String> {
    let unknown = || format!("In field: customMetadataType - no CustomObject named {name} found");
    let plugin = plugin(org, settings).ok_or_else(unknown)?;
    let (kind, record) = name.split_once('.').ok_or_else(unknown)?;
    if kind != plugin.custom_type {
        return Err(unknown());
    }
    if !settings.writes.deploy_plugin_settings.accepts() {
        return Err(manageability::refusal(settings).message);
    }
    let label = text(fields, "label").ok_or("Required field is missing: label")?;
    let mut values = Vec::new();
    for value in fields.get("values").and_then(Value::as_array).into_iter().flatten() {
        let field = value.get("field").and_then(Value::as_str).unwrap_or_default();
        if !plugin.fields.iter().any(|(known, _)| known == field) {
            return Err(format!(
                "In field: field - no CustomField named {kind}__mdt.{field} found"
            ));
        }
        let value = value.get("value").and_then(Value::as_str).unwrap_or_default();
        values.push((field.to_owned(), value.to_owned()));
    }
    if let Some(known) = org.plugin_records.iter_mut().find(|known| known.full_name() == name) {
        label.clone_into(&mut known.label);
        known.values.extend(values);
        known.header.modified = now;
        return Ok(());
    }
    let record = PluginRecord {
        header: Header::local(org.mint.id("m00"), record, now),
        custom_type: kind.to_owned(),
        label: label.to_owned(),
        values: values.into_iter().collect(),
    };
    org.plugin_records.push(record);
    Ok(())
}

/// Deploys an Auth. Provider.
pub(crate) fn auth_provider(
    org: &mut Org,
    name: &str,
    fields: &Map<String, Value>,
    settings: &Settings,
    now: Millis,
) -> Result<(), String> {
    if !settings.writes.deploy_auth_provider.accepts() {
        return Err(manageability::refusal(settings).message);
    }
    let known = org.auth_provider(name).map(|known| known.metadata.clone());
    if known.is_some() && fields.contains_key("consumerSecret") {
        return Err("Consumer Secret update is not allowed".to_owned());
    }
    if known
        .as_ref()
        .is_some_and(|known| text(fields, "providerType") != Some(&known.provider_type))
    {
        return Err("Provider Type update is not allowed".to_owned());
    }
    let mut merged = known
        .as_ref()
        .and_then(|known| serde_json::to_value(known).ok())
        .and_then(|value| value.as_object().cloned())
        .unwrap_or_default();
    merged.extend(fields.clone());
    let metadata: Metadata =
        serde_json::from_value(Value::Object(merged)).map_err(|error| format!("Error parsing file: {error}"))?;
    check(org, &metadata, settings)?;
    if let Some(known) = org
        .auth_providers
        .iter_mut()
        .find(|known| known.header.developer_name == name)
    {
        known.metadata = metadata;
        known.header.modified = now;
        return Ok(());
    }
    let header = Header::local(org.mint.id("0SO"), name, now);
    org.auth_providers.push(AuthProvider { header, metadata });
    Ok(())
}

/// Deletes an Auth. Provider that no Named Credential uses.
pub(crate) fn remove(org: &mut Org, id: &str) -> Result<(), Refusal> {
    let mut all = org.auth_providers.iter();
    let found = all.find(|provider| same(&provider.header.id, id));
    let name = found.ok_or_else(Refusal::not_found)?.header.developer_name.clone();
    let uses = |named: &NamedCredential| named.metadata.auth_provider.as_ref() == Some(&name);
    if org.named_credentials.iter().any(uses) {
        let message =
            "Your attempt to delete the Auth. Provider could not be completed because a Named Credential uses it.";
        return Err(Refusal::bad("DELETE_FAILED", message).naming(&[]));
    }
    org.auth_providers
        .retain(|provider| provider.header.developer_name != name);
    Ok(())
}

/// Why this user may not deploy a component of this type, if so.
pub(crate) fn forbidden(kind: &str, permissions: Permissions) -> Option<&'static str> {
    (kind == "AuthProvider" && !permissions.manage_auth_providers)
        .then_some("You do not have the level of access necessary to perform the operation you requested.")
}

/// Whether a Named Credential may be deployed as far as its `oauthToken` goes.
pub(crate) fn may_carry_token(fields: &Map<String, Value>, settings: &Settings) -> Result<(), String> {
    if settings.legacy_oauth_token == OauthToken::Refused && fields.contains_key("oauthToken") {
        return Err("Error parsing file: Property 'oauthToken' not valid in version".to_owned());
    }
    Ok(())
}

/// A deployed `oauthToken`: what it does is a switch.
pub(crate) fn token(org: &mut Org, id: &str, fields: &Map<String, Value>, settings: &Settings, now: Millis) {
    if settings.legacy_oauth_token == OauthToken::Authenticates
        && let Some(token) = text(fields, "oauthToken")
    {
        let stored = StoredToken {
            access_token: token.to_owned(),
            scope: None,
            obtained: now,
        };
        org.legacy_tokens.insert(id.to_owned(), stored);
    }
}

fn check(org: &Org, metadata: &Metadata, settings: &Settings) -> Result<(), String> {
    if metadata.provider_type != "Custom" {
        return if metadata.consumer_key.is_some() && metadata.consumer_secret.is_some() {
            Ok(())
        } else {
            Err("Required fields are missing: [ConsumerKey, ConsumerSecret]".to_owned())
        };
    }
    let class = metadata.plugin.as_deref().unwrap_or_default();
    if plugin(org, settings).is_none_or(|plugin| plugin.class != class) {
        return Err(format!("In field: plugin - no ApexClass named {class} found"));
    }
    let record = metadata.custom_metadata_type_record.as_deref().unwrap_or_default();
    if org.plugin_record(record).is_none() {
        return Err(format!(
            "In field: customMetadataTypeRecord - no CustomMetadata named {record} found"
        ));
    }
    Ok(())
}
