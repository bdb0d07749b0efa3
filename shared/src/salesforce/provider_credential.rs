//! Client id and client secret inside the packaged identity provider: write-only, by Connect alone (facts/salesforce 3.3).
//!
//! What a GET shows of them is not documented, so nothing depends on it: the answer only chooses the verb, and the other
//! verb is tried once when the org says that the choice was wrong. No value is kept but a client id shown in clear.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api::{ApiError, Org, Resource};
use super::change::{ChangeError, Field, applied};
use super::record::FullName;
use crate::secret::{ClientSecret, Sensitive};

/// What the org shows of one credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "value", rename_all = "snake_case")]
pub enum Shown {
    /// Nothing: not set, or hidden altogether.
    Nothing,
    /// That it is there.
    Present,
    /// Its value; only ever kept of a client id.
    Value(String),
}

/// The provider's credentials as far as the org shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderCredentials {
    /// Client id.
    pub client_id: Shown,
    /// Client secret; never a value.
    pub client_secret: Shown,
}

impl ProviderCredentials {
    /// Whether the org shows that there is anything.
    #[must_use]
    pub fn are_visible(&self) -> bool {
        self.client_id != Shown::Nothing || self.client_secret != Shown::Nothing
    }

    /// Whether the client id is known to be another one.
    #[must_use]
    pub fn contradict(&self, client_id: &str) -> bool {
        matches!(&self.client_id, Shown::Value(value) if value != client_id)
    }
}

#[derive(Deserialize)]
struct Output {
    credentials: Option<Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    credential_name: String,
    credential_value: Option<String>,
}

fn resource(provider: &FullName) -> Resource {
    Resource::named_credentials("external-auth-identity-provider-credentials", provider.as_str())
}

/// Reads what the org shows (facts/salesforce 3.3). Credentials that do not exist yet are no error.
///
/// # Errors
/// [`ApiError`].
pub async fn read(org: &Org, provider: &FullName) -> Result<ProviderCredentials, ApiError> {
    let items = match org
        .get::<Output>("salesforce.provider_credential.read", &resource(provider))
        .await
    {
        Ok(output) => output.credentials.unwrap_or_default(),
        Err(ApiError::NotFound) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(shown(items))
}

fn shown(items: Vec<Item>) -> ProviderCredentials {
    let mut credentials = ProviderCredentials {
        client_id: Shown::Nothing,
        client_secret: Shown::Nothing,
    };
    for item in items {
        match item.credential_name.as_str() {
            "clientId" => {
                let clear = item
                    .credential_value
                    .filter(|value| !value.is_empty() && !is_masked(value));
                credentials.client_id = clear.map_or(Shown::Present, Shown::Value);
            }
            "clientSecret" => credentials.client_secret = Shown::Present,
            _ => {}
        }
    }
    credentials
}

fn is_masked(value: &str) -> bool {
    value.contains(['*', '\u{2022}', '\u{2026}'])
}

/// Sets both credentials together and looks whether anything contradicts that (facts/salesforce 3.3). The secret itself can
/// only be proven by use: the principal's authorization does that.
///
/// # Errors
/// [`ChangeError`].
pub async fn write(
    org: &Org,
    provider: &FullName,
    client_id: &str,
    client_secret: &ClientSecret,
) -> Result<ProviderCredentials, ChangeError> {
    let before = read(org, provider).await?;
    // Only this key: the provider's name is in the path, and a strict parser may refuse it in the body.
    let body = json!({"credentials": [
        {"credentialName": "clientId", "credentialValue": client_id},
        {"credentialName": "clientSecret", "credentialValue": client_secret.expose()},
    ]});
    let resource = resource(provider);
    let name = "salesforce.provider_credential.write";
    if before.are_visible() {
        match org.put(name, &resource, &body).await {
            Err(error) if is_absent(&error) => org.create(name, &resource, &body).await?,
            other => other?,
        }
    } else {
        match org.create(name, &resource, &body).await {
            Err(error) if is_present(&error) => org.put(name, &resource, &body).await?,
            other => other?,
        }
    }
    let after = read(org, provider).await?;
    let mut fields = Vec::new();
    if after.contradict(client_id) {
        fields.push(Field::ClientId);
    }
    // An org that shows names shows both.
    if after.are_visible() && after.client_secret == Shown::Nothing {
        fields.push(Field::ClientSecret);
    }
    applied(fields)?;
    Ok(after)
}

fn is_absent(error: &ApiError) -> bool {
    match error {
        ApiError::NotFound => true,
        ApiError::Rejected { message, .. } => message.says("not exist") || message.says("not found"),
        _ => false,
    }
}

fn is_present(error: &ApiError) -> bool {
    match error {
        ApiError::Conflict => true,
        ApiError::Rejected { message, .. } => message.says("already exist") || error.has_code("DUPLICATE_VALUE"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::salesforce::scripted_org::{Reply, ScriptedOrg};

    fn name() -> FullName {
        FullName::new("ns", "Akeneo")
    }

    fn get(credentials: &Value) -> Reply {
        Reply::json(
            200,
            &json!({"externalAuthIdentityProvider": "ns__Akeneo", "credentials": credentials}).to_string(),
        )
    }

    async fn written(replies: Vec<Reply>) -> (Vec<String>, Result<ProviderCredentials, ChangeError>, ScriptedOrg) {
        let org = ScriptedOrg::start(replies);
        let result = write(&org.org(), &name(), "client123", &ClientSecret::new("secret456")).await;
        let verbs = org
            .lines()
            .iter()
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        (verbs, result, org)
    }

    fn both() -> Reply {
        get(&json!([{"credentialName": "clientId"}, {"credentialName": "clientSecret"}]))
    }

    #[tokio::test]
    async fn the_first_time_creates() {
        let (verbs, result, org) = written(vec![get(&Value::Null), Reply::json(201, "{}"), both()]).await;
        assert_eq!(
            result.unwrap(),
            ProviderCredentials {
                client_id: Shown::Present,
                client_secret: Shown::Present
            }
        );
        assert_eq!(verbs, ["GET", "POST", "GET"]);
        assert!(org.lines()[1].ends_with("named-credentials/external-auth-identity-provider-credentials/ns__Akeneo"));
        assert_eq!(
            org.seen()[1].body,
            json!({"credentials": [{"credentialName": "clientId", "credentialValue": "client123"}, {"credentialName": "clientSecret", "credentialValue": "secret456"}]})
        );
    }

    #[tokio::test]
    async fn later_it_replaces() {
        let (verbs, result, _) = written(vec![both(), Reply::json(200, "{}"), both()]).await;
        assert!(result.is_ok());
        assert_eq!(verbs, ["GET", "PUT", "GET"]);
    }

    #[tokio::test]
    async fn a_wrong_choice_is_corrected_once() {
        let conflict = Reply::json(409, r#"[{"errorCode":"CONFLICT","message":"x"}]"#);
        let (verbs, result, _) = written(vec![
            get(&Value::Null),
            conflict.clone(),
            Reply::json(200, "{}"),
            get(&Value::Null),
        ])
        .await;
        assert!(!result.unwrap().are_visible());
        assert_eq!(verbs, ["GET", "POST", "PUT", "GET"]);
        let absent = Reply::json(
            404,
            r#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#,
        );
        let (verbs, result, _) = written(vec![both(), absent.clone(), Reply::json(201, "{}"), both()]).await;
        assert!(result.is_ok());
        assert_eq!(verbs, ["GET", "PUT", "POST", "GET"]);
        let (verbs, result, _) = written(vec![absent.clone(), conflict, absent]).await;
        assert!(matches!(result, Err(ChangeError::Api(ApiError::NotFound))));
        assert_eq!(verbs, ["GET", "POST", "PUT"]);
    }

    #[tokio::test]
    async fn other_refusals_are_final() {
        let (verbs, result, _) = written(vec![get(&json!([])), Reply::json(400, r#"{"error":"bad"}"#)]).await;
        assert!(matches!(result, Err(ChangeError::Api(ApiError::Rejected { .. }))));
        assert_eq!(verbs, ["GET", "POST"]);
    }

    #[tokio::test]
    async fn a_contradiction_is_not_applied() {
        let other = get(&json!([{"credentialName": "clientId", "credentialValue": "someone-else"}]));
        let (_, result, _) = written(vec![both(), Reply::json(200, "{}"), other]).await;
        assert!(
            matches!(result, Err(ChangeError::NotApplied { fields }) if fields == [Field::ClientId, Field::ClientSecret])
        );
    }

    #[tokio::test]
    async fn no_value_but_a_clear_client_id_is_kept() {
        let body = json!([{"credentialName": "clientId", "credentialValue": "client123"}, {"credentialName": "clientSecret", "credentialValue": "leaked"}]);
        let masked = json!([{"credentialName": "clientId", "credentialValue": "cli****"}, {"credentialName": "other", "credentialValue": "leaked"}]);
        let org = ScriptedOrg::start(vec![get(&body), get(&masked)]);
        let client = org.org();
        let clear = read(&client, &name()).await.unwrap();
        assert!(!clear.contradict("client123") && clear.contradict("client124"));
        assert!(!serde_json::to_string(&clear).unwrap().contains("leaked"));
        assert_eq!(
            read(&client, &name()).await.unwrap(),
            ProviderCredentials {
                client_id: Shown::Present,
                client_secret: Shown::Nothing
            }
        );
    }
}
