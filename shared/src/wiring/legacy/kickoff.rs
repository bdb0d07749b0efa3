//! Where a person is sent so that the org authorizes itself in the PIM: the kick-off that binds the token to the classic Named
//! Credential (facts/salesforce 7).

use url::Url;

use crate::connection::Connection;
use crate::custody::{OpenedOrg, OrgFault};
use crate::salesforce::OrgUrl;
use crate::salesforce::legacy::{NAME, SCOPES, classic};
use crate::secret::SecretUrl;
use crate::wiring::NoAuthorizationUrl;

/// `{mydomain}/services/auth/xds/{orgId}/{provider}?startURL=/0XA…&scope=…`.
pub(in super::super) async fn kickoff_url(
    opened: &OpenedOrg,
    connection: &Connection,
) -> Result<SecretUrl, NoAuthorizationUrl> {
    let ready = connection.wanted_credentials().is_some() && connection.wiring.callback_url.is_some();
    let org_id = connection
        .salesforce
        .org
        .as_ref()
        .filter(|_| ready)
        .map(|org| org.org_id.as_str());
    let org_id = org_id.ok_or(NoAuthorizationUrl::NotReady)?;
    let found = classic::find(&opened.org).await.map_err(OrgFault::Api)?;
    let id = found.ok_or(NoAuthorizationUrl::NotReady)?;
    Ok(SecretUrl::new(url(opened.org.instance(), org_id, id.short())))
}

fn url(instance: &OrgUrl, org_id: &str, named_credential: &str) -> String {
    let mut url: Url = instance.origin().url().clone();
    url.set_path(&format!("/services/auth/xds/{org_id}/{NAME}"));
    url.query_pairs_mut()
        .append_pair("startURL", &format!("/{named_credential}"))
        .append_pair("scope", SCOPES);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Permit;

    #[test]
    fn the_kick_off_names_org_provider_credential_and_scopes() {
        let instance = OrgUrl::parse("https://acme.my.salesforce.com", &Permit::none()).unwrap();
        assert_eq!(
            url(&instance, "00Dxx0000001gEREAY", "0XA4H000000TNRh"),
            "https://acme.my.salesforce.com/services/auth/xds/00Dxx0000001gEREAY/Akeneo?startURL=%2F0XA4H000000TNRh&scope=\
             read_products+read_catalog_structure+read_channel_settings+read_channel_localization+read_attribute_options+\
             read_catalogs+write_catalogs+delete_catalogs+read_categories"
        );
    }
}
