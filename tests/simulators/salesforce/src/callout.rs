//! A callout through a Named Credential, made for real, with every check that Salesforce makes first: callouts enabled, access of the user
//! to the principal, a stored token (facts/salesforce 4.7, 6, 7).

use crate::org::Org;
use crate::org::external_credential::ExternalCredential;
use crate::org::named_credential::NamedCredential;
use crate::org::package::{Package, RECORD_NAME};
use crate::settings::LegacyCode;
use crate::world::{Shared, World};

/// A callout that may be made.
pub(crate) struct Callout {
    url: String,
    authorization: Option<String>,
}

/// Whose code calls out.
#[derive(Clone, Copy)]
pub(crate) enum Code<'a> {
    /// Anonymous Apex of an API session; it may send the session over a Named Credential without authorization.
    Anonymous(Option<&'a str>),
    /// The installed package's.
    Package(&'a Package),
}

/// Why there was no answer.
pub(crate) enum NoAnswer {
    /// The org made no callout; in Salesforce's words.
    NotSent(String),
    /// The host did not answer.
    Silent,
}

/// What the package's code calls its Named Credential: before 3.0 it is a record of the customer's (facts/salesforce 7).
fn name_in(package: &Package) -> String {
    if package.version.major < 3 {
        RECORD_NAME.to_owned()
    } else {
        format!("{}__{RECORD_NAME}", package.namespace)
    }
}

/// The package's code, run by a user, reads one channel from the PIM. Answers the PIM's status.
pub(crate) async fn transfer(sim: &Shared, username: Option<&str>) -> Result<u16, NoAnswer> {
    let prepared = {
        let world = sim.world();
        let none = |what: &str| NoAnswer::NotSent(format!("the org has no {what}"));
        let package = world.org.package.as_ref().ok_or_else(|| none("package"))?;
        let user = match username {
            Some(name) => world.org.user_named(name),
            None => world.org.administrator(),
        };
        let user = user
            .filter(|user| user.active)
            .ok_or_else(|| none("such active user"))?;
        let target = format!("{}/api/rest/v1/channels?limit=1", name_in(package));
        prepare(&world, &user.id, &target, Code::Package(package)).map_err(NoAnswer::NotSent)?
    };
    send(sim, &prepared).await
}

/// Makes it and reads the status.
pub(crate) async fn send(sim: &Shared, callout: &Callout) -> Result<u16, NoAnswer> {
    let http = sim.http().map_err(|_| NoAnswer::Silent)?;
    let mut request = http.get(&callout.url);
    if let Some(authorization) = &callout.authorization {
        request = request.header("Authorization", authorization);
    }
    let answer = request.send().await.map_err(|_| NoAnswer::Silent)?;
    Ok(answer.status().as_u16())
}

/// Checks whether `user` may call `target`, a Named Credential's name and a path.
pub(crate) fn prepare(world: &World, user: &str, target: &str, code: Code<'_>) -> Result<Callout, String> {
    let (name, path) = target.split_once('/').unwrap_or((target, ""));
    let refused = || {
        format!(
            "The callout couldn't access the endpoint. You might not have the required permissions, or the named credential \"{name}\" might not exist."
        )
    };
    let org = &world.org;
    let named = org.named_credential(name).ok_or_else(refused)?;
    if !named.metadata.enabled() || !may_use(world, named, code) {
        return Err(refused());
    }
    let base = named.metadata.url().unwrap_or_default().trim_end_matches('/');
    let url = format!("{base}/{path}");
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    let generated = named.metadata.generate_authorization_header == Some(true);
    if named.metadata.protocol.as_deref() == Some("NoAuthentication") {
        let Code::Anonymous(session) = code else {
            return Ok(Callout {
                url,
                authorization: None,
            });
        };
        let authorization = session.and_then(bearer);
        return Ok(Callout { url, authorization });
    }
    if named.metadata.kind() == "Legacy" {
        let token = org.legacy_tokens.get(&named.header.id);
        let token = token.ok_or("Unable to complete the authentication: the Named Credential is not authenticated.")?;
        let authorization = bearer(&token.access_token).filter(|_| generated);
        return Ok(Callout { url, authorization });
    }
    let linked = named.metadata.external_credential().unwrap_or_default();
    let hidden = || {
        format!(
            "We couldn't access the credential(s). You might not have the required permissions, or the external credential \"{linked}\" might not exist."
        )
    };
    let credential = org.external_credential(linked).ok_or_else(hidden)?;
    let mut principals = credential.metadata.principals();
    let principal = principals
        .find(|row| org.grants.may_call_out(user, &row.id))
        .ok_or_else(hidden)?;
    let authorization = if credential.metadata.authentication_protocol == "Custom" {
        custom_header(org, named, credential).ok_or_else(hidden)?
    } else {
        let token = org.principal_tokens.get(&principal.id).ok_or_else(hidden)?;
        bearer(&token.access_token)
    };
    Ok(Callout { url, authorization })
}

/// Whether this code may use this record: a managed one is hidden from anonymous Apex where the switch says so; a record of the customer's is
/// for the code of the packages that it names, but for a classic one, which the guide's Part D prescribes.
fn may_use(world: &World, named: &NamedCredential, code: Code<'_>) -> bool {
    let managed = named.header.namespace.as_deref();
    match code {
        Code::Anonymous(_) => managed.is_none() || world.settings.execute_anonymous_managed.accepts(),
        Code::Package(package) if managed == Some(package.namespace.as_str()) => true,
        Code::Package(_) if managed.is_some() => false,
        Code::Package(_) if named.metadata.kind() == "Legacy" => true,
        Code::Package(package) => {
            let mut allowed = named.metadata.rows("AllowedManagedPackageNamespaces");
            allowed.any(|row| row.parameter_value.as_deref() == Some(&package.namespace))
                && world.settings.legacy_custom_credential == LegacyCode::Works
        }
    }
}

/// The header that a Custom External Credential adds, its formula filled in where the Named Credential allows merge fields. `None`: a value that
/// it needs is not stored.
fn custom_header(org: &Org, named: &NamedCredential, credential: &ExternalCredential) -> Option<Option<String>> {
    let mut headers = credential.metadata.rows("AuthHeader");
    let Some(header) = headers.find(|row| row.parameter_name.eq_ignore_ascii_case("Authorization")) else {
        return Some(None);
    };
    let text = header.parameter_value.clone().unwrap_or_default();
    let formula = text.strip_prefix("{!").and_then(|rest| rest.strip_suffix('}'));
    match formula.filter(|_| named.metadata.allow_merge_fields_in_header == Some(true)) {
        None => Some(Some(text)),
        Some(formula) => merged(org, formula).map(Some),
    }
}

/// `'text' & $Credential.External.Value`: the two kinds of operands that such a header needs.
fn merged(org: &Org, formula: &str) -> Option<String> {
    formula
        .split('&')
        .map(|operand| {
            let operand = operand.trim();
            if let Some(text) = operand.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
                return Some(text.to_owned());
            }
            let (name, value) = operand.strip_prefix("$Credential.")?.split_once('.')?;
            let mut principals = org.external_credential(name)?.metadata.principals();
            principals.find_map(|row| Some(org.principal_values.get(&row.id)?.get(value)?.value.clone()))
        })
        .collect()
}
