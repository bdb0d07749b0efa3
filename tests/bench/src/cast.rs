//! Copies of the mould: each connection gets its own id, origins, Custom App and token, and everything else stays as the journey left it.

use serde_json::{Value, json};

use crate::fault::BenchFault;
use crate::mould::Mould;
use crate::plan::{Place, Plan};

/// What is the connection's own.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) token: String,
    pub(crate) org_origin: String,
    pub(crate) pim_origin: String,
}

impl Cast {
    /// The connection at a place.
    pub(crate) fn of(place: &Place, plan: &Plan, mould: &Mould) -> Self {
        let number = place.number;
        // As long as the mould's, and with nothing in it that JSON or a header would spell differently.
        let kept = mould.token.len().saturating_sub(8);
        let token = format!("{}{number:08}", mould.token.get(..kept).unwrap_or_default());
        Self {
            id: format!("{number:020}"),
            client_id: format!("00000000-0000-4000-8000-{number:012}"),
            token,
            org_origin: plan.org(number),
            pim_origin: plan.pim(place.pim),
        }
    }

    fn text(&self, mould: &Mould, text: &str) -> String {
        text.replace(&mould.org_origin, &self.org_origin)
            .replace(&mould.pim_origin, &self.pim_origin)
            .replace(&mould.client_id, &self.client_id)
            .replace(&mould.token, &self.token)
    }

    /// The connection's document.
    pub(crate) fn connection(&self, mould: &Mould) -> Result<Value, BenchFault> {
        let mut connection: Value = serde_json::from_str(&self.text(mould, &mould.connection.to_string()))?;
        connection["id"] = json!(self.id);
        connection["customer"] = json!(format!("Customer {}", self.id));
        connection["invitation"] = Value::Null;
        Ok(connection)
    }

    /// Its secrets: the PIM's side and the org's.
    pub(crate) fn secrets(&self, mould: &Mould) -> [String; 2] {
        [&mould.akeneo, &mould.salesforce].map(|document| self.text(mould, document))
    }

    /// The org's state.
    pub(crate) fn org(&self, mould: &Mould) -> Vec<u8> {
        self.text(mould, &mould.org).into_bytes()
    }
}

/// The state of a PIM with the apps of all its connections.
pub(crate) fn pim(casts: &[Cast], mould: &Mould) -> Result<Vec<u8>, BenchFault> {
    let mut whole: Option<Value> = None;
    for cast in casts {
        let mut one: Value = serde_json::from_str(&cast.text(mould, &mould.pim))?;
        for app in one["world"]["pim"]["connected_apps"]
            .as_object_mut()
            .into_iter()
            .flatten()
        {
            app.1["connection_code"] = json!(format!("connection_{}", cast.id));
        }
        match &mut whole {
            None => whole = Some(one),
            Some(whole) => add(&mut whole["world"]["pim"], &mut one["world"]["pim"]),
        }
    }
    Ok(serde_json::to_vec(&whole)?)
}

/// Adds what one PIM knows to what another knows; what it does not have of its own stays.
fn add(whole: &mut Value, one: &mut Value) {
    for list in ["custom_apps", "oauth_clients", "tokens", "catalogs"] {
        if let (Some(whole), Some(one)) = (whole[list].as_array_mut(), one[list].as_array_mut()) {
            whole.append(one);
        }
    }
    if let (Some(whole), Some(one)) = (
        whole["connected_apps"].as_object_mut(),
        one["connected_apps"].as_object_mut(),
    ) {
        whole.append(one);
    }
}
