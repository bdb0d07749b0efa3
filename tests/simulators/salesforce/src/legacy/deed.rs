//! What people do to the legacy records behind the connector's back.

use super::{AuthProvider, Metadata, PluginRecord, plugin};
use crate::clock::Millis;
use crate::org::named_credential::{self, CalloutStatus, NamedCredential};
use crate::org::{Header, Org};
use crate::settings::{NINE_SCOPES, Settings};

/// The name that the guide gives to the provider and to the Named Credential.
const NAME: &str = "Akeneo";

/// A person follows the guide's Part D by hand, but for the authorization. Says what is missing in the org.
pub(crate) fn guide(
    org: &mut Org,
    base_url: &str,
    client_id: &str,
    client_secret: &str,
    settings: &Settings,
    now: Millis,
) -> Result<(), &'static str> {
    let base = base_url.trim_end_matches('/');
    let [authorize, token] = ["authorize", "oauth2/token"].map(|endpoint| format!("{base}/connect/apps/v1/{endpoint}"));
    let values = [client_id, client_secret, &authorize, &token, base, NINE_SCOPES];
    make_provider(org, NAME, values, settings, now)?;
    delete_credential(org);
    make_credential(org, NAME, base, NINE_SCOPES, now)
}

/// A person makes a provider with the package's plugin; the values are those of the guide's form, in its order. The settings are kept in
/// a record of the same name.
pub(crate) fn make_provider(
    org: &mut Org,
    name: &str,
    values: [&str; 6],
    settings: &Settings,
    now: Millis,
) -> Result<(), &'static str> {
    let plugin = plugin(org, settings).ok_or("plugin")?;
    let fields = plugin.fields.iter().zip(values);
    let record = PluginRecord {
        header: Header::local(org.mint.id("m00"), name, now),
        custom_type: plugin.custom_type.clone(),
        label: name.to_owned(),
        values: fields
            .map(|((field, _), value)| (field.clone(), value.to_owned()))
            .collect(),
    };
    let full_name = record.full_name();
    org.plugin_records.retain(|known| known.full_name() != full_name);
    org.plugin_records.push(record);
    let metadata = Metadata {
        plugin: Some(plugin.class),
        custom_metadata_type_record: Some(full_name),
        ..provider("Custom")
    };
    put_provider(org, name, metadata, now);
    Ok(())
}

/// A person makes a classic Named Credential with the provider of the guide, or edits it: then its token stays.
pub(crate) fn make_credential(
    org: &mut Org,
    name: &str,
    url: &str,
    scope: &str,
    now: Millis,
) -> Result<(), &'static str> {
    org.auth_provider(NAME).ok_or("Auth. Provider")?;
    let mut metadata = named_credential::Metadata::legacy(name, url);
    metadata.auth_provider = Some(NAME.to_owned());
    metadata.oauth_scope = Some(scope.to_owned());
    metadata.callout_status = Some(CalloutStatus::Enabled);
    let known = org
        .named_credentials
        .iter_mut()
        .find(|named| named.header.full_name() == name);
    if let Some(known) = known {
        metadata.callout_status = known.metadata.callout_status;
        (known.metadata, known.header.modified) = (metadata, now);
        return Ok(());
    }
    let header = Header::local(org.mint.id("0XA"), name, now);
    org.named_credentials.push(NamedCredential { header, metadata });
    Ok(())
}

/// A person makes a provider of another type under the guide's name.
pub(crate) fn foreign_provider(org: &mut Org, now: Millis) {
    let metadata = Metadata {
        consumer_key: Some("consumer-key".to_owned()),
        consumer_secret: Some("consumer-secret".to_owned()),
        ..provider("OpenIdConnect")
    };
    put_provider(org, NAME, metadata, now);
}

/// A person deletes the provider; a Named Credential that uses it forbids that.
pub(crate) fn delete_provider(org: &mut Org) -> Result<(), &'static str> {
    let used = |named: &NamedCredential| named.metadata.auth_provider.as_deref() == Some(NAME);
    if org.named_credentials.iter().any(used) {
        return Err("free Auth. Provider");
    }
    org.auth_providers
        .retain(|provider| provider.header.developer_name != NAME);
    Ok(())
}

/// A person deletes the local Named Credential; its token goes with it.
pub(crate) fn delete_credential(org: &mut Org) {
    let local = |named: &NamedCredential| named.header.full_name() == NAME;
    let ids: Vec<String> = org
        .named_credentials
        .iter()
        .filter(|named| local(named))
        .map(|named| named.header.id.clone())
        .collect();
    org.named_credentials.retain(|named| !local(named));
    org.legacy_tokens.retain(|id, _| !ids.contains(id));
}

/// A person changes one of the plugin's settings, by the label of the form.
pub(crate) fn set_setting(org: &mut Org, label: &str, value: &str, settings: &Settings) -> Result<(), &'static str> {
    let plugin = plugin(org, settings).ok_or("plugin")?;
    let record = org
        .plugin_records
        .iter_mut()
        .find(|record| record.header.developer_name == NAME)
        .ok_or("plugin settings")?;
    record.values.insert(plugin.field(label).to_owned(), value.to_owned());
    Ok(())
}

fn provider(kind: &str) -> Metadata {
    Metadata {
        provider_type: kind.to_owned(),
        friendly_name: NAME.to_owned(),
        plugin: None,
        custom_metadata_type_record: None,
        execution_user: None,
        registration_handler: None,
        consumer_key: None,
        consumer_secret: None,
        authorize_url: None,
        token_url: None,
        user_info_url: None,
        default_scopes: None,
        error_url: None,
        logout_url: None,
        icon_url: None,
        is_pkce_enabled: None,
    }
}

fn put_provider(org: &mut Org, name: &str, metadata: Metadata, now: Millis) {
    org.auth_providers.retain(|known| known.header.developer_name != name);
    let header = Header::local(org.mint.id("0SO"), name, now);
    org.auth_providers.push(AuthProvider { header, metadata });
}
