//! Deploying one component (facts/salesforce 5.1, 6, 11).
//!
//! Fields that a file does not name stay as they are; lists that it names are replaced. The org's own rules apply as to every other write.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::archive::File;
use crate::client_app;
use crate::clock::Millis;
use crate::identifier::same;
use crate::legacy;
use crate::org::manageability;
use crate::org::named_credential::{Metadata, NamedCredential};
use crate::org::permission::{ObjectFlags, ObjectPermission, PermissionSet, SetupEntityAccess};
use crate::org::write::{Actor, Write};
use crate::org::{Header, Org};
use crate::settings::Settings;

/// What became of one component.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    kind: String,
    full_name: String,
    path: String,
    pub(super) problem: Option<String>,
}

impl Outcome {
    pub(super) fn failed(kind: &str, full_name: &str, path: &str, problem: &str) -> Self {
        Self {
            problem: Some(problem.to_owned()),
            ..Self::new(kind, full_name, path)
        }
    }

    fn of(file: &File, done: Result<(), String>) -> Self {
        match done {
            Ok(()) => Self::new(file.kind, &file.full_name, &file.path),
            Err(problem) => Self::failed(file.kind, &file.full_name, &file.path, &problem),
        }
    }

    fn new(kind: &str, full_name: &str, path: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            full_name: full_name.to_owned(),
            path: path.to_owned(),
            problem: None,
        }
    }

    pub(super) fn json(&self) -> Value {
        let mut value = json!({
            "fullName": self.full_name, "componentType": self.kind, "fileName": self.path, "success": self.problem.is_none(),
            "changed": self.problem.is_none(), "created": false, "deleted": false,
        });
        if let Some(problem) = &self.problem {
            value["problem"] = json!(problem);
            value["problemType"] = json!("Error");
            value["lineNumber"] = json!(1);
        }
        value
    }
}

/// Deploys a file.
pub(super) fn deploy(org: &mut Org, file: &File, settings: &Settings, now: Millis) -> Outcome {
    let of_an_app = |fields| client_app::deployed::deploy(org, (file.kind, &file.full_name), fields, settings, now);
    if let Some(done) = file.fields.as_ref().ok().and_then(of_an_app) {
        return Outcome::of(file, done);
    }
    let done = match &file.fields {
        Err(problem) => Err(problem.clone()),
        Ok(fields) if file.kind == "NamedCredential" => named_credential(org, &file.full_name, fields, settings, now),
        Ok(fields) if file.kind == "CustomMetadata" => {
            legacy::deployed::custom_metadata(org, &file.full_name, fields, settings, now)
        }
        Ok(fields) if file.kind == "AuthProvider" => {
            legacy::deployed::auth_provider(org, &file.full_name, fields, settings, now)
        }
        Ok(fields) if file.kind == "ExternalAuthIdentityProvider" => {
            identity_provider(org, &file.full_name, fields, settings, now)
        }
        Ok(_) if !settings.writes.deploy_permission_set.accepts() => Err(manageability::refusal(settings).message),
        Ok(fields) => permission_set(org, &file.full_name, fields),
    };
    Outcome::of(file, done)
}

fn named_credential(
    org: &mut Org,
    name: &str,
    fields: &Map<String, Value>,
    settings: &Settings,
    now: Millis,
) -> Result<(), String> {
    let known = org
        .named_credential(name)
        .map(|record| (record.header.id.clone(), record.metadata.clone()));
    let base = known
        .as_ref()
        .map(|(_, metadata)| serde_json::to_value(metadata).unwrap_or_default());
    let mut merged = base.unwrap_or_else(|| json!({}));
    if let Value::Object(target) = &mut merged {
        target.extend(fields.clone());
    }
    let metadata: Metadata = serde_json::from_value(merged).map_err(|error| format!("Error parsing file: {error}"))?;
    let linked = metadata.external_credential();
    if let Some(linked) = linked.filter(|linked| org.external_credential(linked).is_none()) {
        return Err(format!(
            "In field: externalCredential - no ExternalCredential named {linked} found"
        ));
    }
    if let Some(provider) = metadata
        .auth_provider
        .as_ref()
        .filter(|name| org.auth_provider(name).is_none())
    {
        return Err(format!(
            "In field: authProvider - no AuthProvider named {provider} found"
        ));
    }
    if known
        .as_ref()
        .is_some_and(|(_, present)| present.kind() != metadata.kind())
    {
        return Err("Named Credential Type update is not allowed".to_owned());
    }
    if metadata.kind() == "Legacy" && !settings.writes.deploy_classic_credential.accepts() {
        return Err(manageability::refusal(settings).message);
    }
    legacy::deployed::may_carry_token(fields, settings)?;
    if let Some((id, _)) = known {
        if name.contains("__") && !settings.writes.deploy_named_credential.accepts() {
            return Err(manageability::refusal(settings).message);
        }
        let write = Write {
            actor: Actor::External,
            settings,
            now,
        };
        org.write_named_credential(&id, metadata, write)
            .map_err(|refusal| refusal.message)?;
        legacy::deployed::token(org, &id, fields, settings, now);
        return Ok(());
    }
    if name.contains("__") {
        return Err(format!(
            "Entity of type 'NamedCredential' named '{name}' cannot be found"
        ));
    }
    let header = Header::local(org.mint.id("0XA"), name, now);
    let id = header.id.clone();
    org.add_named_credential(NamedCredential { header, metadata });
    legacy::deployed::token(org, &id, fields, settings, now);
    Ok(())
}

/// A provider that is there already; a new one would need its flow and protocol, and nobody deploys one here.
fn identity_provider(
    org: &mut Org,
    name: &str,
    fields: &Map<String, Value>,
    settings: &Settings,
    now: Millis,
) -> Result<(), String> {
    let missing = || format!("Entity of type 'ExternalAuthIdentityProvider' named '{name}' cannot be found");
    let record = org.identity_provider(name).ok_or_else(missing)?;
    if record.header.namespace.is_some() && !settings.writes.deploy_provider.accepts() {
        return Err(manageability::refusal(settings).message);
    }
    let (id, mut merged) = (
        record.header.id.clone(),
        serde_json::to_value(&record.metadata).unwrap_or_default(),
    );
    if let Value::Object(target) = &mut merged {
        target.extend(fields.clone());
    }
    let metadata = serde_json::from_value(merged).map_err(|error| format!("Error parsing file: {error}"))?;
    let write = Write {
        actor: Actor::External,
        settings,
        now,
    };
    org.write_identity_provider(&id, metadata, write)
        .map_err(|refusal| refusal.message)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PermissionSetFile {
    label: String,
    description: Option<String>,
    #[serde(default, rename = "hasActivationRequired")]
    _has_activation_required: bool,
    #[serde(default, rename = "license")]
    _license: Option<String>,
    #[serde(default)]
    external_credential_principal_accesses: Vec<PrincipalAccess>,
    #[serde(default)]
    object_permissions: Vec<ObjectAccess>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PrincipalAccess {
    enabled: bool,
    external_credential_principal: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ObjectAccess {
    object: String,
    #[serde(default)]
    allow_read: bool,
    #[serde(default)]
    allow_create: bool,
    #[serde(default)]
    allow_edit: bool,
    #[serde(default)]
    allow_delete: bool,
    #[serde(default)]
    view_all_records: bool,
    #[serde(default)]
    modify_all_records: bool,
    #[serde(default, rename = "viewAllFields")]
    _view_all_fields: bool,
}

fn permission_set(org: &mut Org, name: &str, fields: &Map<String, Value>) -> Result<(), String> {
    let file: PermissionSetFile = serde_json::from_value(Value::Object(fields.clone()))
        .map_err(|error| format!("Error parsing file: {error}"))?;
    // A packaged set cannot be reached in the subscriber's org (facts/salesforce 6).
    if name.contains("__") {
        return Err(format!("Entity of type 'PermissionSet' named '{name}' cannot be found"));
    }
    let known = org
        .grants
        .permission_sets
        .iter()
        .find(|set| set.namespace.is_none() && set.name == name)
        .map(|set| set.id.clone());
    let id = known.unwrap_or_else(|| {
        let id = org.mint.id("0PS");
        let (name, label) = (name.to_owned(), file.label.clone());
        org.grants.permission_sets.push(PermissionSet {
            id: id.clone(),
            name,
            label,
            description: None,
            namespace: None,
        });
        id
    });
    for set in org.grants.permission_sets.iter_mut().filter(|set| set.id == id) {
        set.label.clone_from(&file.label);
        set.description = file.description.clone().or_else(|| set.description.clone());
    }
    for access in &file.external_credential_principal_accesses {
        principal_access(org, &id, access)?;
    }
    for access in &file.object_permissions {
        object_access(org, &id, access);
    }
    Ok(())
}

/// The principal is named `{external credential}-{principal}`.
fn principal_access(org: &mut Org, set: &str, access: &PrincipalAccess) -> Result<(), String> {
    let name = &access.external_credential_principal;
    let principal = org.external_credentials.iter().find_map(|credential| {
        let prefix = format!("{}-", credential.header.full_name());
        let principal = name.strip_prefix(&prefix)?;
        credential
            .metadata
            .principals()
            .find(|row| row.parameter_name == principal)
            .map(|row| row.id.clone())
    });
    let missing =
        || format!("In field: externalCredentialPrincipal - no ExternalCredentialParameter named {name} found");
    let principal = principal.ok_or_else(missing)?;
    org.grants
        .setup_entity_access
        .retain(|row| !(same(&row.parent, set) && same(&row.entity, &principal)));
    if access.enabled {
        let id = org.mint.id("0J0");
        org.grants.setup_entity_access.push(SetupEntityAccess {
            id,
            parent: set.to_owned(),
            entity: principal,
        });
    }
    Ok(())
}

fn object_access(org: &mut Org, set: &str, access: &ObjectAccess) {
    let flags = ObjectFlags {
        read: access.allow_read,
        create: access.allow_create,
        edit: access.allow_edit,
        delete: access.allow_delete,
        view_all: access.view_all_records,
        modify_all: access.modify_all_records,
    };
    org.grants
        .object_permissions
        .retain(|row| !(same(&row.parent, set) && row.object == access.object));
    if flags != ObjectFlags::default() {
        let id = org.mint.id("110");
        org.grants.object_permissions.push(ObjectPermission {
            id,
            parent: set.to_owned(),
            object: access.object.clone(),
            flags,
        });
    }
}
