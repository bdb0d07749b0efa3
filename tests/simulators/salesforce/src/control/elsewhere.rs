//! What somebody else left in the org: a finished set-up with another PIM, or records of their own.

use crate::clock::Millis;
use crate::org::external_credential::{self, ExternalCredential, StoredToken};
use crate::org::identity_provider::{self, Credentials, IdentityProvider};
use crate::org::named_credential::{self, CalloutStatus, NamedCredential};
use crate::org::package::{PRINCIPAL, RECORD_NAME};
use crate::org::{Header, Org};

const OTHER: &str = "https://other-pim.example.com";

/// Sets every value of the packaged records as a finished set-up would have left it.
pub(super) fn set_up(org: &mut Org, now: Millis) {
    let packaged = org.named_credentials.iter_mut();
    for named in packaged.filter(|record| record.header.is_the_packages()) {
        named.metadata.set_url(OTHER);
        named.metadata.callout_status = Some(CalloutStatus::Enabled);
    }
    let packaged = org.identity_providers.iter_mut();
    for provider in packaged.filter(|record| record.header.is_the_packages()) {
        let metadata = &mut provider.metadata;
        metadata.set(
            "AuthorizeUrl",
            "AuthorizeUrl",
            &format!("{OTHER}/connect/apps/v1/authorize"),
        );
        metadata.set("TokenUrl", "TokenUrl", &format!("{OTHER}/connect/apps/v1/oauth2/token"));
        // The pair of facts/akeneo 5.1 for this identifier and secret.
        metadata.set("TokenRequestBodyParameter", "code_identifier", "2DkpkyHfgm");
        let challenge = "6ffbb306c0ce4a545d2540c9303c10258c4e4c321c3899c5177fd94106e1b73d";
        metadata.set("TokenRequestBodyParameter", "code_challenge", challenge);
        provider.credentials = Some(Credentials {
            client_id: "0e5f2a31-7c55-4b0e-8a1d-2f6f3f9f3a10".to_owned(),
            client_secret: "nDYbJo8X48fL".to_owned(),
        });
    }
    let principals: Vec<String> = org
        .external_credentials
        .iter()
        .filter(|credential| credential.header.is_the_packages())
        .filter_map(|credential| credential.metadata.principal("NamedPrincipal", PRINCIPAL))
        .map(|row| row.id.clone())
        .collect();
    for principal in principals {
        let token = StoredToken {
            access_token: "token-of-the-other-pim".to_owned(),
            scope: None,
            obtained: now,
        };
        org.principal_tokens.insert(principal, token);
    }
}

/// Makes one record of each kind that has the packaged name and no namespace.
pub(super) fn make_namesakes(org: &mut Org, now: Millis) {
    let mut header = |prefix: &str| Header::local(org.mint.id(prefix), RECORD_NAME, now);
    let headers = (header("0XA"), header("0pt"), header("0so"));
    let property = identity_provider::Row::property;
    org.add_identity_provider(IdentityProvider {
        header: headers.2,
        metadata: identity_provider::Metadata {
            authentication_flow: "AuthorizationCode".to_owned(),
            authentication_protocol: "OAuth".to_owned(),
            description: None,
            external_auth_identity_provider_parameters: vec![
                property("AuthorizeUrl", &format!("{OTHER}/connect/apps/v1/authorize")),
                property("TokenUrl", &format!("{OTHER}/connect/apps/v1/oauth2/token")),
            ],
            label: RECORD_NAME.to_owned(),
        },
        credentials: None,
    });
    let link = external_credential::Row::new(
        "ExternalAuthIdentityProvider",
        "ExternalAuthIdentityProvider",
        Some(RECORD_NAME),
    );
    org.add_external_credential(ExternalCredential {
        header: headers.1,
        metadata: external_credential::Metadata {
            authentication_protocol: "Oauth".to_owned(),
            description: None,
            external_credential_parameters: vec![
                link,
                external_credential::Row::principal(PRINCIPAL, "NamedPrincipal", Some(1)),
            ],
            label: RECORD_NAME.to_owned(),
        },
    });
    org.add_named_credential(NamedCredential {
        header: headers.0,
        metadata: named_credential::Metadata::secured(RECORD_NAME, OTHER, RECORD_NAME),
    });
}
