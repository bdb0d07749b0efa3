//! The package's Auth. Provider plugin: its Apex class and the custom metadata type of its settings (facts/salesforce 7).
//!
//! The form of a plugin's provider shows the labels of that type's fields, and the guide names them. So the type is the one whose
//! fields have all of these labels, whatever their API names are.

use serde::Deserialize;

use super::super::absence::or_default;
use super::super::api::{ApiError, Org, Resource, literal};
use super::super::record_id::RecordId;

/// A setting of the plugin, as the guide's form names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Client ID.
    ClientId,
    /// Client Secret.
    ClientSecret,
    /// Authorize Endpoint.
    AuthorizeEndpoint,
    /// Token Endpoint.
    TokenEndpoint,
    /// Base Endpoint.
    BaseEndpoint,
    /// Authentication Scopes.
    Scopes,
}

impl Setting {
    /// All of them, in the order of the guide.
    pub const ALL: [Self; 6] = [
        Self::ClientId,
        Self::ClientSecret,
        Self::AuthorizeEndpoint,
        Self::TokenEndpoint,
        Self::BaseEndpoint,
        Self::Scopes,
    ];

    /// The label in the guide.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ClientId => "Client ID",
            Self::ClientSecret => "Client Secret",
            Self::AuthorizeEndpoint => "Authorize Endpoint",
            Self::TokenEndpoint => "Token Endpoint",
            Self::BaseEndpoint => "Base Endpoint",
            Self::Scopes => "Authentication Scopes",
        }
    }

    /// Whether the field's label is the guide's own, whatever the case.
    fn is_labelled(self, label: &str) -> bool {
        letters(label) == letters(self.label())
    }

    /// Whether the field's label, or else its API name, may mean this: endpoints are also called URLs, and Salesforce itself says
    /// consumer key, consumer secret and default scopes (facts/salesforce 7).
    fn is_called(self, name: &str) -> bool {
        let name = letters(name)
            .replace("url", "endpoint")
            .replace("authorization", "authorize")
            .replace("consumerkey", "clientid")
            .replace("consumersecret", "clientsecret");
        match self {
            Self::Scopes => matches!(
                name.trim_end_matches('s'),
                "scope" | "authenticationscope" | "defaultscope" | "oauthscope"
            ),
            _ => name == letters(self.label()),
        }
    }
}

fn letters(name: &str) -> String {
    let bare = name.trim_end_matches("__c");
    let bare = bare.split_once("__").map_or(bare, |(_, bare)| bare);
    bare.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// The plugin of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// The Apex class with its namespace, `ns__Class`.
    pub class: String,
    /// Id of the class; a provider refers to it.
    pub class_id: RecordId,
    /// The custom metadata type with its namespace, without `__mdt`.
    pub custom_type: String,
    /// API names of the settings' fields, in the order of [`Setting::ALL`].
    fields: [String; 6],
}

impl Plugin {
    /// API name of a setting's field.
    #[must_use]
    pub fn field(&self, setting: Setting) -> &str {
        let at = Setting::ALL.iter().position(|other| *other == setting);
        at.and_then(|at| self.fields.get(at)).map_or("", String::as_str)
    }

    /// The record with our settings, `ns__Type.Akeneo`.
    #[must_use]
    pub fn record_name(&self) -> String {
        format!("{}.{}", self.custom_type, super::NAME)
    }
}

#[derive(Deserialize)]
struct EntityRow {
    #[serde(rename = "QualifiedApiName")]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClassRow {
    id: RecordId,
    name: String,
}

#[derive(Deserialize)]
struct Described {
    #[serde(default, deserialize_with = "or_default")]
    fields: Vec<FieldRow>,
}

#[derive(Deserialize)]
struct FieldRow {
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    label: String,
}

/// Looks for the plugin (facts/salesforce 7). `None` where the package does not show exactly one that fits.
///
/// # Errors
/// [`ApiError`].
pub async fn discover(org: &Org, namespace: &str) -> Result<Option<Plugin>, ApiError> {
    let Some((custom_type, fields)) = settings_type(org, namespace).await? else {
        return Ok(None);
    };
    Ok(class(org, namespace).await?.map(|class| Plugin {
        class: format!("{namespace}__{}", class.name),
        class_id: class.id,
        custom_type,
        fields,
    }))
}

/// The package's plugin class. Tooling and the data API both list classes; an org may refuse one of them.
async fn class(org: &Org, namespace: &str) -> Result<Option<ClassRow>, ApiError> {
    let soql = format!(
        "SELECT Id,Name FROM ApexClass WHERE NamespacePrefix={}",
        literal(namespace)
    );
    let name = "salesforce.legacy.classes";
    let listed = match org.tooling_query(name, &soql).await {
        Err(error) if error.is_refusal() => org.query(name, &soql).await,
        other => other,
    };
    match listed {
        Err(error) if error.is_refusal() => Ok(None),
        other => Ok(the_plugin(other?)),
    }
}

/// The plugin among the package's classes: the only one, or the only one whose name says so. Each word narrows the choice where it
/// can, because a package may have plugins for other systems too; what two classes could be is not guessed.
fn the_plugin(mut classes: Vec<ClassRow>) -> Option<ClassRow> {
    if classes.len() > 1 {
        classes.retain(|class| {
            let name = letters(&class.name);
            name.contains("auth") && !["test", "tests", "mock"].iter().any(|end| name.ends_with(end))
        });
    }
    for words in [&["authprovider", "authplugin"][..], &["akeneo", "pim"]] {
        let says = |class: &ClassRow| {
            let name = letters(&class.name);
            words.iter().any(|word| name.contains(word))
        };
        if classes.iter().any(says) {
            classes.retain(says);
        }
    }
    let only = classes.pop();
    only.filter(|_| classes.is_empty())
}

async fn settings_type(org: &Org, namespace: &str) -> Result<Option<(String, [String; 6])>, ApiError> {
    let soql = format!(
        "SELECT QualifiedApiName FROM EntityDefinition WHERE NamespacePrefix={} AND QualifiedApiName LIKE '%__mdt'",
        literal(namespace)
    );
    let types: Vec<EntityRow> = match org.query("salesforce.legacy.types", &soql).await {
        Err(error) if error.is_refusal() => return Ok(None),
        other => other?,
    };
    let mut fitting = Vec::new();
    for row in types {
        let Some(bare) = row.name.strip_suffix("__mdt") else {
            continue;
        };
        let resource = Resource::new(&["sobjects", &row.name, "describe"]);
        let described: Described = match org.get("salesforce.legacy.describe", &resource).await {
            // A type that this user may not look at is not the one.
            Err(error) if error.is_refusal() => continue,
            other => other?,
        };
        if let Some(fields) = fields(&described) {
            fitting.push((bare.to_owned(), fields));
        }
    }
    let only = fitting.pop();
    Ok(only.filter(|_| fitting.is_empty()))
}

/// The field of each setting; by label, and by name where no label fits.
fn fields(described: &Described) -> Option<[String; 6]> {
    let find = |setting: Setting| {
        let by = |fits: &dyn Fn(&FieldRow) -> bool| {
            let mut found = described.fields.iter().filter(|field| fits(field));
            found
                .next()
                .filter(|_| found.next().is_none())
                .map(|field| field.name.clone())
        };
        by(&|field| setting.is_labelled(&field.label))
            .or_else(|| by(&|field| setting.is_called(&field.label)))
            .or_else(|| by(&|field| setting.is_called(&field.name)))
    };
    let found: Option<Vec<String>> = Setting::ALL.into_iter().map(find).collect();
    found?.try_into().ok()
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    fn described(fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<Value> = fields
            .iter()
            .map(|(name, label)| json!({"name": name, "label": label}))
            .collect();
        Reply::json(200, &json!({ "name": "x", "fields": fields }).to_string())
    }

    fn rows(rows: Value) -> Reply {
        Reply::json(200, &json!({"totalSize": 1, "done": true, "records": rows}).to_string())
    }

    const GUIDE: [(&str, &str); 7] = [
        ("DeveloperName", "Custom Metadata Record Name"),
        ("ns__Key__c", "Client ID"),
        ("ns__Secret__c", "Client Secret"),
        ("ns__A__c", "Authorize Endpoint"),
        ("ns__T__c", "Token Endpoint"),
        ("ns__B__c", "Base Endpoint"),
        ("ns__S__c", "Authentication Scopes"),
    ];

    /// A plugin for tests of the neighbours.
    pub(in super::super) fn plugin() -> Plugin {
        Plugin {
            class: "ns__AkeneoAuthProvider".to_owned(),
            class_id: RecordId::parse("01pHs000000000CAAQ").unwrap(),
            custom_type: "ns__Settings".to_owned(),
            fields: ["Id", "Secret", "A", "T", "B", "S"].map(|name| format!("ns__{name}__c")),
        }
    }

    #[tokio::test]
    async fn the_type_is_found_by_its_labels_and_the_class_by_its_name() {
        let org = ScriptedOrg::start(vec![
            rows(json!([{"QualifiedApiName": "ns__Other__mdt"}, {"QualifiedApiName": "ns__Settings__mdt"}])),
            described(&[("ns__Default_Locale__c", "Default Locale")]),
            described(&GUIDE),
            rows(
                json!([{"Id": "01pHs000000000AAAQ", "Name": "Transfer"}, {"Id": "01pHs000000000CAAQ", "Name": "Akeneo_AuthProvider"},
                {"Id": "01pHs000000000DAAQ", "Name": "AkeneoAuthProviderTest"}]),
            ),
        ]);
        let plugin = discover(&org.org(), "ns").await.unwrap().unwrap();
        assert_eq!(
            (plugin.class.as_str(), plugin.custom_type.as_str()),
            ("ns__Akeneo_AuthProvider", "ns__Settings")
        );
        assert_eq!(plugin.field(Setting::TokenEndpoint), "ns__T__c");
        assert_eq!(plugin.record_name(), "ns__Settings.Akeneo");
        assert_eq!(org.lines()[2], "GET sobjects/ns__Settings__mdt/describe");
    }

    #[tokio::test]
    async fn names_serve_where_labels_do_not() {
        let org = ScriptedOrg::start(vec![
            rows(json!([{"QualifiedApiName": "ns__Settings__mdt"}])),
            described(&[
                ("ns__Client_Id__c", "x"),
                ("ns__Client_Secret__c", "x"),
                ("ns__Authorization_URL__c", "x"),
                ("ns__Token_URL__c", "x"),
                ("ns__BaseUrl__c", "x"),
                ("ns__Scope__c", "x"),
            ]),
            rows(json!([{"Id": "01pHs000000000CAAQ", "Name": "AkeneoAuthProvider"}])),
        ]);
        let plugin = discover(&org.org(), "ns").await.unwrap().unwrap();
        assert_eq!(plugin.field(Setting::AuthorizeEndpoint), "ns__Authorization_URL__c");
        assert_eq!(plugin.field(Setting::Scopes), "ns__Scope__c");
    }

    #[tokio::test]
    async fn words_of_salesforces_own_serve_too_and_the_guides_come_first() {
        let org = ScriptedOrg::start(vec![
            rows(json!([{"QualifiedApiName": "ns__Settings__mdt"}])),
            described(&[
                ("ns__A__c", "Default Scopes"),
                ("ns__B__c", "Base URL"),
                ("ns__C__c", "Consumer Key"),
                ("ns__D__c", "Client Secret"),
                ("ns__E__c", "Consumer Secret"),
                ("ns__F__c", "Authorization Endpoint"),
                ("ns__G__c", "Token URL"),
            ]),
            // Whoever may not list classes over Tooling may do so over the data API.
            Reply::json(400, r#"[{"errorCode":"INVALID_TYPE","message":"x"}]"#),
            rows(json!([{"Id": "01pHs000000000CAAQ", "Name": "AkeneoPlugin"}])),
        ]);
        let plugin = discover(&org.org(), "ns").await.unwrap().unwrap();
        assert_eq!(plugin.field(Setting::Scopes), "ns__A__c");
        assert_eq!(plugin.field(Setting::ClientId), "ns__C__c");
        assert_eq!(plugin.field(Setting::ClientSecret), "ns__D__c");
        assert_eq!(plugin.class, "ns__AkeneoPlugin");
    }

    #[test]
    fn the_plugin_is_told_by_its_name_among_others() {
        let check = |names: &[&str], expect: Option<&str>| {
            let class = |name: &&str| ClassRow {
                id: RecordId::parse("01pHs000000000CAAQ").unwrap(),
                name: (*name).to_owned(),
            };
            let found = the_plugin(names.iter().map(class).collect()).map(|class| class.name);
            assert_eq!(found.as_deref(), expect, "{names:?}");
        };
        check(&["Anything"], Some("Anything"));
        check(
            &["AkeneoAuthProvider", "AkeneoAuthProvider_Test", "Catalog"],
            Some("AkeneoAuthProvider"),
        );
        check(
            &["AkeneoAuthProvider", "SalesforceSelfAuthProvider"],
            Some("AkeneoAuthProvider"),
        );
        check(
            &["AkeneoAuthPlugin", "AkeneoAuthHelper", "AkeneoCatalog"],
            Some("AkeneoAuthPlugin"),
        );
        check(&["OAuthFlow", "Akeneo", "Catalog"], Some("OAuthFlow"));
        check(&["AkeneoCatalog", "AkeneoService"], None);
        check(&["AkeneoAuthProvider", "AkeneoAuthProviderV2"], None);
        check(&[], None);
    }

    #[tokio::test]
    async fn anything_but_exactly_one_is_nothing() {
        let half = &GUIDE[..4];
        let org = ScriptedOrg::start(vec![
            rows(json!([{"QualifiedApiName": "ns__Settings__mdt"}])),
            described(half),
        ]);
        assert_eq!(discover(&org.org(), "ns").await.unwrap(), None);
        let two = json!([{"Id": "01pHs000000000CAAQ", "Name": "AuthProviderA"}, {"Id": "01pHs000000000DAAQ", "Name": "AuthProviderB"}]);
        let org = ScriptedOrg::start(vec![
            rows(json!([{"QualifiedApiName": "ns__Settings__mdt"}])),
            described(&GUIDE),
            rows(two),
        ]);
        assert_eq!(discover(&org.org(), "ns").await.unwrap(), None);
        // An org that refuses the question shows no plugin either: a person has to know.
        let refused = Reply::json(400, r#"[{"errorCode":"INVALID_TYPE","message":"x"}]"#);
        let org = ScriptedOrg::start(vec![refused.clone()]);
        assert_eq!(discover(&org.org(), "ns").await.unwrap(), None);
        let org = ScriptedOrg::start(vec![
            rows(json!([{"QualifiedApiName": "ns__Settings__mdt"}])),
            described(&GUIDE),
            refused.clone(),
            refused,
        ]);
        assert_eq!(discover(&org.org(), "ns").await.unwrap(), None);
    }
}
