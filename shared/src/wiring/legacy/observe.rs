//! Observe: reads an org with a package before 3.0 once.

use super::{LegacyCredential, LegacyMemory, LegacyObserved, LegacyTarget, legacy_drift};
use crate::akeneo::Scopes;
use crate::connection::{Connection, Wiring};
use crate::salesforce::OrgUrl;
use crate::salesforce::api::{ApiError, Org};
use crate::salesforce::legacy::settings::{self, Wanted};
use crate::salesforce::legacy::{Classic, NAME, Plugin, ProviderState, SettingsState, auth_provider, classic, plugin};
use crate::salesforce::smoke::{self, Smoke};
use crate::wiring::{Desired, Drift};

/// The smoke call: one channel, which the guide's scopes allow to read (facts/salesforce 12.5).
pub(in super::super) const CALLOUT: &str = "/api/rest/v1/channels?limit=1";

/// The org's records as read. Holds the wanted secret in memory, never stored.
#[derive(Debug)]
pub(in super::super) struct LegacyReading {
    namespace: String,
    pub(super) plugin: Option<Plugin>,
    pub(super) wanted: Option<Wanted>,
    settings: SettingsState,
    provider: ProviderState,
    pub(super) callback: Option<OrgUrl>,
    pub(super) classic: Option<Classic>,
    pub(super) smoke: Option<Smoke>,
}

impl LegacyReading {
    /// Reads everything that drift looks at, and lets the org call the PIM where that is harmless.
    pub(in super::super) async fn take(
        org: &Org,
        namespace: &str,
        desired: Option<&Desired>,
        connection: &Connection,
    ) -> Result<Self, ApiError> {
        let plugin = plugin::discover(org, namespace).await?;
        let wanted = desired.map(|desired| wanted(desired, connection));
        Self::read(org, namespace.to_owned(), plugin, wanted, &connection.wiring).await
    }

    /// Reads the same once more.
    pub(in super::super) async fn again(&self, org: &Org, wiring: &Wiring) -> Result<Self, ApiError> {
        let (namespace, plugin) = (self.namespace.clone(), self.plugin.clone());
        Self::read(org, namespace, plugin, self.wanted.clone(), wiring).await
    }

    async fn read(
        org: &Org,
        namespace: String,
        plugin: Option<Plugin>,
        wanted: Option<Wanted>,
        wiring: &Wiring,
    ) -> Result<Self, ApiError> {
        let settings = match &plugin {
            Some(plugin) => settings::read(org, plugin, wanted.as_ref()).await?,
            None => SettingsState::Hidden,
        };
        let provider = auth_provider::read(org, plugin.as_ref()).await?;
        let mut reading = Self {
            namespace,
            plugin,
            wanted,
            settings,
            provider: provider.state,
            callback: provider.callback,
            classic: classic::read(org).await?,
            smoke: None,
        };
        if reading.may_call(wiring) {
            reading.smoke = Some(smoke::callout(org, NAME, CALLOUT).await?);
        }
        Ok(reading)
    }

    /// Whether a callout would send the right app's token to the right PIM, if any.
    fn may_call(&self, wiring: &Wiring) -> bool {
        let Some(wanted) = &self.wanted else { return false };
        let memory = memory(wiring, wiring.principal_stale_since.is_some());
        let target = LegacyTarget {
            generation: memory.settings_written.clone().unwrap_or_default(),
            client_id: wanted.client_id.clone(),
        };
        let drift = legacy_drift(&target, &self.observed(), &memory);
        drift.findings.is_empty() && !drift.principal_is_stale
    }

    fn observed(&self) -> LegacyObserved {
        let credential = match &self.classic {
            None => LegacyCredential::Absent,
            Some(classic) if classic.is_headless() => LegacyCredential::Headless,
            Some(classic) if !classic.is_classic() => LegacyCredential::OtherKind,
            Some(classic) => LegacyCredential::Classic {
                url: self.is_wanted(classic.url()),
                guide: classic.follows_the_guide(),
                our_provider: classic.uses_our_provider(),
                callouts: classic.callouts(),
            },
        };
        LegacyObserved {
            plugin: self.plugin.is_some(),
            settings: self.settings,
            provider: self.provider,
            credential,
        }
    }

    fn is_wanted(&self, url: Option<&str>) -> bool {
        let normal = |text: &str| url::Url::parse(text).map(|url| url.as_str().trim_end_matches('/').to_owned());
        let wanted = self.wanted.as_ref().map(|wanted| normal(wanted.base.as_str()));
        matches!((url.map(normal), wanted), (Some(Ok(url)), Some(Ok(wanted))) if url == wanted)
    }

    /// What differs from what is desired.
    pub(in super::super) fn drift(&self, desired: &Desired, wiring: &Wiring, principal_is_stale: bool) -> Drift {
        let target = LegacyTarget {
            generation: desired.generation.clone(),
            client_id: desired.client_id.clone(),
        };
        legacy_drift(&target, &self.observed(), &memory(wiring, principal_is_stale))
    }

    /// Whether callouts go to the desired PIM.
    pub(in super::super) fn points_at_the_pim(&self) -> bool {
        self.classic
            .as_ref()
            .is_some_and(|classic| self.is_wanted(classic.url()))
    }

    /// Whether the org does not show how its Auth. Provider was made: a person has to say it where one was made by hand.
    pub(in super::super) fn hides_settings(&self) -> bool {
        self.settings == SettingsState::Hidden || self.provider == ProviderState::Hidden
    }

    /// Whether the org does not let us find out by a callout whether it is authorized.
    pub(in super::super) fn is_blind(&self) -> bool {
        self.smoke == Some(Smoke::Refused)
    }
}

fn wanted(desired: &Desired, connection: &Connection) -> Wanted {
    let shared = connection.akeneo.holds_exactly(&Scopes::required());
    Wanted {
        our_token: desired.token.clone().filter(|_| shared),
        client_id: desired.client_id.clone(),
        client_secret: desired.client_secret.clone(),
        authorize: desired.authorize_url(),
        token: desired.token_url(),
        base: desired.endpoint(),
    }
}

fn memory(wiring: &Wiring, principal_is_stale: bool) -> LegacyMemory {
    let by_hand = wiring.credentials_by_hand.as_ref();
    LegacyMemory {
        settings_written: by_hand.or(wiring.credentials_written.as_ref()).cloned(),
        client_written: wiring.client_written.clone(),
        provider_written: wiring.auth_provider_written || by_hand.is_some(),
        principal_is_stale,
        headless_records: wiring.headless_records,
    }
}
