//! Which objects there are, with which fields, in which API, for whom.

use super::token::malformed;
use super::{Api, Scene};
use crate::refusal::Refusal;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    Text,
    Boolean,
    Number,
    /// Cannot be compared.
    Complex,
    /// A parent record of this object.
    Parent(&'static str),
}

/// A field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// An object.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    data: bool,
    tooling: bool,
    pub(crate) fields: &'static [Field],
}

macro_rules! fields {
    ($($name:literal $kind:ident $(($parent:literal))?),+ $(,)?) => {
        &[$(Field { name: $name, kind: Kind::$kind $(($parent))? }),+]
    };
}

const TABLES: &[Table] = &[
    Table {
        name: "NamedCredential",
        data: true,
        tooling: true,
        fields: fields![
            "Id" Id, "IsDeleted" Boolean, "DeveloperName" Text, "Language" Text, "MasterLabel" Text, "NamespacePrefix" Text,
            "ManageableState" Text, "CreatedDate" Text, "LastModifiedDate" Text, "SystemModstamp" Text, "Endpoint" Text,
            "PrincipalType" Text, "CalloutStatus" Text, "JwtIssuer" Text, "JwtAudience" Text, "AuthTokenEndpointUrl" Text,
            "FullName" Text, "Metadata" Complex,
        ],
    },
    Table {
        name: "NamedCredentialParameter",
        data: true,
        tooling: true,
        fields: fields![
            "Id" Id, "NamedCredentialId" Id, "NamedCredential" Parent("NamedCredential"), "ParameterName" Text, "ParameterType" Text,
            "ParameterValue" Text, "ExternalCredentialId" Id, "SequenceNumber" Number,
        ],
    },
    Table {
        name: "ExternalCredential",
        data: true,
        tooling: true,
        fields: fields![
            "Id" Id, "IsDeleted" Boolean, "DeveloperName" Text, "Language" Text, "MasterLabel" Text, "NamespacePrefix" Text,
            "ManageableState" Text, "AuthenticationProtocol" Text, "CreatedDate" Text, "LastModifiedDate" Text, "SystemModstamp" Text,
            "FullName" Text, "Metadata" Complex,
        ],
    },
    Table {
        name: "ExternalAuthIdentityProvider",
        data: false,
        tooling: true,
        fields: fields![
            "Id" Id, "IsDeleted" Boolean, "DeveloperName" Text, "Language" Text, "MasterLabel" Text, "NamespacePrefix" Text,
            "ManageableState" Text, "AuthenticationFlow" Text, "AuthenticationProtocol" Text, "Description" Text, "CreatedDate" Text,
            "LastModifiedDate" Text, "SystemModstamp" Text, "FullName" Text, "Metadata" Complex,
        ],
    },
    Table {
        name: "InstalledSubscriberPackage",
        data: false,
        tooling: true,
        fields: fields![
            "Id" Id, "SubscriberPackageId" Id, "SubscriberPackage" Parent("SubscriberPackage"), "SubscriberPackageVersionId" Id,
            "SubscriberPackageVersion" Parent("SubscriberPackageVersion"), "MinPackageVersionId" Id,
        ],
    },
    Table {
        name: "SubscriberPackage",
        data: false,
        tooling: true,
        fields: fields![
            "Id" Id, "Name" Text, "NamespacePrefix" Text, "Description" Text,
        ],
    },
    Table {
        name: "SubscriberPackageVersion",
        data: false,
        tooling: true,
        fields: fields![
            "Id" Id, "Name" Text, "MajorVersion" Number, "MinorVersion" Number, "PatchVersion" Number, "BuildNumber" Number,
            "IsBeta" Boolean, "InstallValidationStatus" Text, "SubscriberPackageId" Id,
        ],
    },
    Table {
        name: "PackageInstallRequest",
        data: false,
        tooling: true,
        fields: fields![
            "Id" Id, "IsDeleted" Boolean, "CreatedDate" Text, "SubscriberPackageVersionKey" Text, "Status" Text, "SecurityType" Text,
            "NameConflictResolution" Text, "PackageInstallSource" Text, "EnableRss" Boolean, "Errors" Complex,
        ],
    },
    Table {
        name: "PermissionSet",
        data: true,
        tooling: true,
        fields: fields![
            "Id" Id, "Name" Text, "Label" Text, "Description" Text, "NamespacePrefix" Text, "IsOwnedByProfile" Boolean, "IsCustom" Boolean,
        ],
    },
    Table {
        name: "PermissionSetAssignment",
        data: true,
        tooling: false,
        fields: fields![
            "Id" Id, "AssigneeId" Id, "Assignee" Parent("User"), "PermissionSetId" Id, "PermissionSet" Parent("PermissionSet"),
        ],
    },
    Table {
        name: "SetupEntityAccess",
        data: true,
        tooling: true,
        fields: fields![
            "Id" Id, "ParentId" Id, "Parent" Parent("PermissionSet"), "SetupEntityId" Id, "SetupEntityType" Text,
        ],
    },
    Table {
        name: "ObjectPermissions",
        data: true,
        tooling: false,
        fields: fields![
            "Id" Id, "ParentId" Id, "Parent" Parent("PermissionSet"), "SobjectType" Text, "PermissionsRead" Boolean,
            "PermissionsCreate" Boolean, "PermissionsEdit" Boolean, "PermissionsDelete" Boolean, "PermissionsViewAllRecords" Boolean,
            "PermissionsModifyAllRecords" Boolean,
        ],
    },
    Table {
        name: "User",
        data: true,
        tooling: true,
        fields: fields![
            "Id" Id, "Username" Text, "Name" Text, "Email" Text, "IsActive" Boolean, "UserType" Text,
        ],
    },
    Table {
        name: "UserPermissionAccess",
        data: true,
        tooling: false,
        fields: fields![
            "Id" Id, "LastCacheUpdate" Text, "PermissionsApiEnabled" Boolean, "PermissionsViewSetup" Boolean,
            "PermissionsCustomizeApplication" Boolean, "PermissionsModifyMetadata" Boolean, "PermissionsManageNamedCredentials" Boolean,
            "PermissionsManageAuthProviders" Boolean, "PermissionsAssignPermissionSets" Boolean,
            "PermissionsManageProfilesPermissionsets" Boolean, "PermissionsInstallPackaging" Boolean, "PermissionsAuthorApex" Boolean,
        ],
    },
    Table {
        name: "Organization",
        data: true,
        tooling: false,
        fields: fields![
            "Id" Id, "Name" Text, "IsSandbox" Boolean, "InstanceName" Text, "OrganizationType" Text, "NamespacePrefix" Text,
        ],
    },
    Table {
        name: "GlobalValueSet",
        data: false,
        tooling: true,
        fields: fields![
            "Id" Id, "DeveloperName" Text, "MasterLabel" Text, "NamespacePrefix" Text,
        ],
    },
    Table {
        name: "AuthProvider",
        data: true,
        tooling: false,
        fields: fields![
            "Id" Id, "DeveloperName" Text, "FriendlyName" Text, "ProviderType" Text, "OauthKickoffUrl" Text, "PluginId" Id,
            "CustomMetadataTypeRecord" Text, "ConsumerKey" Text,
        ],
    },
    Table {
        name: "ApexClass",
        data: true,
        tooling: true,
        fields: fields!["Id" Id, "Name" Text, "NamespacePrefix" Text],
    },
    Table {
        name: "EntityDefinition",
        data: true,
        tooling: true,
        fields: fields!["QualifiedApiName" Text, "DeveloperName" Text, "Label" Text, "NamespacePrefix" Text],
    },
];

/// An Auth. Provider as an org shows it that keeps the plugin to itself.
const BARE_AUTH_PROVIDER: Table = Table {
    name: "AuthProvider",
    data: true,
    tooling: false,
    fields: fields!["Id" Id, "DeveloperName" Text, "OauthKickoffUrl" Text],
};

impl Table {
    /// An object of the data API.
    pub(crate) fn data_only(name: &'static str, fields: &'static [Field]) -> Self {
        Self {
            name,
            data: true,
            tooling: false,
            fields,
        }
    }
}

/// An object by its exact name.
pub(crate) fn named(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// The object that a query names, if this API has it and the caller may know of it.
pub(crate) fn table(name: &str, scene: Scene<'_>) -> Result<&'static Table, Refusal> {
    let bare = !scene.world.settings.auth_provider_details.accepts();
    let table = match TABLES.iter().find(|table| table.name.eq_ignore_ascii_case(name)) {
        Some(table) if bare && table.name == "AuthProvider" => Some(&BARE_AUTH_PROVIDER),
        Some(table) => Some(table),
        None => crate::legacy::queried::settings_table(name, scene),
    };
    table
        .filter(|table| if scene.api == Api::Data { table.data } else { table.tooling })
        .filter(|table| visible(table.name, scene))
        .ok_or_else(|| {
            let message = format!(
                "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
            );
            Refusal::bad("INVALID_TYPE", message)
        })
}

/// External Credentials and their providers need a permission to change them (facts/salesforce 1.3); packages need View Setup.
fn visible(name: &str, scene: Scene<'_>) -> bool {
    let permissions = scene.caller.permissions;
    match name {
        "ExternalCredential" | "ExternalAuthIdentityProvider" => permissions.writes_credentials(),
        "NamedCredential"
        | "NamedCredentialParameter"
        | "InstalledSubscriberPackage"
        | "SubscriberPackageVersion"
        | "GlobalValueSet" => permissions.view_setup,
        _ => true,
    }
}

/// The fields along a dotted name, the last one being the value.
pub(crate) fn resolve(table: &'static Table, name: &str) -> Result<Vec<&'static Field>, Refusal> {
    let mut path = Vec::new();
    let mut place = table;
    let mut parts = name.split('.').peekable();
    while let Some(part) = parts.next() {
        let field = place.fields.iter().find(|field| field.name.eq_ignore_ascii_case(part));
        let last = parts.peek().is_none();
        let field = field
            .filter(|field| matches!(field.kind, Kind::Parent(_)) != last)
            .ok_or_else(|| no_such(place, part, last))?;
        path.push(field);
        if let Kind::Parent(parent) = field.kind {
            place = named(parent).ok_or_else(|| malformed("unexpected relationship"))?;
        }
    }
    Ok(path)
}

fn no_such(table: &Table, part: &str, column: bool) -> Refusal {
    let what = if column { "column" } else { "relation" };
    let advice = if column { "custom field" } else { "custom relationship" };
    let suffix = if column { "__c" } else { "__r" };
    let message = format!(
        "No such {what} '{part}' on entity '{}'. If you are attempting to use a {advice}, be sure to append the '{suffix}' after the {advice} name. Please reference your WSDL or the describe call for the appropriate names.",
        table.name
    );
    Refusal::bad("INVALID_FIELD", message)
}
