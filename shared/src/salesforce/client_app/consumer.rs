//! Finding the app and reading its key and secret (facts/salesforce 8.2).

use serde::Deserialize;

use super::super::absence::or_default;
use super::super::api::{ApiError, Org, Resource};
use super::APP_NAME;
use crate::secret::ClientSecret;

/// The most pages of apps that are read.
const MOST_PAGES: usize = 50;

/// The app as the org lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundApp {
    /// What its credentials are asked for by.
    pub identifier: String,
    /// Whether it carries the description of ours that was asked about.
    pub is_ours: bool,
}

/// Its consumer key and secret.
#[derive(Debug, Clone)]
pub struct AppKeys {
    /// Consumer key.
    pub client_id: String,
    /// Consumer secret.
    pub client_secret: ClientSecret,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    apps: Vec<AppRow>,
    next_page_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppRow {
    developer_name: Option<String>,
    identifier: String,
    description: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    is_from_package: bool,
}

#[derive(Deserialize)]
struct Consumers {
    consumers: Vec<Consumer>,
}

#[derive(Deserialize)]
struct Consumer {
    id: String,
}

#[derive(Deserialize)]
struct Keys {
    key: String,
    secret: ClientSecret,
}

/// The org's app of our name, if there is one; `mark` is the description that makes it ours.
///
/// # Errors
/// [`ApiError`].
pub async fn find(org: &Org, mark: &str) -> Result<Option<FoundApp>, ApiError> {
    let name = "salesforce.client_app.list";
    let mut page: Page = org.get(name, &Resource::new(&["apps", "oauth", "usage"])).await?;
    for _ in 0..MOST_PAGES {
        let own = page
            .apps
            .into_iter()
            .find(|app| app.developer_name.as_deref() == Some(APP_NAME) && !app.is_from_package);
        if let Some(app) = own {
            return Ok(Some(FoundApp {
                is_ours: app.description.as_deref() == Some(mark),
                identifier: app.identifier,
            }));
        }
        let Some(next) = page.next_page_url.filter(|next| !next.is_empty()) else {
            return Ok(None);
        };
        page = org.get_page(name, &next).await?;
    }
    Err(ApiError::Malformed)
}

/// Key and secret of the app.
///
/// # Errors
/// [`ApiError`]; a refusal means that the org does not show them to this user or to nobody.
pub async fn read_keys(org: &Org, app: &FoundApp) -> Result<AppKeys, ApiError> {
    let place = ["apps", "oauth", "credentials", app.identifier.as_str()];
    let all: Consumers = org
        .get("salesforce.client_app.consumers", &Resource::new(&place))
        .await?;
    let consumer = all.consumers.into_iter().next().ok_or(ApiError::NotFound)?;
    let place = Resource::new(&[&place[..], &[consumer.id.as_str()]].concat()).with("part", "keyandsecret");
    let keys: Keys = org.get("salesforce.client_app.keys", &place).await?;
    Ok(AppKeys {
        client_id: keys.key,
        client_secret: keys.secret,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};
    use crate::secret::Sensitive;

    fn app(name: &str, description: &str) -> serde_json::Value {
        json!({"accessTokenFormat": "opaque", "availableActions": "disable, enable", "description": description,
            "developerName": name, "identifier": "0xi4H000000TNRh", "isFromPackage": false, "usageDetailsUrl": "/x"})
    }

    #[tokio::test]
    async fn the_app_is_found_on_a_later_page_and_known_by_its_description() {
        // Another app, of which the org tells next to nothing.
        let silent = json!({"developerName": null, "description": null, "identifier": "0xi", "isFromPackage": null});
        let first = json!({"apps": [silent, app("Other", "x")], "currentPageUrl": "/a",
            "nextPageUrl": "/services/data/v66.0/apps/oauth/usage?page=1&pageSize=1"});
        let second = json!({"apps": [app(APP_NAME, "ours")], "currentPageUrl": "/b", "nextPageUrl": null});
        let both = [first, second].map(|page| Reply::json(200, &page.to_string()));
        let org = ScriptedOrg::start([both.clone(), both].concat());
        let found = find(&org.org(), "ours").await.unwrap().unwrap();
        assert!(found.is_ours && found.identifier == "0xi4H000000TNRh");
        assert!(!find(&org.org(), "another connection's").await.unwrap().unwrap().is_ours);
        assert_eq!(
            org.lines()[..2],
            ["GET apps/oauth/usage", "GET apps/oauth/usage?page=1&pageSize=1"]
        );
    }

    #[tokio::test]
    async fn key_and_secret_take_two_questions() {
        let org = ScriptedOrg::start(vec![
            Reply::json(
                200,
                r#"{"consumers":[{"id":"888","key":"3MVG9","name":"x","url":"/u","stagedCredentialsUrl":"/s"}]}"#,
            ),
            Reply::json(200, r#"{"id":"888","key":"3MVG9","secret":"s3cret"}"#),
        ]);
        let found = FoundApp {
            identifier: "0xi".into(),
            is_ours: true,
        };
        let keys = read_keys(&org.org(), &found).await.unwrap();
        assert_eq!(
            (keys.client_id.as_str(), keys.client_secret.expose()),
            ("3MVG9", "s3cret")
        );
        assert_eq!(org.lines()[1], "GET apps/oauth/credentials/0xi/888?part=keyandsecret");
    }
}
