//! Custom Apps: created, listed, given a new secret, deleted (facts/akeneo 8).

use serde::{Deserialize, Serialize};
use url::Url;

use crate::credential::{self, TokenFormat};
use crate::pim::Pim;
use crate::settings::Settings;

/// A Custom App. Debug is left out: it holds the secret.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CustomApp {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) name: String,
    pub(crate) activate_url: String,
    pub(crate) callback_url: String,
    pub(crate) author: String,
    pub(crate) created_at: i64,
}

impl std::fmt::Debug for CustomApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomApp")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The form "Create an App".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewCustomApp {
    /// 3 to 255 characters.
    pub name: String,
    /// Where "Connect" and "Open app" lead; http or https.
    pub activate_url: String,
    /// Where codes are sent; http or https.
    pub callback_url: String,
}

/// What the PIM shows once, when an app is created.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// UUID version 4.
    pub client_id: String,
    /// 86 letters and digits.
    pub client_secret: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A field that is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Field name, empty for the app as a whole.
    #[serde(rename = "propertyPath")]
    pub property_path: String,
    /// Message or translation key.
    pub message: String,
}

const ERRORS: &str = "akeneo_connectivity.connection.connect.custom_apps.create_modal.errors";

/// Creates a Custom App, or says everything that is wrong with it. The keys' last parts are the simulator's, except `limit_reached`.
pub(crate) fn create(
    pim: &mut Pim,
    settings: &Settings,
    author: &str,
    new: &NewCustomApp,
    now: i64,
) -> Result<Credentials, Vec<Violation>> {
    let violations = violations(pim, settings, new);
    if !violations.is_empty() {
        return Err(violations);
    }
    let app = CustomApp {
        client_id: credential::client_id(),
        client_secret: credential::random(TokenFormat::Base64),
        name: new.name.clone(),
        activate_url: new.activate_url.clone(),
        callback_url: new.callback_url.clone(),
        author: author.to_owned(),
        created_at: now,
    };
    let credentials = Credentials {
        client_id: app.client_id.clone(),
        client_secret: app.client_secret.clone(),
    };
    pim.custom_apps.push(app);
    Ok(credentials)
}

/// A new secret; nothing else changes, tokens keep working (facts/akeneo 4).
pub(crate) fn regenerate_secret(pim: &mut Pim, client_id: &str) -> Option<String> {
    let app = pim.custom_apps.iter_mut().find(|app| app.client_id == client_id)?;
    app.client_secret = credential::random(TokenFormat::Base64);
    Some(app.client_secret.clone())
}

/// 30 stars and the last four characters (facts/akeneo 8).
pub(crate) fn masked(secret: &str) -> String {
    let tail: String = secret.chars().skip(secret.chars().count().saturating_sub(4)).collect();
    format!("{}{tail}", "*".repeat(30))
}

/// What became of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    Deleted,
    Unknown,
    /// Only with the knob `delete_requires_disconnect`.
    StillConnected,
}

/// Deletes the custom-app row only; a connected app and its token live on (facts/akeneo 4).
pub(crate) fn delete(pim: &mut Pim, settings: &Settings, client_id: &str) -> Deletion {
    if pim.custom_app(client_id).is_none() {
        return Deletion::Unknown;
    }
    if settings.delete_requires_disconnect && pim.connected_apps.contains_key(client_id) {
        return Deletion::StillConnected;
    }
    pim.custom_apps.retain(|app| app.client_id != client_id);
    Deletion::Deleted
}

fn violations(pim: &Pim, settings: &Settings, new: &NewCustomApp) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut add = |field: &str, key: &str| {
        found.push(Violation {
            property_path: field.to_owned(),
            message: format!("{ERRORS}.{key}"),
        });
    };
    if pim.custom_apps.len() >= settings.custom_app_limit {
        add("", "limit_reached");
    }
    match new.name.chars().count() {
        0 => add("name", "name.required"),
        1..3 => add("name", "name.min_length"),
        3..=255 => {}
        _ => add("name", "name.max_length"),
    }
    for (field, value) in [("activate_url", &new.activate_url), ("callback_url", &new.callback_url)] {
        if value.is_empty() {
            add(field, &format!("{field}.required"));
        } else if value.chars().count() > 255 {
            add(field, &format!("{field}.max_length"));
        } else if !is_web_url(value) {
            add(field, &format!("{field}.must_be_url"));
        }
    }
    found
}

fn is_web_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, activate: &str, callback: &str, expect: &[&str]) {
        let new = NewCustomApp {
            name: name.into(),
            activate_url: activate.into(),
            callback_url: callback.into(),
        };
        let result = create(&mut Pim::new(), &Settings::default(), "admin", &new, 0);
        let fields: Vec<String> = result
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|violation| violation.property_path)
            .collect();
        assert_eq!(fields, expect, "{name} {activate} {callback}");
    }

    #[test]
    fn fields_are_checked_as_the_pim_does() {
        check("App", "https://a/x", "http://localhost:1/cb#part", &[]);
        check("", "https://a/x", "https://a/cb", &["name"]);
        check("ab", "https://a/x", "https://a/cb", &["name"]);
        check("App", "ftp://a/x", "", &["activate_url", "callback_url"]);
        check(
            "App",
            "https://a/x",
            &format!("https://a/{}", "c".repeat(255)),
            &["callback_url"],
        );
    }

    #[test]
    fn a_masked_secret_is_34_characters() {
        assert_eq!(masked("abcdefgh"), format!("{}efgh", "*".repeat(30)));
    }
}
