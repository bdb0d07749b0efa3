//! "Connect" and "Open app": the Activate URL with exactly one parameter, `pim_url` (facts/akeneo 2).

use crate::php;
use crate::pim::Pim;
use crate::settings::Settings;

/// Why there is no URL to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoActivation {
    /// 50 connections and apps exist.
    LimitReached,
    /// No such app.
    UnknownApp,
}

/// What `pim_url` says: the PIM's configured address, verbatim.
pub(crate) fn pim_url(base: &str, settings: &Settings) -> String {
    let slash = if settings.pim_url_trailing_slash { "/" } else { "" };
    format!("{}{slash}", base.trim_end_matches('/'))
}

/// The URL that "Connect" opens.
pub(crate) fn activate_url(
    pim: &Pim,
    settings: &Settings,
    base: &str,
    client_id: &str,
) -> Result<String, NoActivation> {
    if pim.connected_apps.len() + settings.other_connections >= settings.connection_limit {
        return Err(NoActivation::LimitReached);
    }
    let app = pim.custom_app(client_id).ok_or(NoActivation::UnknownApp)?;
    Ok(php::append_query(
        &app.activate_url,
        &[("pim_url", &pim_url(base, settings))],
    ))
}

/// The URL that "Open app" opens; it clears the notice about outdated scopes.
pub(crate) fn open_url(
    pim: &mut Pim,
    settings: &Settings,
    base: &str,
    connection_code: &str,
) -> Result<String, NoActivation> {
    let client_id = pim
        .client_of_connection(connection_code)
        .ok_or(NoActivation::UnknownApp)?;
    let app = pim.custom_app(&client_id).ok_or(NoActivation::UnknownApp)?;
    let url = php::append_query(&app.activate_url, &[("pim_url", &pim_url(base, settings))]);
    if let Some(connected) = pim.connected_apps.get_mut(&client_id) {
        connected.has_outdated_scopes = false;
    }
    Ok(url)
}
