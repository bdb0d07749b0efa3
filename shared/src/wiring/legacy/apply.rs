//! Apply: performs one change of the legacy path. The next look reads it back.

use super::{LegacyChange, LegacyReading};
use crate::salesforce::ChangeError;
use crate::salesforce::api::Org;
use crate::salesforce::deploy::{self, Component};
use crate::salesforce::legacy::{auth_provider, classic, settings};

/// Performs one change.
///
/// # Errors
/// [`ChangeError`].
pub(in super::super) async fn apply(
    org: &Org,
    change: LegacyChange,
    reading: &LegacyReading,
) -> Result<(), ChangeError> {
    let (Some(plugin), Some(wanted)) = (&reading.plugin, &reading.wanted) else {
        return Err(ChangeError::Unsuitable);
    };
    let callouts = match change {
        LegacyChange::Pause => {
            return match &reading.classic {
                Some(current) => Ok(classic::pause(org, current).await?),
                None => Ok(()),
            };
        }
        LegacyChange::Settings => return deployed(org, settings::component(plugin, wanted)).await,
        LegacyChange::Provider => return deployed(org, auth_provider::component(plugin)).await,
        LegacyChange::Credential { callouts } => callouts,
        LegacyChange::Callouts => true,
    };
    let refused = match deployed(org, classic::component(&wanted.base, callouts)).await {
        Err(error @ ChangeError::DeployRefused) => error,
        Err(ChangeError::Api(error)) if error.is_refusal() => error.into(),
        other => return other,
    };
    // A record that is there can be written over Tooling too.
    match &reading.classic {
        Some(current) => match classic::patch(org, current, &wanted.base, callouts).await {
            Err(error) if error.is_refusal() => Err(refused),
            other => Ok(other?),
        },
        None => Err(refused),
    }
}

async fn deployed(org: &Org, component: Component) -> Result<(), ChangeError> {
    Ok(deploy::run(org, &[component]).await?)
}
