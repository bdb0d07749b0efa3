//! Users and what they may do (facts/salesforce 10.4).
//!
//! Permissions are the columns of `UserPermissionAccess`; the checks that need them sit with the work they guard.

use serde::{Deserialize, Serialize};

use crate::identifier::Mint;

/// The permissions that setting up the connector can need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Permissions {
    /// API Enabled.
    pub api_enabled: bool,
    /// View Setup and Configuration.
    pub view_setup: bool,
    /// Customize Application.
    pub customize_application: bool,
    /// Modify Metadata Through Metadata API Functions.
    pub modify_metadata: bool,
    /// Manage Named Credentials.
    pub manage_named_credentials: bool,
    /// Manage Auth. Providers.
    pub manage_auth_providers: bool,
    /// Assign Permission Sets.
    pub assign_permission_sets: bool,
    /// Manage Profiles and Permission Sets.
    pub manage_profiles_permission_sets: bool,
    /// Download AppExchange Packages.
    pub install_packages: bool,
    /// Author Apex.
    pub author_apex: bool,
}

impl Default for Permissions {
    fn default() -> Self {
        Self::ALL
    }
}

impl Permissions {
    /// An administrator's.
    pub const ALL: Self = Self {
        api_enabled: true,
        view_setup: true,
        customize_application: true,
        modify_metadata: true,
        manage_named_credentials: true,
        manage_auth_providers: true,
        assign_permission_sets: true,
        manage_profiles_permission_sets: true,
        install_packages: true,
        author_apex: true,
    };

    /// A user's who only works with data.
    pub const DATA_ONLY: Self = Self {
        api_enabled: true,
        view_setup: false,
        customize_application: false,
        modify_metadata: false,
        manage_named_credentials: false,
        manage_auth_providers: false,
        assign_permission_sets: false,
        manage_profiles_permission_sets: false,
        install_packages: false,
        author_apex: false,
    };

    /// Column names of `UserPermissionAccess` with their values.
    pub(crate) fn columns(self) -> [(&'static str, bool); 10] {
        [
            ("PermissionsApiEnabled", self.api_enabled),
            ("PermissionsViewSetup", self.view_setup),
            ("PermissionsCustomizeApplication", self.customize_application),
            ("PermissionsModifyMetadata", self.modify_metadata),
            ("PermissionsManageNamedCredentials", self.manage_named_credentials),
            ("PermissionsManageAuthProviders", self.manage_auth_providers),
            ("PermissionsAssignPermissionSets", self.assign_permission_sets),
            (
                "PermissionsManageProfilesPermissionsets",
                self.manage_profiles_permission_sets,
            ),
            ("PermissionsInstallPackaging", self.install_packages),
            ("PermissionsAuthorApex", self.author_apex),
        ]
    }

    /// Whether Named Credentials and their kin may be written.
    pub(crate) fn writes_credentials(self) -> bool {
        self.customize_application || self.manage_named_credentials
    }
}

/// One user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) user_type: String,
    pub(crate) active: bool,
    pub(crate) permissions: Permissions,
}

impl User {
    /// The people and machine users of a fresh org; the administrator is first.
    pub(crate) fn staff(mint: &mut Mint, org_id: &str) -> Vec<Self> {
        let mut hire = |username: &str, name: &str, user_type: &str, permissions| Self {
            id: mint.id("005"),
            username: username.to_owned(),
            name: name.to_owned(),
            email: username.to_owned(),
            user_type: user_type.to_owned(),
            active: true,
            permissions,
        };
        vec![
            hire("admin@acme.example", "Ada Admin", "Standard", Permissions::ALL),
            hire(
                "integration@acme.example",
                "Ingo Integration",
                "Standard",
                Permissions::DATA_ONLY,
            ),
            hire("sales@acme.example", "Sam Sales", "Standard", Permissions::DATA_ONLY),
            hire(
                &format!("cloud@{}", org_id.to_lowercase()),
                "Platform Integration User",
                "CloudIntegrationUser",
                Permissions::DATA_ONLY,
            ),
        ]
    }
}
