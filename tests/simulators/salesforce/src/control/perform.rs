//! Doing an action, each in a few words; how, is in the modules that know the records.

use super::action::{Action, ActionError};
use super::deed::{
    change_user, default_principal, edit_provider, edit_url, grant_access, half_set_up, in_app_setup, install, merged,
    packaged_sets, revoke_grants, sandbox_refresh, set, set_callouts, set_credentials,
};
use super::elsewhere;
use crate::client_app::deed as app;
use crate::clock::Millis;
use crate::legacy::deed as legacy;
use crate::oauth::client::OAuthClient;
use crate::org::external_credential::StoredToken;
use crate::org::identity_provider::Row;
use crate::org::named_credential::CalloutStatus;
use crate::org::row::ParameterRow;
use crate::org::write::{Actor, Write};
use crate::settings::{AppInstallation, Approval};
use crate::world::{Shared, World};

/// Does it.
pub(crate) fn perform(sim: &Shared, action: &Action) -> Result<(), ActionError> {
    perform_in(&mut sim.world(), action, sim.clock.now())
}

/// Does it in a world that is at hand.
pub(crate) fn perform_in(world: &mut World, action: &Action, now: Millis) -> Result<(), ActionError> {
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
        Action::DropPrincipal {} if world.org.external_credentials.is_empty() => {
            world.org.legacy_tokens.clear();
            Ok(())
        }
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
        Action::LegacySetup {
            base_url,
            client_id,
            client_secret,
        } => legacy::guide(&mut world.org, base_url, client_id, client_secret, &settings, now)
            .map_err(ActionError::NoRecord),
        Action::MakeAuthProvider {
            name,
            client_id,
            client_secret,
            authorize_endpoint,
            token_endpoint,
            base_endpoint,
            scopes,
        } => {
            let values = [
                client_id,
                client_secret,
                authorize_endpoint,
                token_endpoint,
                base_endpoint,
                scopes,
            ];
            let values = values.map(String::as_str);
            legacy::make_provider(&mut world.org, name, values, &settings, now).map_err(ActionError::NoRecord)
        }
        Action::MakeClassicCredential { name, url, scope } => {
            legacy::make_credential(&mut world.org, name, url, scope, now).map_err(ActionError::NoRecord)
        }
        Action::ForeignAuthProvider {} => {
            legacy::foreign_provider(&mut world.org, now);
            Ok(())
        }
        Action::DeleteAuthProvider {} => legacy::delete_provider(&mut world.org).map_err(ActionError::NoRecord),
        Action::DeleteNamedCredential {} => {
            legacy::delete_credential(&mut world.org);
            Ok(())
        }
        Action::SetPluginSetting { label, value } => {
            legacy::set_setting(&mut world.org, label, value, &settings).map_err(ActionError::NoRecord)
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
        Action::DeleteDuplicates { name } => edit_provider(&mut world.org, write, |rows| {
            let mut kept = 0;
            rows.retain(|row| {
                kept += usize::from(row.parameter_name == *name);
                row.parameter_name != *name || kept == 1
            });
        }),
        Action::MakeNamesakes {} => {
            elsewhere::make_namesakes(&mut world.org, now);
            Ok(())
        }
        Action::DeleteExternalCredential {} => {
            let org = &mut world.org;
            org.external_credentials
                .retain(|record| record.header.namespace.is_none());
            org.forget_lost_principals();
            Ok(())
        }
        Action::HalfSetUp { base_url } => {
            let write = Write {
                actor: Actor::PackageCode,
                ..write
            };
            half_set_up(&mut world.org, base_url.trim_end_matches('/'), write)
        }
        Action::SetUpElsewhere {} => {
            elsewhere::set_up(&mut world.org, now);
            Ok(())
        }
        Action::MakeLocalApp {
            client_id,
            client_secret,
            redirect_uri,
        } => {
            world.oauth.register(OAuthClient {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                redirect_uris: vec![redirect_uri.clone()],
                local: true,
            });
            Ok(())
        }
        Action::InstallApp {} => {
            world.settings.app_installation = AppInstallation::Installed;
            Ok(())
        }
        Action::ChangeMind {} => {
            world.settings.approval = Approval::Ask;
            Ok(())
        }
        Action::LogOut {} => {
            world.browser.close_all();
            Ok(())
        }
        Action::MakeClientApp { name, fields } => Ok(app::make(&mut world.org, name, fields, now)?),
        Action::EditClientApp { name, fields } => {
            let known = app::edit(&mut world.org, name, fields)?;
            known.then_some(()).ok_or(ActionError::NoRecord("external client app"))
        }
        Action::DeleteClientApp { name } => {
            world.org.client_apps.retain(|app| app.developer_name != *name);
            Ok(())
        }
        Action::ForeignCredentials { name } => {
            app::foreign_credentials(&mut world.org, name, now);
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
