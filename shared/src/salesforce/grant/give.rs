//! Giving access: the packaged permission set first, our own where that is not enough.

use serde_json::json;

use super::super::api::{ApiError, Org, Resource};
use super::super::change::{ChangeError, Field, applied};
use super::super::record_id::{PrincipalId, RecordId, UserId};
use super::own_set::{ensure, unless_there};
use super::{AccessSet, Grants, RunnerAccess, observe};

/// What became of giving access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// Access as it stands now.
    pub grants: Grants,
    /// Active users that the org did not let have our permission set.
    pub refused: Vec<UserId>,
}

/// Gives these users what callouts need and looks at the result (facts/salesforce 6, 13.A step 8). Users that are inactive
/// or unknown are passed over, and a user whom the org refuses holds up no other; the answer names them.
///
/// # Errors
/// [`ChangeError`]; not applied means that an active user whom the org did not refuse still lacks something.
pub async fn grant_access(
    org: &Org,
    principal: &PrincipalId,
    namespace: &str,
    runners: &[UserId],
) -> Result<Granted, ChangeError> {
    let mut grants = observe(org, principal, runners).await?;
    if let Some(set) = packaged(&grants, namespace).cloned() {
        let wanting: Vec<UserId> = lacking(&grants).filter(|runner| helps(&set, runner)).map(id).collect();
        if assign_packaged(org, &set.id, &wanting).await? {
            grants = observe(org, principal, runners).await?;
        }
    }
    let wanting: Vec<UserId> = lacking(&grants).map(id).collect();
    let mut refused = Vec::new();
    if !wanting.is_empty() {
        let set = ensure(org, principal, &grants).await?;
        for user in &wanting {
            match assign(org, &set, user).await {
                Err(error) if concerns_user(&error) => refused.push(user.clone()),
                other => other?,
            }
        }
        grants = observe(org, principal, runners).await?;
    }
    applied(undone(&grants, &refused))?;
    Ok(Granted { grants, refused })
}

/// Whether a refusal is about the user who was to be assigned, not about what we may do.
fn concerns_user(error: &ApiError) -> bool {
    const USERS: [&str; 5] = [
        "FIELD_INTEGRITY_EXCEPTION",
        "INACTIVE_OWNER_OR_USER",
        "INVALID_CROSS_REFERENCE_KEY",
        "LICENSE_LIMIT_EXCEEDED",
        "LIMIT_EXCEEDED",
    ];
    USERS.iter().any(|code| error.has_code(code))
}

/// The package's set that gives access to the principal, rather one that gives Read too.
fn packaged<'a>(grants: &'a Grants, namespace: &str) -> Option<&'a AccessSet> {
    let own = || {
        grants
            .sets
            .iter()
            .filter(|set| set.namespace.as_deref() == Some(namespace))
    };
    own().find(|set| set.credentials_read).or_else(|| own().next())
}

fn lacking(grants: &Grants) -> impl Iterator<Item = &RunnerAccess> {
    grants
        .runners
        .iter()
        .filter(|runner| runner.user.is_active && !runner.is_complete())
}

fn helps(set: &AccessSet, runner: &RunnerAccess) -> bool {
    !runner.principal_access || (set.credentials_read && !runner.credentials_read)
}

fn id(runner: &RunnerAccess) -> UserId {
    runner.user.id.clone()
}

/// Assigns the packaged set; says whether anything changed. A refusal, for want of a licence perhaps, leaves it to our own set.
async fn assign_packaged(org: &Org, set: &RecordId, users: &[UserId]) -> Result<bool, ApiError> {
    let mut changed = false;
    for user in users {
        match assign(org, set, user).await {
            Ok(()) => changed = true,
            Err(error) if error.is_refusal() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}

async fn assign(org: &Org, set: &RecordId, user: &UserId) -> Result<(), ApiError> {
    let body = json!({"AssigneeId": user.as_str(), "PermissionSetId": set.as_str()});
    unless_there(
        org.create(
            "salesforce.grant.assign",
            &Resource::data("PermissionSetAssignment"),
            &body,
        )
        .await,
    )
}

fn undone(grants: &Grants, refused: &[UserId]) -> Vec<Field> {
    let lacks = |test: fn(&RunnerAccess) -> bool| {
        lacking(grants).any(|runner| !test(runner) && !refused.contains(&runner.user.id))
    };
    let principal = lacks(|runner| runner.principal_access).then_some(Field::PrincipalAccess);
    let read = lacks(|runner| runner.credentials_read).then_some(Field::CredentialsRead);
    principal.into_iter().chain(read).collect()
}
