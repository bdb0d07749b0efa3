//! The app as metadata files (facts/salesforce 8.1).

use super::super::deploy::Component;
use super::super::deploy::xml::{document, text};
use super::{APP_LABEL, APP_NAME};

/// What the app is made from.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where the org's own callbacks would go; the flow never uses it, but an app has one (facts/salesforce 8).
    pub callback_url: String,
    /// The description by which the app is known as ours.
    pub mark: String,
    /// Whom Salesforce writes to about the app.
    pub contact: String,
    /// The user that the app runs as.
    pub execution_user: String,
}

fn element(name: &str, yes: bool) -> String {
    text(name, if yes { "true" } else { "false" })
}

/// The org's settings that let an API session read the secret of an app (facts/salesforce 8.1, 8.2).
#[must_use]
pub fn settings() -> Vec<Component> {
    let elements = [
        element("enableClientSecretInRestApiAccess", true),
        element("enableConsumerSecretApiAccess", true),
    ];
    vec![Component {
        kind: "Settings",
        full_name: "ExternalClientApp".to_owned(),
        path: "settings/ExternalClientApp.settings".to_owned(),
        xml: document("ExternalClientAppSettings", &elements.concat()),
    }]
}

/// The app, its scope and its flow: exactly `api` and client credentials.
#[must_use]
pub fn app(plan: &Plan) -> Vec<Component> {
    let app = [
        text("contactEmail", &plan.contact),
        text("description", &plan.mark),
        text("distributionState", "Local"),
        element("isProtected", false),
        text("label", APP_LABEL),
    ];
    let global = [
        text("callbackUrl", &plan.callback_url),
        text("externalClientApplication", APP_NAME),
        element("isClientCredentialsFlowEnabled", true),
        element("isConsumerSecretOptional", false),
        element("isIntrospectAllTokens", false),
        element("isPkceRequired", true),
        element("isSecretRequiredForRefreshToken", true),
        text("label", &format!("{APP_NAME}_glbloauth")),
        element("shouldRotateConsumerKey", false),
        element("shouldRotateConsumerSecret", false),
    ];
    let oauth = [
        text("commaSeparatedOauthScopes", "Api"),
        text("externalClientApplication", APP_NAME),
        text("label", &format!("{APP_NAME}_oauth")),
    ];
    vec![
        Component {
            kind: "ExternalClientApplication",
            full_name: APP_NAME.to_owned(),
            path: format!("externalClientApps/{APP_NAME}.eca"),
            xml: document("ExternalClientApplication", &app.concat()),
        },
        Component {
            kind: "ExtlClntAppGlobalOauthSettings",
            full_name: format!("{APP_NAME}_glbloauth"),
            path: format!("extlClntAppGlobalOauthSets/{APP_NAME}_glbloauth.ecaGlblOauth"),
            xml: document("ExtlClntAppGlobalOauthSettings", &global.concat()),
        },
        Component {
            kind: "ExtlClntAppOauthSettings",
            full_name: format!("{APP_NAME}_oauth"),
            path: format!("extlClntAppOauthSettings/{APP_NAME}_oauth.ecaOauth"),
            xml: document("ExtlClntAppOauthSettings", &oauth.concat()),
        },
    ]
}

/// The app's policy: whom it runs as. Its row comes into being with the app, so it is a deploy of its own (facts/salesforce 8.1).
#[must_use]
pub fn policy(plan: &Plan) -> Vec<Component> {
    let elements = [
        text("clientCredentialsFlowUser", &plan.execution_user),
        text("externalClientApplication", APP_NAME),
        text("ipRelaxationPolicyType", "Enforce"),
        element("isClientCredentialsFlowEnabled", true),
        text("label", &format!("{APP_NAME}_defaultPolicy")),
        text("permittedUsersPolicyType", "AllSelfAuthorized"),
        text("refreshTokenPolicyType", "SpecificLifetime"),
        text("refreshTokenValidityPeriod", "365"),
        text("refreshTokenValidityUnit", "Days"),
        text("requiredSessionLevel", "STANDARD"),
    ];
    vec![Component {
        kind: "ExtlClntAppOauthConfigurablePolicies",
        full_name: format!("{APP_NAME}_defaultPolicy"),
        path: format!("extlClntAppOauthPolicies/{APP_NAME}_defaultPolicy.ecaOauthPlcy"),
        xml: document("ExtlClntAppOauthConfigurablePolicies", &elements.concat()),
    }]
}
