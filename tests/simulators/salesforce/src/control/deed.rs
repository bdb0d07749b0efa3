//! How the actions are done.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::action::ActionError;
use crate::clock::Millis;
use crate::identifier::{random_text, same};
use crate::org::Org;
use crate::org::identity_provider::{Credentials, Row};
use crate::org::named_credential::CalloutStatus;
use crate::org::package::{PRINCIPAL, Version};
use crate::org::permission::Assignment;
use crate::org::user::{Permissions, User};
use crate::org::write::Write;
use crate::world::World;

type Done = Result<(), ActionError>;

/// Id of the packaged principal.
pub(super) fn default_principal(org: &Org) -> Result<String, ActionError> {
    org.external_credentials
        .iter()
        .filter(|credential| credential.header.namespace.is_some())
        .find_map(|credential| credential.metadata.principal("NamedPrincipal", PRINCIPAL))
        .map(|row| row.id.clone())
        .ok_or(ActionError::NoRecord("principal"))
}

/// The Named Credential that the package's code uses: its own, or the classic one of the guide's Part D.
fn in_use(org: &Org) -> Option<usize> {
    let all = &org.named_credentials;
    let packaged = all.iter().position(|record| record.header.namespace.is_some());
    packaged.or_else(|| all.iter().position(|record| record.header.full_name() == "Akeneo"))
}

pub(super) fn set_callouts(org: &mut Org, status: CalloutStatus) -> Done {
    let at = in_use(org).ok_or(ActionError::NoRecord("named credential"))?;
    let record = org.named_credentials.get_mut(at);
    record
        .ok_or(ActionError::NoRecord("named credential"))?
        .metadata
        .callout_status = Some(status);
    Ok(())
}

pub(super) fn edit_url(org: &mut Org, url: &str, write: Write<'_>) -> Done {
    let record = in_use(org).and_then(|at| org.named_credentials.get(at));
    let record = record.ok_or(ActionError::NoRecord("named credential"))?;
    let (id, mut metadata) = (record.header.id.clone(), record.metadata.clone());
    metadata.set_url(url);
    Ok(org.write_named_credential(&id, metadata, write)?)
}

pub(super) fn edit_provider(org: &mut Org, write: Write<'_>, edit: impl FnOnce(&mut Vec<Row>)) -> Done {
    let record = org
        .identity_providers
        .iter()
        .find(|record| record.header.namespace.is_some());
    let record = record.ok_or(ActionError::NoRecord("external auth identity provider"))?;
    let (id, mut metadata) = (record.header.id.clone(), record.metadata.clone());
    edit(&mut metadata.external_auth_identity_provider_parameters);
    Ok(org.write_identity_provider(&id, metadata, write)?)
}

/// Sets the first row with this name.
pub(super) fn set(rows: &mut [Row], name: &str, value: &str) {
    if let Some(row) = rows.iter_mut().find(|row| row.parameter_name == name) {
        row.parameter_value = Some(value.to_owned());
    }
}

pub(super) fn set_credentials(org: &mut Org, client_id: &str, client_secret: &str, write: Write<'_>) -> Done {
    let record = org
        .identity_providers
        .iter()
        .find(|record| record.header.namespace.is_some());
    let name = record
        .ok_or(ActionError::NoRecord("external auth identity provider"))?
        .header
        .full_name();
    let credentials = Credentials {
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
    };
    org.write_provider_credentials(&name, credentials, write);
    Ok(())
}

/// What the package's "Set Up" card does (facts/salesforce 0), as package code.
pub(super) fn in_app_setup(
    org: &mut Org,
    base_url: &str,
    client_id: &str,
    client_secret: &str,
    write: Write<'_>,
) -> Done {
    set_up_provider(org, base_url, client_secret, write)?;
    set_credentials(org, client_id, client_secret, write)?;
    edit_url(org, base_url, write)
}

/// The first half of it.
pub(super) fn half_set_up(org: &mut Org, base_url: &str, write: Write<'_>) -> Done {
    set_up_provider(org, base_url, "the secret of another app", write)
}

fn set_up_provider(org: &mut Org, base_url: &str, client_secret: &str, write: Write<'_>) -> Done {
    let identifier = hex::encode(random_text(16));
    let challenge = hex::encode(Sha256::digest(format!("{identifier}{client_secret}")));
    edit_provider(org, write, |rows| {
        set(rows, "AuthorizeUrl", &format!("{base_url}/connect/apps/v1/authorize"));
        set(rows, "TokenUrl", &format!("{base_url}/connect/apps/v1/oauth2/token"));
        set(rows, "code_identifier", &identifier);
        set(rows, "code_challenge", &challenge);
    })
}

pub(super) fn install(world: &mut World, version: &str, now: Millis) -> Done {
    let version = Version::parse(version).ok_or(ActionError::Version)?;
    let settings = world.settings.clone();
    // An upgrade is another version and so has another id.
    let version_id = match &world.org.package {
        Some(package) if package.version != version => world.org.mint.id("04t"),
        Some(package) => package.version_id.clone(),
        None => settings.package_version_id.clone(),
    };
    world.org.install(version, &version_id, &settings, now);
    Ok(())
}

/// Ids of the packaged permission sets.
pub(super) fn packaged_sets(org: &Org) -> Vec<String> {
    org.grants
        .permission_sets
        .iter()
        .filter(|set| set.namespace.is_some())
        .map(|set| set.id.clone())
        .collect()
}

pub(super) fn grant_access(org: &mut Org, username: &str) -> Done {
    let user = org.user_named(username).ok_or(ActionError::NoUser)?.id.clone();
    for set in packaged_sets(org) {
        let known = org
            .grants
            .assignments
            .iter()
            .any(|row| same(&row.assignee, &user) && same(&row.permission_set, &set));
        if !known {
            let id = org.mint.id("0Pa");
            org.grants.assignments.push(Assignment {
                id,
                assignee: user.clone(),
                permission_set: set,
            });
        }
    }
    Ok(())
}

pub(super) fn revoke_grants(org: &mut Org) {
    let own: Vec<String> = org
        .grants
        .permission_sets
        .iter()
        .filter(|set| set.namespace.is_none())
        .map(|set| set.id.clone())
        .collect();
    for set in own {
        org.grants.drop_set(&set);
    }
    org.grants.assignments.clear();
}

/// Metadata is copied, secrets are not; addresses and ids of the org change (facts/salesforce 14.4 item 7).
pub(super) fn sandbox_refresh(world: &mut World) {
    let org = &mut world.org;
    org.id = org.mint.id("00D");
    org.refreshes += 1;
    org.principal_tokens.clear();
    org.principal_values.clear();
    for provider in &mut org.identity_providers {
        provider.credentials = None;
    }
    world.oauth.forget_grants();
    world.browser.close_all();
    world.hops = crate::hop::Hops::default();
}

pub(super) fn change_user(org: &mut Org, username: Option<&str>, change: impl FnOnce(&mut User)) -> Done {
    let user = match username {
        Some(name) => org
            .users
            .iter_mut()
            .find(|user| user.username.eq_ignore_ascii_case(name)),
        None => org.users.first_mut(),
    };
    change(user.ok_or(ActionError::NoUser)?);
    Ok(())
}

/// Permissions with a patch applied.
pub(super) fn merged(permissions: Permissions, patch: &Value) -> Result<Permissions, serde_json::Error> {
    let mut value = serde_json::to_value(permissions)?;
    if let (Value::Object(fields), Value::Object(changes)) = (&mut value, patch) {
        fields.extend(changes.clone());
    }
    serde_json::from_value(value)
}
