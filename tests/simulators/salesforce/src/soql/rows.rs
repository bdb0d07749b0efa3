//! The org's records as rows of the objects that can be queried.
//!
//! Parents are nested whole; a query picks from them what it names.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Scene;
use super::schema::Table;
use crate::clock::timestamp;
use crate::org::Header;
use crate::org::package::{Package, Version};
use crate::org::permission::PermissionSet;
use crate::org::user::User;

/// All rows of an object.
pub(crate) fn rows(table: &Table, scene: Scene<'_>) -> Vec<Value> {
    let org = &scene.world.org;
    let grants = &org.grants;
    match table.name {
        "NamedCredential" => org.named_credentials.iter().map(named_credential).collect(),
        "NamedCredentialParameter" => org.named_credentials.iter().flat_map(|record| parameters(record, scene)).collect(),
        "ExternalCredential" => org
            .external_credentials
            .iter()
            .map(|record| {
                let extra = json!({ "AuthenticationProtocol": record.metadata.authentication_protocol });
                setup(&record.header, &record.metadata.label, &record.metadata, extra)
            })
            .collect(),
        "ExternalAuthIdentityProvider" => org
            .identity_providers
            .iter()
            .map(|record| {
                let metadata = &record.metadata;
                let extra = json!({
                    "AuthenticationFlow": metadata.authentication_flow, "AuthenticationProtocol": metadata.authentication_protocol,
                    "Description": metadata.description,
                });
                setup(&record.header, &metadata.label, metadata, extra)
            })
            .collect(),
        "InstalledSubscriberPackage" => org.package.iter().map(installed).collect(),
        "SubscriberPackage" => org.package.iter().map(package).collect(),
        "SubscriberPackageVersion" => org.package.iter().map(package_version).chain(offered(scene)).collect(),
        "PackageInstallRequest" => org.install_requests.iter().map(crate::package_install::row).collect(),
        "PermissionSet" => grants.permission_sets.iter().map(permission_set).collect(),
        "PermissionSetAssignment" => grants
            .assignments
            .iter()
            .map(|row| {
                json!({
                    "Id": row.id, "AssigneeId": row.assignee, "Assignee": org.user(&row.assignee).map(user),
                    "PermissionSetId": row.permission_set,
                    "PermissionSet": grants.permission_set(&row.permission_set).map(permission_set),
                })
            })
            .collect(),
        "SetupEntityAccess" => grants
            .setup_entity_access
            .iter()
            .map(|row| {
                json!({
                    "Id": row.id, "ParentId": row.parent, "Parent": grants.permission_set(&row.parent).map(permission_set),
                    "SetupEntityId": row.entity, "SetupEntityType": "ExternalCredentialParameter",
                })
            })
            .collect(),
        "ObjectPermissions" => grants
            .object_permissions
            .iter()
            .map(|row| {
                let head = json!({
                    "Id": row.id, "ParentId": row.parent, "Parent": grants.permission_set(&row.parent).map(permission_set),
                    "SobjectType": row.object,
                });
                with(head, row.flags.columns())
            })
            .collect(),
        "User" => org.users.iter().map(user).collect(),
        "UserPermissionAccess" => {
            let head = json!({ "Id": "000000000000000AAA", "LastCacheUpdate": null });
            vec![with(head, scene.caller.permissions.columns())]
        }
        "GlobalValueSet" => vec![json!({
            "Id": "0Nt000000000001AAA", "DeveloperName": "Colour", "MasterLabel": "Colour", "NamespacePrefix": null,
        })],
        "Organization" => vec![json!({
            "Id": org.id, "Name": org.name, "IsSandbox": org.is_sandbox, "InstanceName": org.instance_name,
            "OrganizationType": "Enterprise Edition", "NamespacePrefix": null,
        })],
        name => crate::legacy::queried::rows(name, scene).unwrap_or_default(),
    }
}

fn with<const N: usize>(mut head: Value, columns: [(&'static str, bool); N]) -> Value {
    if let Value::Object(fields) = &mut head {
        fields.extend(columns.map(|(name, value)| (name.to_owned(), Value::Bool(value))));
    }
    head
}

/// The columns that all setup records share (facts/salesforce 1.3).
fn setup(header: &Header, label: &str, metadata: &impl Serialize, extra: Value) -> Value {
    let mut row = Map::new();
    let modified = timestamp(header.modified);
    let common = json!({
        "Id": header.id, "IsDeleted": false, "DeveloperName": header.developer_name, "Language": "en_US", "MasterLabel": label,
        "NamespacePrefix": header.namespace, "ManageableState": if header.namespace.is_some() { "installed" } else { "unmanaged" },
        "CreatedDate": timestamp(header.created), "LastModifiedDate": modified, "SystemModstamp": modified,
        "FullName": header.full_name(), "Metadata": serde_json::to_value(metadata).unwrap_or_default(),
    });
    for part in [common, extra] {
        if let Value::Object(fields) = part {
            row.extend(fields);
        }
    }
    Value::Object(row)
}

fn named_credential(record: &crate::org::named_credential::NamedCredential) -> Value {
    let metadata = &record.metadata;
    let extra = json!({
        "Endpoint": metadata.endpoint, "PrincipalType": metadata.principal_type.as_deref().unwrap_or("Anonymous"),
        "CalloutStatus": metadata.callout_status, "JwtIssuer": metadata.jwt_issuer, "JwtAudience": metadata.jwt_audience,
        "AuthTokenEndpointUrl": metadata.auth_token_endpoint_url,
    });
    setup(&record.header, &metadata.label, metadata, extra)
}

fn parameters(record: &crate::org::named_credential::NamedCredential, scene: Scene<'_>) -> Vec<Value> {
    let parent = named_credential(record);
    let rows = record.metadata.named_credential_parameters.iter();
    rows.map(|row| {
        let linked = row.external_credential.as_deref().and_then(|name| scene.world.org.external_credential(name));
        json!({
            "Id": row.id, "NamedCredentialId": record.header.id, "NamedCredential": parent, "ParameterName": row.parameter_name,
            "ParameterType": row.parameter_type, "ParameterValue": row.parameter_value,
            "ExternalCredentialId": linked.map(|credential| &credential.header.id), "SequenceNumber": row.sequence_number,
        })
    })
    .collect()
}

fn package(package: &Package) -> Value {
    json!({ "Id": package.package_id, "Name": package.name, "NamespacePrefix": package.namespace, "Description": null })
}

fn package_version(package: &Package) -> Value {
    json!({
        "Id": package.version_id, "Name": package.version.to_string(), "MajorVersion": package.version.major,
        "MinorVersion": package.version.minor, "PatchVersion": package.version.patch, "BuildNumber": 1, "IsBeta": false,
        "InstallValidationStatus": "NO_ERRORS_DETECTED", "SubscriberPackageId": package.package_id,
    })
}

/// The version that can be installed, while another one or none is.
fn offered(scene: Scene<'_>) -> Option<Value> {
    let settings = &scene.world.settings;
    let installed = scene
        .world
        .org
        .package
        .as_ref()
        .map(|package| package.version_id.as_str());
    let version = Version::parse(&settings.package_version)?;
    (installed != Some(settings.package_version_id.as_str())).then(|| {
        json!({
            "Id": settings.package_version_id, "Name": settings.package_version, "MajorVersion": version.major,
            "MinorVersion": version.minor, "PatchVersion": version.patch, "BuildNumber": 1, "IsBeta": false,
            "InstallValidationStatus": settings.install.validation_status, "SubscriberPackageId": null,
        })
    })
}

fn installed(record: &Package) -> Value {
    json!({
        "Id": record.installed_id, "SubscriberPackageId": record.package_id, "SubscriberPackage": package(record),
        "SubscriberPackageVersionId": record.version_id, "SubscriberPackageVersion": package_version(record),
        "MinPackageVersionId": record.version_id,
    })
}

fn permission_set(set: &PermissionSet) -> Value {
    json!({
        "Id": set.id, "Name": set.name, "Label": set.label, "Description": set.description, "NamespacePrefix": set.namespace,
        "IsOwnedByProfile": false, "IsCustom": true,
    })
}

fn user(user: &User) -> Value {
    json!({
        "Id": user.id, "Username": user.username, "Name": user.name, "Email": user.email, "IsActive": user.active,
        "UserType": user.user_type,
    })
}
