//! Deploying an app (facts/salesforce 8.1): four types and the org's settings.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::ClientApp;
use crate::clock::Millis;
use crate::org::Org;
use crate::settings::{AppKeysOnDeploy, Settings};

/// Types that make up an app: name, folder, suffix.
pub(crate) const TYPES: [(&str, &str, &str); 5] = [
    ("Settings", "settings", "settings"),
    ("ExternalClientApplication", "externalClientApps", "eca"),
    (
        "ExtlClntAppGlobalOauthSettings",
        "extlClntAppGlobalOauthSets",
        "ecaGlblOauth",
    ),
    ("ExtlClntAppOauthSettings", "extlClntAppOauthSettings", "ecaOauth"),
    (
        "ExtlClntAppOauthConfigurablePolicies",
        "extlClntAppOauthPolicies",
        "ecaOauthPlcy",
    ),
];

/// Their elements that are booleans.
pub(crate) const BOOLEANS: [&str; 13] = [
    "enableClientSecretInRestApiAccess",
    "enableConsumerSecretApiAccess",
    "enablePackageEcaOauthFromDevOrg",
    "isProtected",
    "isClientCredentialsFlowEnabled",
    "isConsumerSecretOptional",
    "isIntrospectAllTokens",
    "isPkceRequired",
    "isSecretRequiredForRefreshToken",
    "shouldRotateConsumerKey",
    "shouldRotateConsumerSecret",
    "isCodeCredFlowEnabled",
    "isDeviceFlowEnabled",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AppSettings {
    enable_client_secret_in_rest_api_access: Option<bool>,
    enable_consumer_secret_api_access: Option<bool>,
    #[serde(rename = "enablePackageEcaOauthFromDevOrg")]
    _package_from_dev_org: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Application {
    #[serde(rename = "contactEmail")]
    _contact_email: String,
    description: Option<String>,
    distribution_state: String,
    #[serde(rename = "isProtected")]
    _is_protected: bool,
    label: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Global {
    callback_url: String,
    external_client_application: String,
    is_client_credentials_flow_enabled: Option<bool>,
    #[serde(rename = "isConsumerSecretOptional")]
    _secret_optional: Option<bool>,
    #[serde(rename = "isIntrospectAllTokens")]
    _introspects: Option<bool>,
    #[serde(rename = "isPkceRequired")]
    _pkce: Option<bool>,
    #[serde(rename = "isSecretRequiredForRefreshToken")]
    _secret_for_refresh: Option<bool>,
    #[serde(rename = "label")]
    _label: String,
    #[serde(rename = "shouldRotateConsumerKey")]
    _rotates_key: Option<bool>,
    #[serde(rename = "shouldRotateConsumerSecret")]
    _rotates_secret: Option<bool>,
    consumer_key: Option<String>,
    consumer_secret: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Oauth {
    comma_separated_oauth_scopes: String,
    external_client_application: String,
    #[serde(rename = "label")]
    _label: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Policies {
    client_credentials_flow_user: Option<String>,
    external_client_application: String,
    #[serde(default)]
    is_client_credentials_flow_enabled: bool,
    ip_relaxation_policy_type: String,
    #[serde(rename = "label")]
    _label: String,
    permitted_users_policy_type: String,
    #[serde(rename = "refreshTokenPolicyType")]
    _refresh_policy: Option<String>,
    #[serde(rename = "refreshTokenValidityPeriod")]
    _refresh_period: Option<String>,
    #[serde(rename = "refreshTokenValidityUnit")]
    _refresh_unit: Option<String>,
    #[serde(rename = "requiredSessionLevel")]
    _session_level: Option<String>,
}

fn read<T: DeserializeOwned>(fields: &Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(fields.clone())).map_err(|error| format!("Error parsing file: {error}"))
}

/// Deploys one file of an app. None if it is of another type.
pub(crate) fn deploy(
    org: &mut Org,
    (kind, name): (&str, &str),
    fields: &Map<String, Value>,
    settings: &Settings,
    now: Millis,
) -> Option<Result<(), String>> {
    Some(match kind {
        "Settings" => organization(org, name, fields),
        "ExternalClientApplication" => application(org, name, fields, now),
        "ExtlClntAppGlobalOauthSettings" => global(org, fields, settings),
        "ExtlClntAppOauthSettings" => oauth(org, fields),
        "ExtlClntAppOauthConfigurablePolicies" => policies(org, fields),
        _ => return None,
    })
}

fn organization(org: &mut Org, name: &str, fields: &Map<String, Value>) -> Result<(), String> {
    if name != "ExternalClientApp" {
        return Err(format!("Entity of type 'Settings' named '{name}' cannot be found"));
    }
    let wanted: AppSettings = read(fields)?;
    for (slot, value) in [
        (
            &mut org.shows_consumer_secrets.0,
            wanted.enable_client_secret_in_rest_api_access,
        ),
        (
            &mut org.shows_consumer_secrets.1,
            wanted.enable_consumer_secret_api_access,
        ),
    ] {
        *slot = value.unwrap_or(*slot);
    }
    Ok(())
}

fn application(org: &mut Org, name: &str, fields: &Map<String, Value>, now: Millis) -> Result<(), String> {
    let wanted: Application = read(fields)?;
    if !matches!(wanted.distribution_state.as_str(), "Local" | "Packageable") {
        return Err(format!(
            "Invalid value for distributionState: {}",
            wanted.distribution_state
        ));
    }
    if org.client_app(name).is_none() {
        let app = ClientApp::new(org, name, now);
        org.client_apps.push(app);
    }
    change(org, name, |app| {
        app.label = wanted.label;
        app.description = wanted.description;
    })
}

fn change(org: &mut Org, name: &str, change: impl FnOnce(&mut ClientApp)) -> Result<(), String> {
    let app = org.client_apps.iter_mut().find(|app| app.developer_name == name);
    let missing = || format!("In field: externalClientApplication - no ExternalClientApplication named {name} found");
    change(app.ok_or_else(missing)?);
    Ok(())
}

fn global(org: &mut Org, fields: &Map<String, Value>, settings: &Settings) -> Result<(), String> {
    let wanted: Global = read(fields)?;
    change(org, &wanted.external_client_application, |app| {
        app.callback_url = wanted.callback_url;
        app.flow_in_settings = wanted.is_client_credentials_flow_enabled.unwrap_or(false);
        if settings.client_app_keys_on_deploy == AppKeysOnDeploy::Honoured {
            app.consumer_key = wanted.consumer_key.unwrap_or_else(|| app.consumer_key.clone());
            app.consumer_secret = wanted.consumer_secret.unwrap_or_else(|| app.consumer_secret.clone());
        }
    })
}

fn oauth(org: &mut Org, fields: &Map<String, Value>) -> Result<(), String> {
    let wanted: Oauth = read(fields)?;
    let mut scopes = Vec::new();
    for scope in wanted.comma_separated_oauth_scopes.split(',').map(str::trim) {
        scopes.push(match scope {
            "Api" => "api",
            "Full" => "full",
            "Basic" => "id",
            "Web" => "web",
            "RefreshToken" => "refresh_token",
            "Chatter" => "chatter_api",
            other => return Err(format!("Invalid value for commaSeparatedOauthScopes: {other}")),
        });
    }
    let scopes = scopes.into_iter().map(str::to_owned).collect();
    change(org, &wanted.external_client_application, |app| app.scopes = scopes)
}

/// The policy's row comes into being with the app, after its deploy: a policy in the same deploy finds none (facts/salesforce 8.1).
fn policies(org: &mut Org, fields: &Map<String, Value>) -> Result<(), String> {
    let wanted: Policies = read(fields)?;
    let name = wanted.external_client_application.as_str();
    if org.client_app(name).is_some_and(|app| app.fresh) {
        return Err(format!(
            "Entity of type 'ExtlClntAppOauthConfigurablePolicies' named '{name}_defaultPolicy' cannot be found"
        ));
    }
    if let Some(user) = &wanted.client_credentials_flow_user
        && org.user_named(user).is_none_or(|user| !user.active)
    {
        return Err(format!(
            "In field: clientCredentialsFlowUser - no User named {user} found"
        ));
    }
    let known = [
        (wanted.ip_relaxation_policy_type.as_str(), &["Enforce", "Bypass"][..]),
        (
            wanted.permitted_users_policy_type.as_str(),
            &["AllSelfAuthorized", "AdminApprovedPreAuthorized"][..],
        ),
    ];
    if let Some((value, _)) = known.iter().find(|(value, values)| !values.contains(value)) {
        return Err(format!("Invalid value: {value}"));
    }
    change(org, name, |app| {
        app.flow_in_policy = wanted.is_client_credentials_flow_enabled;
        app.run_as = wanted.client_credentials_flow_user.clone();
    })
}
