//! The zip of a deploy: `package.xml` and the files that it names.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use axum::body::Bytes;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};
use zip::ZipArchive;

use crate::client_app;

/// More than any file of the types that are understood.
const FILE_LIMIT: u64 = 1024 * 1024;

/// A component file, with its content as fields.
#[derive(Debug)]
pub(super) struct File {
    pub(super) kind: &'static str,
    pub(super) full_name: String,
    pub(super) path: String,
    pub(super) fields: Result<Map<String, Value>, String>,
}

/// Types that can be deployed: name, folder, suffix.
const TYPES: &[(&str, &str, &str)] = &[
    ("NamedCredential", "namedCredentials", "namedCredential"),
    ("PermissionSet", "permissionsets", "permissionset"),
    (
        "ExternalAuthIdentityProvider",
        "externalAuthIdentityProviders",
        "externalAuthIdentityProvider",
    ),
    ("CustomMetadata", "customMetadata", "md"),
    ("AuthProvider", "authproviders", "authprovider"),
];

/// Types that others refer to come first.
pub(super) fn rank(kind: &str) -> usize {
    let order = ["CustomMetadata", "AuthProvider", "ExternalClientApplication"];
    order.iter().position(|known| *known == kind).unwrap_or(order.len())
}

/// Elements that repeat and are lists even when there is one.
const LISTS: &[&str] = &[
    "namedCredentialParameters",
    "externalAuthIdentityProviderParameters",
    "externalCredentialPrincipalAccesses",
    "objectPermissions",
    "values",
];
const NUMBERS: &[&str] = &["sequenceNumber", "jwtValidityPeriodSeconds"];
const BOOLEANS: &[&str] = &[
    "allowMergeFieldsInBody",
    "allowMergeFieldsInHeader",
    "generateAuthorizationHeader",
    "enabled",
    "hasActivationRequired",
    "allowRead",
    "allowCreate",
    "allowEdit",
    "allowDelete",
    "viewAllRecords",
    "modifyAllRecords",
    "viewAllFields",
    "protected",
    "isPkceEnabled",
];

/// Reads the archive. A problem with the package itself is an error; a problem with one file belongs to that file.
pub(super) fn open(bytes: &Bytes) -> Result<Vec<File>, &'static str> {
    let mut texts = texts(bytes).ok_or("The zip file can't be read.")?;
    let package = texts.remove("package.xml").ok_or("No package.xml found")?;
    let document = Document::parse(&package).map_err(|_| "Error parsing file: package.xml")?;
    let mut files = Vec::new();
    for types in document
        .root_element()
        .children()
        .filter(|node| node.has_tag_name_local("types"))
    {
        let name = child(types, "name").unwrap_or_default();
        let (kind, folder, suffix) = TYPES
            .iter()
            .chain(&client_app::deployed::TYPES)
            .find(|(kind, _, _)| *kind == name)
            .ok_or("Unknown type name specified in package.xml")?;
        for member in types.children().filter(|node| node.has_tag_name_local("members")) {
            let full_name = member.text().unwrap_or_default().to_owned();
            let path = format!("{folder}/{full_name}.{suffix}");
            let fields = match texts.get(&path) {
                Some(text) => parse(text, &path),
                None => Err(format!(
                    "An object '{full_name}' of type {kind} was named in package.xml, but was not found in zipped directory"
                )),
            };
            files.push(File {
                kind,
                full_name,
                path,
                fields,
            });
        }
    }
    if files.is_empty() {
        Err("package.xml names nothing to deploy")
    } else {
        Ok(files)
    }
}

fn texts(bytes: &Bytes) -> Option<BTreeMap<String, String>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut texts = BTreeMap::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).ok()?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().ok()?.into_owned();
        let mut text = String::new();
        file.take(FILE_LIMIT).read_to_string(&mut text).ok()?;
        texts.insert(name, text);
    }
    Some(texts)
}

trait LocalName {
    fn has_tag_name_local(&self, name: &str) -> bool;
}

impl LocalName for Node<'_, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

fn child<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.children()
        .find(|child| child.has_tag_name_local(name))
        .and_then(|child| child.text())
}

fn parse(text: &str, path: &str) -> Result<Map<String, Value>, String> {
    let document = Document::parse(text).map_err(|error| format!("Error parsing file: {path}: {error}"))?;
    Ok(fields(document.root_element()))
}

/// Child elements as fields, with the types that the metadata WSDL gives them.
fn fields(node: Node<'_, '_>) -> Map<String, Value> {
    let mut fields = Map::new();
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        let text = child.text().unwrap_or_default().trim();
        let value = if child.children().any(|grandchild| grandchild.is_element()) {
            Value::Object(self::fields(child))
        } else if BOOLEANS.contains(&name) || client_app::deployed::BOOLEANS.contains(&name) {
            text.parse::<bool>().map_or_else(|_| Value::from(text), Value::from)
        } else if NUMBERS.contains(&name) {
            text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
        } else {
            Value::from(text)
        };
        if LISTS.contains(&name) {
            if let Value::Array(list) = fields.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                list.push(value);
            }
        } else {
            fields.insert(name.to_owned(), value);
        }
    }
    fields
}
