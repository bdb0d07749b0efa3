//! The legacy records as rows of the objects that can be queried.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value, json};

use super::{Plugin, described, plugin};
use crate::soql::Scene;
use crate::soql::schema::{Field, Kind, Table};

/// Id of the plugin's class.
const CLASS_ID: &str = "01pHs000000000CAAQ";

/// The table of the plugin's settings, whose columns a switch names. Tables live as long as the program, so each set of names is kept
/// once and for all.
pub(crate) fn settings_table(name: &str, scene: Scene<'_>) -> Option<&'static Table> {
    static TABLES: OnceLock<Mutex<BTreeMap<String, &'static Table>>> = OnceLock::new();
    let world = scene.world;
    let plugin = plugin(&world.org, &world.settings)?;
    let own = format!("{}__mdt", plugin.custom_type);
    if !own.eq_ignore_ascii_case(name) || !world.settings.plugin_record_query.accepts() {
        return None;
    }
    let columns: Vec<&str> = plugin.fields.iter().map(|(field, _)| field.as_str()).collect();
    let key = format!("{own} {}", columns.join(" "));
    let mut tables = TABLES
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    Some(tables.entry(key).or_insert_with(|| leak(&own, &columns)))
}

fn leak(name: &str, columns: &[&str]) -> &'static Table {
    let kept = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let own = ["DeveloperName", "MasterLabel", "NamespacePrefix", "QualifiedApiName"];
    let mut fields = vec![Field {
        name: "Id",
        kind: Kind::Id,
    }];
    fields.extend(own.iter().chain(columns).map(|name| Field {
        name: kept(name),
        kind: Kind::Text,
    }));
    Box::leak(Box::new(Table::data_only(
        kept(name),
        Box::leak(fields.into_boxed_slice()),
    )))
}

/// Rows of the objects that this path brings; `None` for any other object.
pub(crate) fn rows(table: &str, scene: Scene<'_>) -> Option<Vec<Value>> {
    let org = &scene.world.org;
    let plugin = plugin(org, &scene.world.settings);
    Some(match table {
        "AuthProvider" => org
            .auth_providers
            .iter()
            .map(|provider| {
                let metadata = &provider.metadata;
                let plugged = plugin.as_ref().filter(|own| metadata.plugin.as_deref() == Some(&own.class));
                json!({
                    "Id": provider.header.id, "DeveloperName": provider.header.developer_name, "FriendlyName": metadata.friendly_name,
                    "ProviderType": metadata.provider_type, "PluginId": plugged.map(|_| CLASS_ID),
                    "CustomMetadataTypeRecord": metadata.custom_metadata_type_record, "ConsumerKey": metadata.consumer_key,
                    "OauthKickoffUrl": format!("{}services/auth/oauth/{}", scene.caller.base, provider.header.developer_name),
                })
            })
            .collect(),
        "ApexClass" => plugin.iter().flat_map(classes).collect(),
        "EntityDefinition" => plugin.iter().flat_map(entities).collect(),
        name if plugin.as_ref().is_some_and(|own| name == format!("{}__mdt", own.custom_type)) => {
            org.plugin_records.iter().map(settings_row).collect()
        }
        _ => return None,
    })
}

fn classes(own: &Plugin) -> Vec<Value> {
    let bare = own.class.split_once("__").map_or("", |(_, class)| class);
    let row = |id: &str, name: &str| json!({ "Id": id, "Name": name, "NamespacePrefix": own.namespace });
    vec![
        row("01pHs000000000AAAQ", "TransferJob"),
        row(CLASS_ID, bare),
        row("01pHs000000000BAAQ", "ProductMapper"),
    ]
}

fn entities(own: &Plugin) -> Vec<Value> {
    let types = described::types(own);
    let rows = types.iter().map(|(name, label)| {
        json!({ "QualifiedApiName": format!("{name}__mdt"), "DeveloperName": name, "Label": label, "NamespacePrefix": own.namespace })
    });
    rows.collect()
}

fn settings_row(record: &super::PluginRecord) -> Value {
    let mut row = Map::new();
    row.insert("Id".to_owned(), json!(record.header.id));
    row.insert("DeveloperName".to_owned(), json!(record.header.developer_name));
    row.insert("QualifiedApiName".to_owned(), json!(record.header.developer_name));
    row.insert("MasterLabel".to_owned(), json!(record.label));
    row.insert("NamespacePrefix".to_owned(), Value::Null);
    row.extend(record.values.iter().map(|(name, value)| (name.clone(), json!(value))));
    Value::Object(row)
}
