//! Taking away what we wrote in an org: callouts off first, then addresses and values back to placeholders, our own permission
//! set last. What points at another PIM than the connection's was set up by somebody else since, and stays.

use url::Url;

use super::observe::{Reading, observe};
use super::offboard::{IN_ORG, settle};
use crate::clock::Deadline;
use crate::connection::{Connection, Lease, OffboardedThing};
use crate::custody::{OrgFault, open_org};
use crate::salesforce::ChangeError;
use crate::salesforce::api::Org;
use crate::salesforce::grant::remove_own_set;
use crate::salesforce::identity_provider::{
    self, IdentityProvider, PLACEHOLDER, PLACEHOLDER_PIM, ProviderDesired, RequestPair, RowState,
};
use crate::salesforce::legacy::{classic, token_credential};
use crate::salesforce::named_credential::{self, Callouts};
use crate::salesforce::provider_credential::{self, Shown};
use crate::salesforce::record::{self, Discovery};
use crate::secret::{ClientSecret, CodeChallenge, CodeIdentifier};
use crate::service::Services;

const OTHERS: &str = "It belongs to another set-up than this connection’s by now.";
const BY_HAND: &str = "A person entered it in the org, and the same person can take it away there.";
const STILL_ON: &str = "Callouts could not be switched off, and their address is not changed while they are on.";
const REFUSED: &str = "Salesforce refused the change.";
const NOT_FOUND: &str = "The package’s records were not found: it is gone.";
const OLDER: &str = "With a package before 3.0 it cannot be emptied from outside. Delete the Named Credential and the Auth. Provider \
                     “Akeneo” in Setup.";

/// What became of a thing: gone, or still there for a reason.
type Outcome = Result<Option<&'static str>, ChangeError>;

/// Takes away what we wrote, as far as it is not known yet what became of it.
///
/// # Errors
/// [`OrgFault`]: the org does not answer, or our access has ended. What the org refuses is written down and no error.
pub(super) async fn blank(
    services: &Services,
    connection: &Connection,
    lease: &Lease,
    deadline: Deadline,
) -> Result<(), OrgFault> {
    let opened = open_org(services, connection, lease, deadline).await?;
    let org = &opened.org;
    let found = record::discover(org, services.config.package_namespace.as_deref()).await?;
    let reading = match &found {
        Discovery::Found(records) => Some(observe(org, records, &[]).await?),
        _ => None,
    };
    let mut callouts_left = is_left(connection, OffboardedThing::Callouts);
    for thing in IN_ORG {
        let asked = connection.offboarding.as_ref();
        if asked.is_some_and(|asked| asked.is_settled(thing)) {
            continue;
        }
        let outcome = match (&reading, connection.wanted_credentials()) {
            _ if thing == OffboardedThing::PermissionSet => {
                remove_own_set(org).await.map(|()| None).map_err(ChangeError::Api)
            }
            // Without credentials nothing was written.
            (_, None) => Ok(None),
            (None, Some(credentials)) => of_older(org, connection, &credentials.pim.endpoint("/"), thing).await,
            (Some(reading), Some(credentials)) => {
                let ours = Ours {
                    org,
                    reading,
                    connection,
                    pim: credentials.pim.endpoint("/"),
                    client_id: &credentials.client_id,
                };
                match thing {
                    OffboardedThing::Callouts => ours.callouts().await,
                    OffboardedThing::NamedCredential if callouts_left => Ok(Some(STILL_ON)),
                    OffboardedThing::NamedCredential => ours.address().await,
                    OffboardedThing::Provider => ours.provider().await,
                    _ => ours.credentials().await,
                }
            }
        };
        let left = match outcome {
            Ok(left) => left,
            Err(ChangeError::Api(error)) if !error.is_refusal() => return Err(error.into()),
            Err(_) => Some(REFUSED),
        };
        callouts_left |= thing == OffboardedThing::Callouts && left.is_some();
        settle(services, connection, thing, left).await?;
    }
    Ok(())
}

/// What was written for a package before 3.0: the records of the headless way go, and callouts of a classic Named Credential go off.
async fn of_older(org: &Org, connection: &Connection, pim: &Url, thing: OffboardedThing) -> Outcome {
    if connection.wiring.headless_records {
        // Both records in one step; nothing else was written.
        if thing == OffboardedThing::Callouts {
            token_credential::remove(org).await?;
        }
        return Ok(None);
    }
    if connection.legacy_namespace().is_none() {
        return Ok(Some(NOT_FOUND));
    }
    let wiring = &connection.wiring;
    if matches!(thing, OffboardedThing::Provider | OffboardedThing::ProviderCredentials) {
        let written = wiring.auth_provider_written || wiring.client_written.is_some();
        return Ok(written.then_some(OLDER));
    }
    let Some(named) = classic::read(org).await?.filter(classic::Classic::is_classic) else {
        return Ok(None);
    };
    let bare = |url: &str| url.trim_end_matches('/').to_owned();
    if named.url().map(bare) != Some(bare(pim.as_str())) {
        return Ok(Some(OTHERS));
    }
    if thing != OffboardedThing::Callouts {
        return Ok(Some(OLDER));
    }
    if named.callouts() {
        classic::pause(org, &named).await?;
    }
    Ok(None)
}

fn is_left(connection: &Connection, thing: OffboardedThing) -> bool {
    let items = connection.offboarding.iter().flat_map(|asked| &asked.items);
    items.into_iter().any(|item| item.thing == thing && item.left.is_some())
}

/// Whether a provider has these URLs and no values.
fn is_blank(provider: &IdentityProvider, [authorize, token]: &[Url; 2]) -> bool {
    let urls = [&provider.authorize_url, &provider.token_url].map(Option::as_deref);
    let rows = [provider.code_identifier, provider.code_challenge];
    urls == [Some(authorize.as_str()), Some(token.as_str())]
        && rows
            .iter()
            .all(|row| matches!(row, RowState::Placeholder | RowState::Missing))
}

/// The packaged records, and what this connection wrote there.
struct Ours<'a> {
    org: &'a Org,
    reading: &'a Reading,
    connection: &'a Connection,
    pim: Url,
    client_id: &'a str,
}

impl Ours<'_> {
    fn placeholder() -> Result<Url, ChangeError> {
        Url::parse(PLACEHOLDER_PIM).map_err(|_| ChangeError::Unsuitable)
    }

    async fn callouts(&self) -> Outcome {
        let named = &self.reading.named_credential;
        if named.callouts == Callouts::Disabled {
            return Ok(None);
        }
        let blank = Self::placeholder()?;
        let Some(stays) = [&self.pim, &blank].into_iter().find(|url| named.points_at(url)) else {
            return Ok(Some(OTHERS));
        };
        named_credential::write(self.org, named, stays, Callouts::Disabled).await?;
        Ok(None)
    }

    async fn address(&self) -> Outcome {
        let (named, blank) = (&self.reading.named_credential, Self::placeholder()?);
        if named.points_at(&blank) {
            return Ok(None);
        }
        if !named.points_at(&self.pim) {
            return Ok(Some(OTHERS));
        }
        // With the switch in the same write, in case somebody has switched it on again meanwhile.
        named_credential::write(self.org, named, &blank, Callouts::Disabled).await?;
        Ok(None)
    }

    /// The two URLs of the provider of this PIM.
    fn urls(pim: &Url) -> [Url; 2] {
        ["/connect/apps/v1/authorize", "/connect/apps/v1/oauth2/token"].map(|path| {
            let mut url = pim.clone();
            url.set_path(path);
            url
        })
    }

    async fn provider(&self) -> Outcome {
        let provider = &self.reading.provider.provider;
        let blank = Self::placeholder()?;
        if is_blank(provider, &Self::urls(&blank)) {
            return Ok(None);
        }
        let urls = [&provider.authorize_url, &provider.token_url];
        let is_at = |pim: &Url| (0..2).any(|url| urls[url].as_deref() == Some(Self::urls(pim)[url].as_str()));
        if !is_at(&self.pim) && !is_at(&blank) {
            return Ok(Some(OTHERS));
        }
        let [authorize_url, token_url] = Self::urls(&blank);
        let wanted = ProviderDesired {
            authorize_url,
            token_url,
            pair: RequestPair {
                code_identifier: CodeIdentifier::new(PLACEHOLDER),
                code_challenge: CodeChallenge::new(PLACEHOLDER),
            },
            scopes: None,
        };
        match identity_provider::write(self.org, provider, &wanted).await {
            // A placeholder is read back as a row without a value.
            Err(ChangeError::NotApplied { fields }) => {
                let after = identity_provider::read(self.org, &provider.record).await?;
                if is_blank(&after.provider, &Self::urls(&blank)) {
                    Ok(None)
                } else {
                    Err(ChangeError::NotApplied { fields })
                }
            }
            other => other.map(|_| None),
        }
    }

    async fn credentials(&self) -> Outcome {
        let (shown, wiring) = (&self.reading.provider_credentials, &self.connection.wiring);
        let written = wiring.credentials_written.is_some() || wiring.client_written.is_some();
        match &shown.client_id {
            Shown::Value(value) if value == PLACEHOLDER => return Ok(None),
            Shown::Value(value) if value != self.client_id => return Ok(Some(OTHERS)),
            _ if wiring.credentials_by_hand.is_some() => return Ok(Some(BY_HAND)),
            _ if !written => return Ok(None),
            _ => {}
        }
        let name = &self.reading.records.identity_provider.full_name;
        provider_credential::write(self.org, name, PLACEHOLDER, &ClientSecret::new(PLACEHOLDER)).await?;
        Ok(None)
    }
}
