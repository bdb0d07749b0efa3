//! Creating, changing and removing grants over the data API (facts/salesforce 6).
//!
//! Packaged permission sets cannot be edited here, only assigned. Unknown columns are refused like any other.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::gate::Caller;
use super::record::Address;
use crate::connect::input;
use crate::hop::start::principal;
use crate::identifier::same;
use crate::legacy;
use crate::org::Org;
use crate::org::permission::{Assignment, ObjectFlags, ObjectPermission, PermissionSet, SetupEntityAccess};
use crate::refusal::{Refusal, json_answer};
use crate::settings::Settings;
use crate::world::{Shared, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NewPermissionSet {
    name: Option<String>,
    label: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NewAccess {
    parent_id: Option<String>,
    setup_entity_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ObjectRow {
    parent_id: Option<String>,
    sobject_type: Option<String>,
    permissions_read: Option<bool>,
    permissions_create: Option<bool>,
    permissions_edit: Option<bool>,
    permissions_delete: Option<bool>,
    permissions_view_all_records: Option<bool>,
    permissions_modify_all_records: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NewAssignment {
    assignee_id: Option<String>,
    permission_set_id: Option<String>,
}

impl ObjectRow {
    fn flags(&self, before: ObjectFlags) -> ObjectFlags {
        ObjectFlags {
            read: self.permissions_read.unwrap_or(before.read),
            create: self.permissions_create.unwrap_or(before.create),
            edit: self.permissions_edit.unwrap_or(before.edit),
            delete: self.permissions_delete.unwrap_or(before.delete),
            view_all: self.permissions_view_all_records.unwrap_or(before.view_all),
            modify_all: self.permissions_modify_all_records.unwrap_or(before.modify_all),
        }
    }
}

fn required(value: Option<String>, field: &str) -> Result<String, Refusal> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| {
        Refusal::bad(
            "REQUIRED_FIELD_MISSING",
            format!("Required fields are missing: [{field}]"),
        )
        .naming(&[field])
    })
}

fn unknown_reference(field: &str, id: &str) -> Refusal {
    Refusal::bad(
        "INVALID_CROSS_REFERENCE_KEY",
        format!("invalid cross reference id: {id}"),
    )
    .naming(&[field])
}

fn duplicate(field: &str, id: &str) -> Refusal {
    Refusal::bad(
        "DUPLICATE_VALUE",
        format!("duplicate value found: {field} duplicates value on record with id: {id}"),
    )
    .naming(&[])
}

/// The permission set, if it exists and may be edited.
fn own_set<'a>(org: &'a Org, id: &str) -> Result<&'a PermissionSet, Refusal> {
    let set = org
        .grants
        .permission_set(id)
        .ok_or_else(|| unknown_reference("ParentId", id))?;
    if set.namespace.is_some() {
        return Err(Refusal::bad("INVALID_CROSS_REFERENCE_KEY", "invalid record id").naming(&[]));
    }
    Ok(set)
}

/// POST `sobjects/{object}`.
pub(crate) async fn create(
    State(sim): State<Shared>,
    caller: Caller,
    Path(object): Path<std::collections::HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let object = object.get("object").map(String::as_str).unwrap_or_default().to_owned();
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    check_rights(&caller, world, &object)?;
    let (org, settings) = (&mut world.org, &world.settings);
    let id = match object.as_str() {
        "PermissionSet" => add_set(org, input::read_columns(&headers, &body, &object)?)?,
        "SetupEntityAccess" => add_access(org, input::read_columns(&headers, &body, &object)?)?,
        "ObjectPermissions" => add_object(org, &input::read_columns(&headers, &body, &object)?)?,
        "PermissionSetAssignment" => add_assignment(org, input::read_columns(&headers, &body, &object)?, settings)?,
        _ => return Err(Refusal::not_found()),
    };
    Ok(json_answer(
        StatusCode::CREATED,
        &json!({ "id": id, "success": true, "errors": [] }),
    ))
}

fn check_rights(caller: &Caller, world: &World, object: &str) -> Result<(), Refusal> {
    let permitted = match object {
        "PermissionSetAssignment" => caller.permissions.assign_permission_sets,
        _ => caller.permissions.manage_profiles_permission_sets && world.settings.writes.permission_set_rows.accepts(),
    };
    if permitted {
        return Ok(());
    }
    Err(Refusal::forbidden(
        "INSUFFICIENT_ACCESS_OR_READONLY",
        world.settings.texts.no_permission.clone(),
    )
    .naming(&[]))
}

fn add_set(org: &mut Org, new: NewPermissionSet) -> Result<String, Refusal> {
    let name = required(new.name, "Name")?;
    let label = required(new.label, "Label")?;
    if let Some(known) = org
        .grants
        .permission_sets
        .iter()
        .find(|set| set.namespace.is_none() && set.name.eq_ignore_ascii_case(&name))
    {
        return Err(duplicate("Name", &known.id));
    }
    let id = org.mint.id("0PS");
    org.grants.permission_sets.push(PermissionSet {
        id: id.clone(),
        name,
        label,
        description: new.description,
        namespace: None,
    });
    Ok(id)
}

fn add_access(org: &mut Org, new: NewAccess) -> Result<String, Refusal> {
    let parent = own_set(org, &required(new.parent_id, "ParentId")?)?.id.clone();
    let entity = required(new.setup_entity_id, "SetupEntityId")?;
    let entity = principal(org, &entity)
        .map(|(_, row)| row.id.clone())
        .ok_or_else(|| unknown_reference("SetupEntityId", &entity))?;
    let known = org
        .grants
        .setup_entity_access
        .iter()
        .find(|access| same(&access.parent, &parent) && same(&access.entity, &entity));
    if let Some(known) = known {
        return Err(duplicate("SetupEntityId", &known.id));
    }
    let id = org.mint.id("0J0");
    org.grants.setup_entity_access.push(SetupEntityAccess {
        id: id.clone(),
        parent,
        entity,
    });
    Ok(id)
}

fn add_object(org: &mut Org, new: &ObjectRow) -> Result<String, Refusal> {
    let parent = own_set(org, &required(new.parent_id.clone(), "ParentId")?)?.id.clone();
    let object = required(new.sobject_type.clone(), "SobjectType")?;
    let known = org
        .grants
        .object_permissions
        .iter()
        .find(|row| same(&row.parent, &parent) && row.object == object);
    if let Some(known) = known {
        return Err(duplicate("SobjectType", &known.id));
    }
    let id = org.mint.id("110");
    let flags = new.flags(ObjectFlags::default());
    org.grants.object_permissions.push(ObjectPermission {
        id: id.clone(),
        parent,
        object,
        flags,
    });
    Ok(id)
}

fn add_assignment(org: &mut Org, new: NewAssignment, settings: &Settings) -> Result<String, Refusal> {
    let assignee = required(new.assignee_id, "AssigneeId")?;
    let set = required(new.permission_set_id, "PermissionSetId")?;
    let user = org
        .user(&assignee)
        .ok_or_else(|| unknown_reference("AssigneeId", &assignee))?;
    if !user.active {
        return Err(
            Refusal::bad("INACTIVE_OWNER_OR_USER", "operation performed with inactive user").naming(&["AssigneeId"]),
        );
    }
    if let Some(code) = settings.refused_assignments.get(&user.username) {
        let message = "The user license doesn't allow the permission set";
        return Err(Refusal::bad(code, message).naming(&["PermissionSetId"]));
    }
    let assignee = user.id.clone();
    let permission_set = org
        .grants
        .permission_set(&set)
        .map(|set| set.id.clone())
        .ok_or_else(|| unknown_reference("PermissionSetId", &set))?;
    let known = org
        .grants
        .assignments
        .iter()
        .find(|row| same(&row.assignee, &assignee) && same(&row.permission_set, &permission_set));
    if let Some(known) = known {
        return Err(duplicate("PermissionSetId", &known.id));
    }
    let id = org.mint.id("0Pa");
    org.grants.assignments.push(Assignment {
        id: id.clone(),
        assignee,
        permission_set,
    });
    Ok(id)
}

/// PATCH `sobjects/{object}/{id}`: permission sets and object permissions can be changed, the others only replaced.
pub(crate) async fn update(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<Address>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    check_rights(&caller, world, &address.object)?;
    let org = &mut world.org;
    match address.object.as_str() {
        "PermissionSet" => {
            let change: NewPermissionSet = input::read_columns(&headers, &body, &address.object)?;
            own_set(org, &address.id)?;
            for set in org
                .grants
                .permission_sets
                .iter_mut()
                .filter(|set| same(&set.id, &address.id))
            {
                set.name = change.name.clone().unwrap_or_else(|| set.name.clone());
                set.label = change.label.clone().unwrap_or_else(|| set.label.clone());
                set.description = change.description.clone().or_else(|| set.description.clone());
            }
        }
        "ObjectPermissions" => {
            let change: ObjectRow = input::read_columns(&headers, &body, &address.object)?;
            let parent = org
                .grants
                .object_permissions
                .iter()
                .find(|row| same(&row.id, &address.id))
                .map(|row| row.parent.clone());
            own_set(org, &parent.ok_or_else(Refusal::not_found)?)?;
            for row in org
                .grants
                .object_permissions
                .iter_mut()
                .filter(|row| same(&row.id, &address.id))
            {
                row.flags = change.flags(row.flags);
            }
        }
        "SetupEntityAccess" | "PermissionSetAssignment" => {
            let message = format!("entity type {} does not support update", address.object);
            return Err(Refusal::bad("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message).naming(&[]));
        }
        _ => return Err(Refusal::not_found()),
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// DELETE `sobjects/{object}/{id}`.
pub(crate) async fn remove(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<Address>,
) -> Result<Response, Refusal> {
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    if address.object == "AuthProvider" {
        caller.needs(caller.permissions.manage_auth_providers, &world.settings)?;
        legacy::deployed::remove(&mut world.org, &address.id)?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    check_rights(&caller, world, &address.object)?;
    let id = address.id.as_str();
    let grants = &world.org.grants;
    let parent = match address.object.as_str() {
        "PermissionSet" => grants.permission_set(id).map(|set| set.id.clone()),
        "SetupEntityAccess" => grants
            .setup_entity_access
            .iter()
            .find(|row| same(&row.id, id))
            .map(|row| row.parent.clone()),
        "ObjectPermissions" => grants
            .object_permissions
            .iter()
            .find(|row| same(&row.id, id))
            .map(|row| row.parent.clone()),
        // An assignment can be removed whoever owns the set.
        "PermissionSetAssignment" => grants
            .assignments
            .iter()
            .find(|row| same(&row.id, id))
            .map(|_| String::new()),
        _ => None,
    };
    let parent = parent.ok_or_else(Refusal::not_found)?;
    if !parent.is_empty() {
        own_set(&world.org, &parent)?;
    }
    let grants = &mut world.org.grants;
    match address.object.as_str() {
        "PermissionSet" => grants.drop_set(id),
        "SetupEntityAccess" => grants.setup_entity_access.retain(|row| !same(&row.id, id)),
        "ObjectPermissions" => grants.object_permissions.retain(|row| !same(&row.id, id)),
        _ => grants.assignments.retain(|row| !same(&row.id, id)),
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
