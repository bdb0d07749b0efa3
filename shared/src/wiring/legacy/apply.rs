//! Apply: performs one change of the legacy path. The next look reads it back, and a callout proves what a token is worth.

use super::{LegacyChange, LegacyReading};
use crate::salesforce::ChangeError;
use crate::salesforce::api::Org;
use crate::salesforce::capability::Capability;
use crate::salesforce::deploy::{self, Component};
use crate::salesforce::legacy::settings::{self, Wanted};
use crate::salesforce::legacy::{auth_provider, classic, token_credential};
use crate::secret::AccessToken;

/// Performs one change.
///
/// # Errors
/// [`ChangeError`].
pub(in super::super) async fn apply(
    org: &Org,
    change: LegacyChange,
    reading: &LegacyReading,
) -> Result<(), ChangeError> {
    let wanted = reading.wanted.as_ref().ok_or(ChangeError::Unsuitable)?;
    // Where it is not known, a person makes what it belongs to.
    let plugin = || reading.plugin.as_ref().ok_or(ChangeError::Unsuitable);
    match change {
        LegacyChange::Withdraw => Ok(token_credential::remove(org).await?),
        LegacyChange::Pause => match &reading.classic {
            Some(current) => Ok(classic::pause(org, current).await?),
            None => Ok(()),
        },
        LegacyChange::Settings => deployed(org, settings::component(plugin()?, wanted)).await,
        LegacyChange::Provider => deployed(org, auth_provider::component(plugin()?)).await,
        LegacyChange::Credential { callouts } => {
            // Not while another PIM's token may be there: that one would stay if ours does not count.
            let token = wanted.our_token.as_ref().filter(|_| callouts && takes_token(org));
            match credential(org, reading, wanted, callouts, token).await {
                Err(error) if token.is_some() && is_refusal(&error) => {
                    credential(org, reading, wanted, callouts, None).await
                }
                done => done,
            }
        }
        LegacyChange::Callouts => credential(org, reading, wanted, true, None).await,
    }
}

/// Deploys the Named Credential. One that is there can be written over Tooling too.
async fn credential(
    org: &Org,
    reading: &LegacyReading,
    wanted: &Wanted,
    callouts: bool,
    token: Option<&AccessToken>,
) -> Result<(), ChangeError> {
    let refused = match deployed(org, classic::component(&wanted.base, callouts, token)).await {
        Err(error) if is_refusal(&error) => error,
        done => return done,
    };
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
