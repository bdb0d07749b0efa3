//! The package's own records for picklist synchronisation: how they look before set-up is not public, so placeholders stand in
//! (facts/salesforce 8).

use crate::clock::Millis;
use crate::org::external_credential::{self, ExternalCredential};
use crate::org::identity_provider::{self, IdentityProvider};
use crate::org::named_credential::{self, CalloutStatus, NamedCredential};
use crate::org::package::{PLACEHOLDER_URL, PRINCIPAL};
use crate::org::row::seal;
use crate::org::{Header, Org};
use crate::settings::Settings;

/// The flow of the provider (facts/salesforce 8.3).
pub(crate) const FLOW: &str = "ClientCredentials";

impl Org {
    /// Brings the records, if this package has them.
    pub(crate) fn add_self_records(&mut self, settings: &Settings, now: Millis) {
        if !settings.self_packaged {
            return;
        }
        let name = settings.self_record_name.as_str();
        let full_name = format!("{}__{name}", settings.namespace);
        let mut header = |prefix: &str| Header {
            id: self.mint.id(prefix),
            developer_name: name.to_owned(),
            namespace: Some(settings.namespace.clone()),
            created: now,
            modified: now,
        };
        let headers = (header("0XA"), header("0pt"), header(&settings.eaip_id_prefix));
        let mut metadata = named_credential::Metadata::secured(name, PLACEHOLDER_URL, &full_name);
        metadata.callout_status = Some(CalloutStatus::Disabled);
        let mut named = NamedCredential {
            header: headers.0,
            metadata,
        };
        let link = "ExternalAuthIdentityProvider";
        let mut link = external_credential::Row::new(link, link, Some(&full_name));
        link.external_auth_identity_provider = Some(full_name);
        let mut external = ExternalCredential {
            header: headers.1,
            metadata: external_credential::Metadata {
                authentication_protocol: "Oauth".to_owned(),
                description: None,
                external_credential_parameters: vec![
                    link,
                    external_credential::Row::principal(PRINCIPAL, "NamedPrincipal", Some(1)),
                ],
                label: name.to_owned(),
            },
        };
        let token_url = format!("{PLACEHOLDER_URL}/services/oauth2/token");
        let mut provider = IdentityProvider {
            header: headers.2,
            metadata: identity_provider::Metadata {
                authentication_flow: FLOW.to_owned(),
                authentication_protocol: "OAuth".to_owned(),
                description: Some("Salesforce itself".to_owned()),
                external_auth_identity_provider_parameters: vec![
                    identity_provider::Row::property("TokenUrl", &token_url),
                    identity_provider::Row::property("ClientAuthentication", "ClientSecretBasic"),
                    identity_provider::Row::new("TokenRequestBodyParameter", "scope", "api", Some(1)),
                ],
                label: name.to_owned(),
            },
            credentials: None,
        };
        seal(&mut named.metadata.named_credential_parameters, &mut self.mint);
        seal(&mut external.metadata.external_credential_parameters, &mut self.mint);
        seal(
            &mut provider.metadata.external_auth_identity_provider_parameters,
            &mut self.mint,
        );
        self.named_credentials.push(named);
        self.external_credentials.push(external);
        self.identity_providers.push(provider);
    }

    /// Whether a credential is one that gets its tokens by client credentials and has such credentials that work.
    pub(crate) fn has_client_credentials(&self, credential: &ExternalCredential) -> bool {
        let provider = self
            .provider_of(credential)
            .filter(|provider| provider.metadata.authentication_flow == FLOW);
        let credentials = provider.and_then(|provider| provider.credentials.as_ref());
        credentials.is_some_and(|known| self.calls_itself_with(&known.client_id, &known.client_secret))
    }
}
