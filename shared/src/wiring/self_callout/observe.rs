//! Looking at the records that use the app, and writing them.

use super::{SelfChange, SelfFault, SelfObserved, SelfTarget};
use crate::connection::{Connection, SelfRecordsNote};
use crate::custody::SelfSecrets;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::external_credential::{self, AuthenticationStatus, ExternalCredential};
use crate::salesforce::grant::{self, Grants};
use crate::salesforce::identity_provider;
use crate::salesforce::named_credential::{self, Callouts, NamedCredential};
use crate::salesforce::provider_credential::{self, ProviderCredentials};
use crate::salesforce::self_records::{self, OWN_NAME, OwnRecords, SelfDiscovery, SelfRecords};
use crate::salesforce::{ChangeError, OrgUrl, UserId};
use crate::wiring::PrincipalStatus;
use url::Url;

/// The records as read; what writes start from.
pub(super) struct SelfReading {
    kind: Kind,
    grants: Option<Grants>,
    namespace: String,
    runners: Vec<UserId>,
}

enum Kind {
    Packaged(Box<Packaged>),
    Own(Box<OwnRecords>),
}

struct Packaged {
    records: SelfRecords,
    named_credential: NamedCredential,
    external_credential: ExternalCredential,
    token_url: Option<String>,
    credentials: ProviderCredentials,
}

/// Why there is nothing to look at.
pub(super) enum Unseen {
    /// A person has to mend it.
    Fault(SelfFault),
    /// The org refused or did not answer.
    Api(ApiError),
}

impl From<ApiError> for Unseen {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// The org's token URL and the root of its My Domain.
pub(super) fn addresses(instance: &OrgUrl) -> (Url, Url) {
    let root = instance.origin().url().clone();
    let mut token = root.clone();
    token.set_path("/services/oauth2/token");
    (token, root)
}

/// What the records should be.
pub(super) fn target(instance: &OrgUrl, secrets: &SelfSecrets) -> SelfTarget {
    let (token_url, root) = addresses(instance);
    SelfTarget {
        token_url: token_url.into(),
        endpoint: root.into(),
        client_id: secrets.client_id.clone(),
        generation: secrets.generation.clone(),
    }
}

/// Finds and reads the records.
pub(super) async fn look(org: &Org, namespace: &str, runners: &[UserId]) -> Result<SelfReading, Unseen> {
    let kind = match self_records::discover(org, namespace).await? {
        SelfDiscovery::Packaged(records) => Kind::Packaged(Box::new(read(org, records).await?)),
        SelfDiscovery::NotPackaged => {
            let own = self_records::find_own(org).await?;
            if own.taken {
                return Err(Unseen::Fault(SelfFault::RecordsTaken));
            }
            Kind::Own(Box::new(own))
        }
        SelfDiscovery::Incomplete => return Err(Unseen::Fault(SelfFault::RecordsIncomplete)),
        SelfDiscovery::Ambiguous => return Err(Unseen::Fault(SelfFault::RecordsAmbiguous)),
    };
    let mut reading = SelfReading {
        kind,
        grants: None,
        namespace: namespace.to_owned(),
        runners: runners.to_vec(),
    };
    let principal = reading
        .external_credential()
        .and_then(ExternalCredential::default_principal);
    if let Some(id) = principal.and_then(|principal| principal.id.clone()) {
        reading.grants = Some(grant::observe(org, &id, runners).await?);
    }
    Ok(reading)
}

async fn read(org: &Org, records: SelfRecords) -> Result<Packaged, ApiError> {
    let provider = identity_provider::read(org, &records.identity_provider).await?.provider;
    Ok(Packaged {
        named_credential: named_credential::read(org, &records.named_credential).await?,
        external_credential: external_credential::read(org, &records.external_credential).await?,
        token_url: provider.token_url,
        credentials: provider_credential::read(org, &records.identity_provider.full_name).await?,
        records,
    })
}

impl SelfReading {
    /// Whether the records came with the package.
    pub(super) fn is_packaged(&self) -> bool {
        matches!(self.kind, Kind::Packaged(_))
    }

    /// The package's namespace.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The users that run transfers.
    pub(super) fn runners(&self) -> &[UserId] {
        &self.runners
    }

    /// Which records they are.
    pub(super) fn note(&self) -> SelfRecordsNote {
        match &self.kind {
            Kind::Packaged(packaged) => {
                let records = &packaged.records;
                SelfRecordsNote {
                    packaged: true,
                    named_credential: records.named_credential.full_name.to_string(),
                    external_credential: records.external_credential.full_name.to_string(),
                    identity_provider: Some(records.identity_provider.full_name.to_string()),
                }
            }
            Kind::Own(_) => SelfRecordsNote {
                packaged: false,
                named_credential: OWN_NAME.to_owned(),
                external_credential: OWN_NAME.to_owned(),
                identity_provider: None,
            },
        }
    }

    fn external_credential(&self) -> Option<&ExternalCredential> {
        match &self.kind {
            Kind::Packaged(packaged) => Some(&packaged.external_credential),
            Kind::Own(own) => own.external_credential.as_ref(),
        }
    }

    fn named_credential(&self) -> Option<&NamedCredential> {
        match &self.kind {
            Kind::Packaged(packaged) => Some(&packaged.named_credential),
            Kind::Own(own) => own.named_credential.as_ref(),
        }
    }

    fn credentials(&self) -> &ProviderCredentials {
        match &self.kind {
            Kind::Packaged(packaged) => &packaged.credentials,
            Kind::Own(own) => &own.credentials,
        }
    }

    /// Whether the org shows that there are credentials.
    pub(super) fn shows_credentials(&self) -> bool {
        self.credentials().are_visible()
    }

    /// The status of the `Default` principal.
    pub(super) fn principal(&self) -> PrincipalStatus {
        let principal = self
            .external_credential()
            .and_then(ExternalCredential::default_principal);
        match principal.map(|principal| principal.status) {
            Some(AuthenticationStatus::Configured) => PrincipalStatus::Configured,
            Some(AuthenticationStatus::Unknown) => PrincipalStatus::Unknown,
            Some(AuthenticationStatus::NotConfigured) => PrincipalStatus::NotConfigured,
            // Hidden from a user who lacks View Setup, or not there yet.
            None if self.external_credential().is_some() => PrincipalStatus::Unknown,
            None => PrincipalStatus::NotConfigured,
        }
    }

    /// The comparable state.
    pub(super) fn observed(&self, target: &SelfTarget, connection: &Connection) -> SelfObserved {
        let shown = self.credentials();
        let seen = connection.self_callout.credentials_seen;
        SelfObserved {
            present: self.external_credential().is_some() && self.named_credential().is_some(),
            token_url: match &self.kind {
                Kind::Packaged(packaged) => packaged.token_url.clone(),
                Kind::Own(own) => own.token_url.clone(),
            },
            credentials_contradict: shown.contradict(&target.client_id) || (seen && !shown.are_visible()),
            users_without_access: self.users_without_access(connection),
            endpoint: self.named_credential().and_then(|named| named.url.clone()),
            callouts: self
                .named_credential()
                .is_some_and(|named| named.callouts == Callouts::Enabled),
            principal: self.principal(),
            external_credential: self.note().external_credential,
        }
    }

    /// Active users that may not use the credentials. Whom the org refuses, and who is gone, the connection itself tells.
    fn users_without_access(&self, connection: &Connection) -> Vec<String> {
        let Some(grants) = &self.grants else {
            return self.runners.iter().map(|id| id.as_str().to_owned()).collect();
        };
        let refused = |id: &UserId| {
            let mut refusals = connection.wiring.runner_refusals.iter();
            refusals.any(|refusal| refusal.user_id == *id)
        };
        let lacking = grants
            .runners
            .iter()
            .filter(|runner| runner.user.is_active && !runner.is_complete() && !refused(&runner.user.id));
        lacking.map(|runner| runner.user.username.clone()).collect()
    }

    /// Makes one change and reads it back.
    pub(super) async fn apply(
        &self,
        org: &Org,
        change: SelfChange,
        instance: &OrgUrl,
        secrets: &SelfSecrets,
    ) -> Result<(), ChangeError> {
        let (token_url, root) = addresses(instance);
        match (change, &self.kind) {
            (SelfChange::Provider, Kind::Packaged(packaged)) => {
                identity_provider::write_token_url(org, &packaged.records.identity_provider, &token_url).await
            }
            (SelfChange::Records, Kind::Own(own)) => {
                Ok(self_records::write_external_credential(org, own, &token_url).await?)
            }
            (SelfChange::Credentials, Kind::Packaged(packaged)) => {
                let name = &packaged.records.identity_provider.full_name;
                let (key, secret) = (&secrets.client_id, &secrets.client_secret);
                provider_credential::write(org, name, key, secret).await.map(drop)
            }
            (SelfChange::Credentials, Kind::Own(_)) => {
                self_records::write_credential(org, &secrets.client_id, &secrets.client_secret).await
            }
            (SelfChange::Access, _) => self.give_access(org).await,
            (SelfChange::NamedCredential, Kind::Packaged(packaged)) => {
                named_credential::write(org, &packaged.named_credential, &root, Callouts::Enabled)
                    .await
                    .map(drop)
            }
            (SelfChange::NamedCredential, Kind::Own(own)) => {
                self_records::write_named_credential(org, own, &root, &self.namespace).await
            }
            // The plan knows which kind of records there is.
            (SelfChange::Provider, Kind::Own(_)) | (SelfChange::Records, Kind::Packaged(_)) => {
                Err(ChangeError::Unsuitable)
            }
        }
    }

    async fn give_access(&self, org: &Org) -> Result<(), ChangeError> {
        let principal = self
            .external_credential()
            .and_then(ExternalCredential::default_principal);
        match principal.and_then(|principal| principal.id.as_ref()) {
            Some(principal) => grant::grant_access(org, principal, &self.namespace, &self.runners)
                .await
                .map(drop),
            // It came into being a moment ago; the next look knows its id.
            None => Ok(()),
        }
    }
}
