//! What a person does to an app in Setup.

use serde_json::Value;

use super::ClientApp;
use crate::clock::Millis;
use crate::org::external_credential::{self, ExternalCredential};
use crate::org::named_credential::{self, NamedCredential};
use crate::org::{Header, Org};

/// A person makes an app by hand, as Akeneo's guide says, or as `fields` say instead.
pub(crate) fn make(org: &mut Org, developer_name: &str, fields: &Value, now: Millis) -> Result<(), serde_json::Error> {
    let administrator = org.administrator().map(|user| user.username.clone());
    let mut app = ClientApp::new(org, developer_name, now);
    app.scopes = vec!["api".to_owned()];
    app.flow_in_settings = true;
    app.flow_in_policy = true;
    app.run_as = administrator;
    app.fresh = false;
    org.client_apps.push(app);
    edit(org, developer_name, fields).map(|_| ())
}

/// Changes what `fields` name; says whether there is such an app.
pub(crate) fn edit(org: &mut Org, developer_name: &str, fields: &Value) -> Result<bool, serde_json::Error> {
    let Some(app) = org
        .client_apps
        .iter_mut()
        .find(|app| app.developer_name == developer_name)
    else {
        return Ok(false);
    };
    let mut merged = serde_json::to_value(&*app)?;
    if let (Value::Object(target), Value::Object(fields)) = (&mut merged, fields) {
        target.extend(fields.clone());
    }
    *app = serde_json::from_value(merged)?;
    Ok(true)
}

/// Local credentials of somebody's own making.
pub(crate) fn foreign_credentials(org: &mut Org, name: &str, now: Millis) {
    let header = Header::local(org.mint.id("0pt"), name, now);
    let metadata = external_credential::Metadata {
        authentication_protocol: "Custom".to_owned(),
        description: None,
        external_credential_parameters: vec![external_credential::Row::principal(
            "Default",
            "NamedPrincipal",
            Some(1),
        )],
        label: "Somebody's own".to_owned(),
    };
    org.add_external_credential(ExternalCredential { header, metadata });
    let header = Header::local(org.mint.id("0XA"), name, now);
    let metadata = named_credential::Metadata::secured("Somebody's own", "https://somebody.example.com", name);
    org.add_named_credential(NamedCredential { header, metadata });
}
