//! Writes of the packaged identity provider: which way is taken, and what becomes of the stored token (facts/salesforce 16, points 2 and 5).

use connector::salesforce::capability::Capability;
use serde_json::{Value, json};

use crate::org::CallFault;
use crate::question::{Probing, Question, Write, verdict, withheld};
use crate::records::{NO_RECORD, principal, principal_lost};
use crate::undo::Way;

/// The collection.
pub(crate) const PROVIDERS: &str = "named-credentials/external-auth-identity-providers";

const BY_CONNECT: Question = Question {
    point: "16 (2)",
    name: "provider_by_connect",
    text: "Does Connect PUT write a managed identity provider?",
};
const BY_TOOLING: Question = Question {
    point: "16 (2)",
    name: "provider_by_tooling",
    text: "Does Tooling PATCH write a managed identity provider?",
};
const AFTER_URL: Question = Question {
    point: "16 (5)",
    name: "principal_after_token_url",
    text: "Does the stored token stay when the provider's Token URL changes and comes back?",
};
const AFTER_SECRET: Question = Question {
    point: "16 (5)",
    name: "principal_after_secret",
    text: "Does the stored token stay when the provider's client secret changes?",
};

const LEFT: &str = "the packaged identity provider could not be put back: compare its values in Setup > Security > Named Credentials > External Auth \
     Identity Providers.";

/// There is no such record.
pub(crate) fn absent(probing: &mut Probing<'_>) {
    for question in [&BY_CONNECT, &BY_TOOLING, &AFTER_URL, &AFTER_SECRET] {
        probing.open(question, NO_RECORD);
    }
}

fn note_way_back(probing: &Probing<'_>, row: &str, before: &Value) {
    let way = Way::Metadata {
        row: row.to_owned(),
        before: before.clone(),
    };
    probing.undo.note(way, LEFT);
}

fn row(id: &str) -> String {
    format!("tooling/sobjects/ExternalAuthIdentityProvider/{id}")
}

/// Connect PUT of what is there.
pub(crate) async fn provider_put(probing: &mut Probing<'_>, id: &str) -> Result<(), CallFault> {
    let path = format!("{PROVIDERS}/{}", probing.records.full_name());
    let shown = probing.org.get(&path).await?;
    let metadata = probing.org.metadata(&row(id)).await?;
    let (Some(metadata), true) = (metadata, shown.is_ok()) else {
        probing.open(&BY_CONNECT, format!("the provider cannot be read ({})", shown.brief()));
        return Ok(());
    };
    let body = input(&shown.body);
    let write = Write {
        name: "provider-put",
        what: "The provider is written with the values that it has.".to_owned(),
        calls: vec![("PUT", probing.org.path(&path), withheld(&body))],
    };
    if !probing.agreed(&write, &BY_CONNECT).await {
        return Ok(());
    }
    note_way_back(probing, &row(id), &metadata);
    let reply = probing.org.call("PUT", &path, Some(&body)).await?;
    probing.report.learn(Capability::ConnectPutManagedEaip, reply.is_ok());
    probing.note(&BY_CONNECT, verdict(&reply));
    probing.put_back().await;
    Ok(())
}

/// The input that says what an answer shows (facts/salesforce 3.1): output-only fields and rows are left out.
fn input(shown: &Value) -> Value {
    const KEYS: [&str; 9] = [
        "fullName",
        "label",
        "description",
        "authenticationProtocol",
        "authenticationFlow",
        "clientAuthentication",
        "authorizeUrl",
        "tokenUrl",
        "userInfoUrl",
    ];
    const ROW: [&str; 4] = ["parameterName", "parameterType", "parameterValue", "sequenceNumber"];
    let pick = |from: &Value, keys: &[&str]| {
        let kept = keys
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), from.get(*key)?.clone())));
        Value::Object(kept.filter(|(_, value)| !value.is_null()).collect())
    };
    let mut input = pick(shown, &KEYS);
    let rows = shown["parameters"].as_array().cloned().unwrap_or_default();
    let ours = |row: &&Value| {
        !row["parameterType"]
            .as_str()
            .unwrap_or_default()
            .starts_with("ManagedBy")
    };
    input["parameters"] = rows.iter().filter(ours).map(|row| pick(row, &ROW)).collect();
    input
}

/// Tooling PATCH of what is there.
pub(crate) async fn provider_patch(probing: &mut Probing<'_>, id: &str) -> Result<(), CallFault> {
    let row = row(id);
    let Some(before) = probing.org.metadata(&row).await? else {
        probing.open(&BY_TOOLING, "the provider cannot be read over Tooling");
        return Ok(());
    };
    let body = json!({ "Metadata": before });
    let write = Write {
        name: "provider-patch",
        what: "The provider is written with the values that it has.".to_owned(),
        calls: vec![("PATCH", probing.org.path(&row), withheld(&body))],
    };
    if !probing.agreed(&write, &BY_TOOLING).await {
        return Ok(());
    }
    note_way_back(probing, &row, &before);
    let reply = probing.org.call("PATCH", &row, Some(&body)).await?;
    probing.report.learn(Capability::ToolingPatchManagedEaip, reply.is_ok());
    probing.note(&BY_TOOLING, verdict(&reply));
    probing.put_back().await;
    Ok(())
}

/// Adds a query to the Token URL, on the same host, and takes it away; asked only where a token could be lost.
pub(crate) async fn token_url(probing: &mut Probing<'_>, id: &str) -> Result<(), CallFault> {
    let secret = "the secret cannot be read, so it could not be put back; rotate it in the service and see whether health stays good";
    probing.open(&AFTER_SECRET, secret);
    let row = row(id);
    let before = probing.org.metadata(&row).await?.unwrap_or_default();
    let token = principal(probing.org, probing.records).await?;
    let (Some(changed), "Configured") = (with_query(&before), token.as_str()) else {
        probing.open(
            &AFTER_URL,
            "no token is stored in the principal; wire the org and ask again",
        );
        return Ok(());
    };
    let (there, back) = (json!({ "Metadata": changed }), json!({ "Metadata": before }));
    let write = Write {
        name: "token-url",
        what: "The Token URL has ?connector-probe at its end for about a second. If the org drops the stored token because of it, the \
               principal has to be authorized again: step 4 of the setup link, or Authenticate in Setup."
            .to_owned(),
        calls: [&there, &back]
            .map(|body| ("PATCH", probing.org.path(&row), withheld(body)))
            .to_vec(),
    };
    if !probing.agreed(&write, &AFTER_URL).await {
        return Ok(());
    }
    note_way_back(probing, &row, &before);
    let reply = probing.org.call("PATCH", &row, Some(&there)).await?;
    probing.put_back().await;
    if reply.is_ok() {
        principal_lost(probing, &AFTER_URL, &token).await
    } else {
        probing.open(
            &AFTER_URL,
            format!("the Token URL cannot be changed ({})", reply.brief()),
        );
        Ok(())
    }
}

fn with_query(metadata: &Value) -> Option<Value> {
    let mut changed = metadata.clone();
    let rows = changed["externalAuthIdentityProviderParameters"].as_array_mut()?;
    let row = rows.iter_mut().find(|row| row["parameterType"] == "TokenUrl")?;
    let with = format!("{}?connector-probe", row["parameterValue"].as_str()?);
    row["parameterValue"] = json!(with);
    Some(changed)
}
