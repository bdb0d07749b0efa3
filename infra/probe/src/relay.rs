//! What the org's callback accepts: the relay of facts/salesforce 4.6, tried without a PIM.
//!
//! The probe makes an identity provider and an External Credential of its own that lead to the org itself, and plays the browser: it opens
//! the authorization address, reads the redirect without following it, and arrives at the callback with a made-up code, as a browser
//! arrives that our callback has relayed. The made-up code is worth nothing anywhere, so the furthest it can come is the token request.

use serde_json::{Value, json};
use url::Url;

use crate::browser::Browser;
use crate::org::{CallFault, SINGLE_ACCESS};
use crate::own_provider::{CREDENTIALS, made_up, made_up_credentials};
use crate::provider::PROVIDERS;
use crate::question::{Probing, Question, Write, withheld};
use crate::seen::{Kind, Seen};
use crate::undo::Way;

const OWN: &str = "Connector_Probe_Relay";
const EXTERNAL: &str = "named-credentials/external-credentials";
const AUTH_URL: &str = "named-credentials/credential/auth-url/o-auth";
/// Where the provider says that people authorize: on the org's own host, where nothing is, and never opened.
const AUTHORIZE: &str = "/connector-probe/authorize";
const TOKEN: &str = "/services/oauth2/token";
/// Where the browser's session begins and the authorization ends.
const HOME: &str = "lightning/setup/SetupOneHome/home";

macro_rules! question {
    ($name:literal, $text:literal) => {
        Question {
            point: "16 (10)",
            name: $name,
            text: $text,
        }
    };
}

const RELAY: Question = question!(
    "relay_in_a_browser",
    "Does the org's callback accept a browser that arrives by relay?"
);
const CALLBACK: Question = Question {
    point: "16 (4)",
    name: "own_callback_url",
    text: "What is the callbackUrl of a provider that no package brought?",
};
const SESSION: Question = question!(
    "relay_session_cookies",
    "Which cookies does a session have, and what do they say of SameSite?"
);
const REDIRECT: Question = question!(
    "relay_redirect",
    "What does the org send along to the authorize address?"
);
const LOGGED_OUT: Question = question!(
    "relay_start_without_session",
    "What does the authorization address answer to a browser without a session?"
);
const MADE_UP: Question = question!(
    "relay_made_up_state",
    "What does the callback answer to a made-up state, from the browser that started?"
);
const STRANGER: Question = question!(
    "relay_without_session",
    "What does the callback answer to an issued state, from a browser without the session?"
);
const OWN_BROWSER: Question = question!(
    "relay_with_session",
    "What does the callback answer to an issued state, from the browser that started?"
);
const TWICE: Question = question!(
    "relay_state_twice",
    "What does the callback answer to a state that was used?"
);

/// Makes the records, plays the browser, deletes the records.
pub(crate) async fn relay(probing: &mut Probing<'_>) -> Result<(), CallFault> {
    let (provider, external) = (format!("{PROVIDERS}/{OWN}"), format!("{EXTERNAL}/{OWN}"));
    for address in [&provider, &external] {
        if probing.org.get(address).await?.is_ok() {
            probing.open(
                &RELAY,
                "Connector_Probe_Relay is there already; delete it in Setup and ask again",
            );
            return Ok(());
        }
    }
    let records = records(probing)?;
    let write = asked(probing, &records, [&external, &provider]);
    if !probing.agreed(&write, &RELAY).await {
        return Ok(());
    }
    let left = |what: &str| {
        format!(
            "the {what} Connector_Probe_Relay could not be deleted: delete it in Setup > Security > Named Credentials."
        )
    };
    probing.undo.note(Way::Delete(provider), left("identity provider"));
    probing.undo.note(Way::Delete(external), left("External Credential"));
    for (address, body) in &records {
        let made = probing.org.call("POST", address, Some(body)).await?;
        if !made.is_ok() {
            probing.open(
                &RELAY,
                format!("the probe's own records could not be made ({})", made.brief()),
            );
            probing.put_back().await;
            return Ok(());
        }
    }
    play(probing).await?;
    probing.put_back().await;
    Ok(())
}

/// The provider, its made-up credentials, and an External Credential with one principal (facts/salesforce 3.1, 3.3, 4.1).
fn records(probing: &Probing<'_>) -> Result<[(String, Value); 3], CallFault> {
    let at = |path: &str| probing.org.at(path).map(String::from);
    let external = json!({ "developerName": OWN, "masterLabel": OWN.replace('_', " "), "authenticationProtocol": "OAuth",
        "parameters": [{ "parameterName": "ExternalAuthIdentityProvider", "parameterType": "ExternalAuthIdentityProvider", "parameterValue": OWN }],
        "principals": [{ "principalName": "Default", "principalType": "NamedPrincipal", "sequenceNumber": 1 }] });
    Ok([
        (PROVIDERS.to_owned(), made_up(OWN, &at(AUTHORIZE)?, &at(TOKEN)?)),
        (format!("{CREDENTIALS}/{OWN}"), made_up_credentials()),
        (EXTERNAL.to_owned(), external),
    ])
}

fn principal() -> Value {
    json!({ "externalCredential": OWN, "principalName": "Default", "principalType": "NamedPrincipal", "returnUrl": HOME })
}

fn asked(probing: &Probing<'_>, records: &[(String, Value)], gone: [&String; 2]) -> Write {
    let made = records
        .iter()
        .map(|(address, body)| ("POST", probing.org.path(address), withheld(body)));
    let mut calls: Vec<_> = made.collect();
    calls.push(("POST", SINGLE_ACCESS.to_owned(), json!({ "redirect_uri": HOME })));
    calls.extend(std::iter::repeat_n(
        ("POST", probing.org.path(AUTH_URL), principal()),
        3,
    ));
    calls.push((
        "GET",
        "the callback, five times, with a made-up code".to_owned(),
        Value::Null,
    ));
    calls.extend(gone.map(|address| ("DELETE", probing.org.path(address), Value::Null)));
    Write {
        name: "relay",
        what: "A new identity provider and External Credential Connector_Probe_Relay that lead to this org itself; both are deleted at the end. \
               A browser's session of your user is opened with the access token, if the token may; it ends as every session does. The org \
               posts made-up client credentials and a made-up code to its own token endpoint."
            .to_owned(),
        calls,
    }
}

async fn play(probing: &mut Probing<'_>) -> Result<(), CallFault> {
    let org = probing.org;
    let reply = org.get(&format!("{PROVIDERS}/{OWN}")).await?;
    let callback = reply.body["callbackUrl"].as_str().and_then(|url| Url::parse(url).ok());
    let Some(callback) = callback.filter(|url| org.owns(url)) else {
        probing.open(&RELAY, "the org names no callback of Salesforce's for the provider");
        return Ok(());
    };
    probing.note(&CALLBACK, callback.as_str());
    let mut stranger = Browser::stranger(org);
    let started = depart(probing, &mut stranger).await?;
    probing.note(&LOGGED_OUT, told(&started));
    let Some(mut own) = log_in(probing).await? else {
        return Ok(());
    };
    let out = depart(probing, &mut own).await?;
    let Departure::Left(away) = &out else {
        probing.note(&REDIRECT, told(&out));
        probing.open(&RELAY, "the org sends even a browser with a session nowhere");
        return Ok(());
    };
    probing.note(&REDIRECT, carried(away, &callback));
    let made_up = arrive(&mut own, &callback, "connector-probe-made-up").await?;
    let from_stranger = arrive(&mut Browser::stranger(org), &callback, &state(away)).await?;
    let Departure::Left(again) = depart(probing, &mut own).await? else {
        probing.open(&RELAY, "the org sends the browser away once and not again");
        return Ok(());
    };
    own.arrives_from_elsewhere();
    let from_own = arrive(&mut own, &callback, &state(&again)).await?;
    let twice = arrive(&mut own, &callback, &state(&again)).await?;
    let verdict = judged(&made_up, &from_stranger, &from_own);
    for (question, seen) in [
        (&MADE_UP, made_up),
        (&STRANGER, from_stranger),
        (&OWN_BROWSER, from_own),
        (&TWICE, twice),
    ] {
        probing.note(question, seen.to_string());
    }
    probing.note(&RELAY, verdict);
    Ok(())
}

/// What the three answers say together.
fn judged(made_up: &Seen, stranger: &Seen, own: &Seen) -> String {
    let gets = |seen: &Seen| {
        if seen.kind == Kind::Exchanged {
            "gets as far"
        } else {
            "does not"
        }
    };
    if own.kind == Kind::Exchanged {
        return format!(
            "accepted: a browser with the session that started gets to the token request; one without it {}; a made-up state {}",
            gets(stranger),
            gets(made_up)
        );
    }
    if own.is_like(made_up) {
        return "open: the org answers the right state in the right browser as it answers a made-up one; walk step 4 of a setup link once".to_owned();
    }
    format!(
        "open: the right state in the right browser is answered in its own way ({own}), but no token request is seen"
    )
}

/// How an authorization began.
enum Departure {
    /// The browser is sent to the authorize address, with this query.
    Left(Url),
    /// It is shown something else.
    Stayed(Seen),
    /// The org hands out no address that could be opened.
    NoAddress(String),
}

async fn depart(probing: &Probing<'_>, browser: &mut Browser<'_>) -> Result<Departure, CallFault> {
    let reply = probing.org.call("POST", AUTH_URL, Some(&principal())).await?;
    let address = reply.body["authenticationUrl"]
        .as_str()
        .and_then(|url| Url::parse(url).ok());
    let Some(address) = address else {
        return Ok(Departure::NoAddress(reply.brief()));
    };
    let authorize = probing.org.at(AUTHORIZE)?;
    let arrived = |to: &Url| to.origin() == authorize.origin() && to.path() == authorize.path();
    let Some(page) = browser.follow(&address, arrived).await? else {
        return Ok(Departure::NoAddress("not Salesforce's".to_owned()));
    };
    Ok(match page.location.clone().filter(arrived) {
        Some(away) => Departure::Left(away),
        None => Departure::Stayed(Seen::of(&page)),
    })
}

fn told(departure: &Departure) -> String {
    match departure {
        Departure::Left(_) => "sends it to the authorize address".to_owned(),
        Departure::Stayed(seen) => seen.to_string(),
        Departure::NoAddress(brief) => format!("no address to open ({brief})"),
    }
}

fn state(away: &Url) -> String {
    let found = away.query_pairs().find(|(name, _)| name == "state");
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The names of what goes along, never the values.
fn carried(away: &Url, callback: &Url) -> String {
    let names: Vec<String> = away.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let back = away.query_pairs().find(|(name, _)| name == "redirect_uri");
    let same = back.is_some_and(|(_, value)| value == callback.as_str());
    let relation = if same { "is" } else { "is not" };
    format!("{}; redirect_uri {relation} the callbackUrl", names.join(", "))
}

/// A browser with a session of the token's user, where the token may open one.
async fn log_in<'a>(probing: &mut Probing<'a>) -> Result<Option<Browser<'a>>, CallFault> {
    match probing.org.single_access(HOME).await? {
        Err(refused) => {
            let why = format!(
                "the access token may not open a browser's session ({}): it needs the scope web or full, which `sf org login web` gives",
                refused.brief()
            );
            probing.open(&RELAY, why);
            Ok(None)
        }
        Ok(door) => {
            let mut browser = Browser::stranger(probing.org);
            browser.follow(&door, |_| false).await?;
            probing.note(&SESSION, browser.cookies());
            Ok(Some(browser))
        }
    }
}

async fn arrive(browser: &mut Browser<'_>, callback: &Url, state: &str) -> Result<Seen, CallFault> {
    let mut url = callback.clone();
    url.query_pairs_mut()
        .append_pair("code", "connector-probe")
        .append_pair("state", state);
    let reply = browser.open(&url).await?;
    Ok(reply.as_ref().map_or_else(Seen::nothing, Seen::of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_along_is_named_and_not_shown() {
        let callback = Url::parse("https://acme.my.salesforce.com/services/authcallback/x").unwrap();
        let mut away =
            Url::parse("https://acme.my.salesforce.com/connector-probe/authorize?response_type=code&state=hidden")
                .unwrap();
        away.query_pairs_mut().append_pair("redirect_uri", callback.as_str());
        assert_eq!(
            carried(&away, &callback),
            "response_type, state, redirect_uri; redirect_uri is the callbackUrl"
        );
        assert_eq!(state(&away), "hidden");
    }
}
