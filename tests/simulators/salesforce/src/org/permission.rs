//! Permission sets and what hangs on them: principal access, object access, assignments (facts/salesforce 6).

use crate::identifier::same;
use serde::{Deserialize, Serialize};

/// A permission set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PermissionSet {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) description: Option<String>,
    /// Set for packaged ones, which cannot be edited in the subscriber's org.
    pub(crate) namespace: Option<String>,
}

/// Access of a permission set to one principal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SetupEntityAccess {
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) entity: String,
}

/// Access of a permission set to one object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ObjectPermission {
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) object: String,
    pub(crate) flags: ObjectFlags,
}

/// What may be done with an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ObjectFlags {
    pub(crate) read: bool,
    pub(crate) create: bool,
    pub(crate) edit: bool,
    pub(crate) delete: bool,
    pub(crate) view_all: bool,
    pub(crate) modify_all: bool,
}

impl ObjectFlags {
    /// Column names with their values.
    pub(crate) fn columns(self) -> [(&'static str, bool); 6] {
        [
            ("PermissionsRead", self.read),
            ("PermissionsCreate", self.create),
            ("PermissionsEdit", self.edit),
            ("PermissionsDelete", self.delete),
            ("PermissionsViewAllRecords", self.view_all),
            ("PermissionsModifyAllRecords", self.modify_all),
        ]
    }
}

/// A user who has a permission set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Assignment {
    pub(crate) id: String,
    pub(crate) assignee: String,
    pub(crate) permission_set: String,
}

/// All grants of an org.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    pub(crate) permission_sets: Vec<PermissionSet>,
    pub(crate) setup_entity_access: Vec<SetupEntityAccess>,
    pub(crate) object_permissions: Vec<ObjectPermission>,
    pub(crate) assignments: Vec<Assignment>,
}

impl Grants {
    pub(crate) fn permission_set(&self, id: &str) -> Option<&PermissionSet> {
        self.permission_sets.iter().find(|set| same(&set.id, id))
    }

    /// Permission sets of one user.
    pub(crate) fn sets_of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = &'a str> {
        self.assignments
            .iter()
            .filter(move |assignment| same(&assignment.assignee, user))
            .map(|assignment| assignment.permission_set.as_str())
    }

    /// Whether a callout of this user may use the principal: its access and the read on `UserExternalCredential` (facts/salesforce 6).
    pub(crate) fn may_call_out(&self, user: &str, principal: &str) -> bool {
        let access = self.sets_of(user).any(|set| {
            self.setup_entity_access
                .iter()
                .any(|access| same(&access.parent, set) && same(&access.entity, principal))
        });
        let read = self.sets_of(user).any(|set| {
            self.object_permissions.iter().any(|object| {
                same(&object.parent, set) && object.object == "UserExternalCredential" && object.flags.read
            })
        });
        access && read
    }

    /// Removes a permission set and what hangs on it.
    pub(crate) fn drop_set(&mut self, id: &str) {
        self.permission_sets.retain(|set| !same(&set.id, id));
        self.setup_entity_access.retain(|access| !same(&access.parent, id));
        self.object_permissions.retain(|object| !same(&object.parent, id));
        self.assignments
            .retain(|assignment| !same(&assignment.permission_set, id));
    }
}
