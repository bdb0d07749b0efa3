//! What a person, the package or time does to the org behind the connector's back (facts/salesforce 5, 14.4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::deed::{
    change_user, default_principal, edit_provider, edit_url, grant_access, in_app_setup, install, merged,
    packaged_sets, revoke_grants, sandbox_refresh, set, set_callouts, set_credentials,
};
use crate::org::external_credential::StoredToken;
use crate::org::identity_provider::Row;
use crate::org::named_credential::CalloutStatus;
use crate::org::row::ParameterRow;
use crate::org::write::{Actor, Write};
use crate::refusal::Refusal;
use crate::world::{Shared, World};

/// One action. As HTTP: `POST /_simulator/actions/{name}` with the fields as JSON body.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Someone switches callouts off.
    CalloutsOff {},
    /// Someone switches callouts on.
    CalloutsOn {},
    /// Someone points the Named Credential elsewhere in Setup.
    EditUrl {
        /// The new URL.
        url: String,
    },
    /// Someone changes the provider's addresses in Setup.
    EditProvider {
        /// The new authorize URL, if any.
        authorize_url: Option<String>,
        /// The new token URL, if any.
        token_url: Option<String>,
    },
    /// Someone changes the value of a request parameter, or of the first row with this name.
    SetParameter {
        /// Row name, such as `code_challenge`.
        name: String,
        /// The new value.
        value: String,
    },
    /// Someone adds a request parameter row, perhaps a duplicate.
    AddParameter {
        /// Row type, such as `TokenRequestBodyParameter`.
        kind: String,
        /// Row name.
        name: String,
        /// Row value.
        value: String,
    },
    /// Someone deletes all rows with this name.
    DeleteParameter {
        /// Row name.
        name: String,
    },
    /// Someone replaces client id and secret of the provider.
    SetCredentials {
        /// Client id.
        client_id: String,
        /// Client secret.
        client_secret: String,
    },
    /// The stored token of the principal is gone.
    DropPrincipal {},
    /// Someone deletes the principal itself.
    DeletePrincipal {},
    /// A token appears in the principal, as after an authorization.
    SetPrincipalToken {
        /// The token.
        access_token: String,
    },
    /// The package's own "Set Up" card: package code writes everything and callouts may go off.
    InAppSetup {
        /// Base URL of the PIM.
        base_url: String,
        /// Client id of the Custom App.
        client_id: String,
        /// Client secret of the Custom App.
        client_secret: String,
    },
    /// Installs the package.
    InstallPackage {
        /// `major.minor.patch`; the settings' version unless given.
        version: Option<String>,
    },
    /// Upgrades (or downgrades) the package.
    PackageUpgrade {
        /// `major.minor.patch`.
        version: String,
    },
    /// Removes the package.
    UninstallPackage {},
    /// The package's own "Grant Access": assigns the packaged permission set.
    GrantAccess {
        /// Who gets it.
        username: String,
    },
    /// Removes every assignment and the org's own permission sets.
    RevokeGrants {},
    /// The packaged permission set loses its read on `UserExternalCredential`.
    LoseUecRead {},
    /// The sandbox is refreshed: new org id, secrets, tokens and sessions gone, callback URL changed.
    SandboxRefresh {},
    /// Deactivates a user.
    DeactivateUser {
        /// Whom; the administrator unless given.
        username: Option<String>,
    },
    /// Activates a user.
    ActivateUser {
        /// Whom; the administrator unless given.
        username: Option<String>,
    },
    /// Changes a user's permissions.
    SetPermissions {
        /// Whom; the administrator unless given.
        username: Option<String>,
        /// Merge patch of permissions, such as `{"view_setup": false}`.
        permissions: Value,
    },
    /// Every access token expires.
    ExpireSessions {},
    /// Every refresh token and every access token is revoked.
    RevokeTokens {},
    /// Everybody is logged out of the browser.
    LogOut {},
    /// Other programs use up the quota.
    UseApi {
        /// Requests.
        count: u64,
    },
}

/// An action that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The package with its records is not there.
    #[error("the org has no packaged {0}")]
    NoRecord(&'static str),
    /// No user with this name.
    #[error("the org has no such user")]
    NoUser,
    /// Not `major.minor.patch`.
    #[error("the version is not major.minor.patch")]
    Version,
    /// A permission that does not exist.
    #[error("the permissions do not fit: {0}")]
    Permissions(#[from] serde_json::Error),
    /// The org's own rules say no.
    #[error("the org refuses: {0}")]
    Refused(String),
}

impl From<Refusal> for ActionError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(format!("{}: {}", refusal.code, refusal.message))
    }
}

/// Does it.
pub(crate) fn perform(sim: &Shared, action: &Action) -> Result<(), ActionError> {
    let mut guard = sim.world();
    let world: &mut World = &mut guard;
    let now = sim.clock.now();
    let settings = world.settings.clone();
    let write = Write {
        actor: Actor::Person,
        settings: &settings,
        now,
    };
    match action {
        Action::CalloutsOff {} => set_callouts(&mut world.org, CalloutStatus::Disabled),
        Action::CalloutsOn {} => set_callouts(&mut world.org, CalloutStatus::Enabled),
        Action::EditUrl { url } => edit_url(&mut world.org, url, write),
        Action::EditProvider {
            authorize_url,
            token_url,
        } => {
            if let Some(url) = authorize_url {
                edit_provider(&mut world.org, write, |rows| set(rows, "AuthorizeUrl", url))?;
            }
            token_url.as_ref().map_or(Ok(()), |url| {
                edit_provider(&mut world.org, write, |rows| set(rows, "TokenUrl", url))
            })
        }
        Action::SetParameter { name, value } => edit_provider(&mut world.org, write, |rows| set(rows, name, value)),
        Action::AddParameter { kind, name, value } => edit_provider(&mut world.org, write, |rows| {
            rows.push(Row::new(kind, name, value, None))
        }),
        Action::DeleteParameter { name } => edit_provider(&mut world.org, write, |rows| {
            rows.retain(|row| row.parameter_name != *name)
        }),
        Action::SetCredentials {
            client_id,
            client_secret,
        } => set_credentials(&mut world.org, client_id, client_secret, write),
        Action::DropPrincipal {} => {
            let principal = default_principal(&world.org)?;
            world.org.principal_tokens.remove(&principal);
            Ok(())
        }
        Action::DeletePrincipal {} => {
            let principal = default_principal(&world.org)?;
            for credential in &mut world.org.external_credentials {
                credential
                    .metadata
                    .external_credential_parameters
                    .retain(|row| row.id() != principal);
            }
            world.org.forget_lost_principals();
            Ok(())
        }
        Action::SetPrincipalToken { access_token } => {
            let principal = default_principal(&world.org)?;
            let token = StoredToken {
                access_token: access_token.clone(),
                scope: None,
                obtained: now,
            };
            world.org.principal_tokens.insert(principal, token);
            Ok(())
        }
        Action::InAppSetup {
            base_url,
            client_id,
            client_secret,
        } => {
            let write = Write {
                actor: Actor::PackageCode,
                ..write
            };
            in_app_setup(
                &mut world.org,
                base_url.trim_end_matches('/'),
                client_id,
                client_secret,
                write,
            )
        }
        Action::InstallPackage { version } => {
            install(world, version.as_deref().unwrap_or(&settings.package_version), now)
        }
        Action::PackageUpgrade { version } => install(world, version, now),
        Action::UninstallPackage {} => {
            world.org.uninstall();
            Ok(())
        }
        Action::GrantAccess { username } => grant_access(&mut world.org, username),
        Action::RevokeGrants {} => {
            revoke_grants(&mut world.org);
            Ok(())
        }
        Action::LoseUecRead {} => {
            let packaged: Vec<String> = packaged_sets(&world.org);
            world
                .org
                .grants
                .object_permissions
                .retain(|row| !packaged.contains(&row.parent));
            Ok(())
        }
        Action::SandboxRefresh {} => {
            sandbox_refresh(world);
            Ok(())
        }
        Action::DeactivateUser { username } => {
            change_user(&mut world.org, username.as_deref(), |user| user.active = false)
        }
        Action::ActivateUser { username } => {
            change_user(&mut world.org, username.as_deref(), |user| user.active = true)
        }
        Action::SetPermissions { username, permissions } => {
            let mut outcome = Ok(());
            change_user(&mut world.org, username.as_deref(), |user| {
                match merged(user.permissions, permissions) {
                    Ok(permissions) => user.permissions = permissions,
                    Err(error) => outcome = Err(ActionError::from(error)),
                }
            })?;
            outcome
        }
        Action::ExpireSessions {} => {
            world.oauth.sessions.clear();
            Ok(())
        }
        Action::RevokeTokens {} => {
            world.oauth.sessions.clear();
            world.oauth.families.iter_mut().for_each(|family| family.revoked = true);
            Ok(())
        }
        Action::LogOut {} => {
            world.browser.close_all();
            Ok(())
        }
        Action::UseApi { count } => {
            world.org.api_usage.used = world
                .org
                .api_usage
                .used
                .saturating_add(*count)
                .min(settings.api_requests_max);
            Ok(())
        }
    }
}
