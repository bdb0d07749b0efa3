//! What `describe` says about the package's custom metadata types (facts/salesforce 7: field names are discovered).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::{Plugin, plugin};
use crate::api::gate::Caller;
use crate::refusal::{Refusal, json_answer};
use crate::world::Shared;

/// The package's other custom metadata type (facts/akeneo, appendix A): it is there to be told apart.
const CONFIGURATION: &str = "Akeneo_Connector_Configuration";

/// The package's custom metadata types: name without `__mdt`, label.
pub(crate) fn types(plugin: &Plugin) -> [(String, &'static str); 2] {
    [
        (
            format!("{}__{CONFIGURATION}", plugin.namespace),
            "Akeneo Connector Configuration",
        ),
        (plugin.custom_type.clone(), "Akeneo Auth Provider"),
    ]
}

fn field(name: &str, label: &str, custom: bool) -> Value {
    json!({ "name": name, "label": label, "type": "string", "length": 255, "custom": custom, "nillable": true, "createable": false, "updateable": false })
}

/// GET `sobjects/{object}/describe`.
pub(crate) async fn describe(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<std::collections::HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let object = address.get("object").map(String::as_str).unwrap_or_default();
    let world = sim.world();
    caller.needs(caller.permissions.view_setup, &world.settings)?;
    let plugin = plugin(&world.org, &world.settings).ok_or_else(Refusal::not_found)?;
    let wanted = object.strip_suffix("__mdt").unwrap_or_default();
    let (_, label) = types(&plugin)
        .into_iter()
        .find(|(name, _)| name == wanted)
        .ok_or_else(Refusal::not_found)?;
    let mut fields = vec![
        json!({ "name": "Id", "label": "Custom Metadata Record ID", "type": "id", "length": 18, "custom": false }),
        field("DeveloperName", "Custom Metadata Record Name", false),
        field("MasterLabel", "Label", false),
        field("NamespacePrefix", "Namespace Prefix", false),
    ];
    if wanted == plugin.custom_type {
        fields.extend(plugin.fields.iter().map(|(name, label)| field(name, label, true)));
    } else {
        fields.push(field(
            &format!("{}__Default_Locale__c", plugin.namespace),
            "Default Locale",
            true,
        ));
    }
    let body = json!({ "name": object, "label": label, "custom": true, "customSetting": false, "queryable": true, "fields": fields });
    Ok(json_answer(StatusCode::OK, &body))
}
