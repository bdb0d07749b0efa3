//! Apply: performs one change of the legacy path. The next look reads it back, and a callout proves what a token is worth.

use super::{LegacyChange, LegacyReading};
use crate::salesforce::ChangeError;
use crate::salesforce::api::Org;
use crate::salesforce::capability::Capability;
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
    let (callouts, token) = match change {
        LegacyChange::Pause => {
            return match &reading.classic {
                Some(current) => Ok(classic::pause(org, current).await?),
                None => Ok(()),
            };
        }
        LegacyChange::Settings => return deployed(org, settings::component(plugin, wanted)).await,
        LegacyChange::Provider => return deployed(org, auth_provider::component(plugin)).await,
        // Not while another PIM's token may be there: that one would stay if ours does not count.
        LegacyChange::Credential { callouts: true } if takes_token(org) => (true, wanted.our_token.as_ref()),
        LegacyChange::Credential { callouts } => (callouts, None),
        LegacyChange::Callouts => (true, None),
    };
    let mut done = deployed(org, classic::component(&wanted.base, callouts, token)).await;
    if token.is_some() && done.as_ref().is_err_and(is_refusal) {
        done = deployed(org, classic::component(&wanted.base, callouts, None)).await;
    }
    let refused = match done {
        Err(error) if is_refusal(&error) => error,
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

/// Whether a deployed token is known to count and a callout can prove it. Otherwise a browser brings one.
fn takes_token(org: &Org) -> bool {
    let known = org.capabilities();
    known.has(Capability::LegacyTokenInjection) && known.may(Capability::ExecuteAnonymous)
}

fn is_refusal(error: &ChangeError) -> bool {
    match error {
        ChangeError::DeployRefused => true,
        ChangeError::Api(error) => error.is_refusal(),
        _ => false,
    }
}

async fn deployed(org: &Org, component: Component) -> Result<(), ChangeError> {
    Ok(deploy::run(org, &[component]).await?)
}
