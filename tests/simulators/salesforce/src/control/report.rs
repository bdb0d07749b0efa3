//! The state as JSON, for tests that look behind the scenes.
//!
//! Client secrets appear only as SHA-256. The principal's access token, and the values of a Custom one, appear as they are, so that a test can
//! prove which token Salesforce uses.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::org::Org;
use crate::org::external_credential::{ExternalCredential, Row};
use crate::world::{Shared, World};

pub(super) fn report(sim: &Shared) -> Value {
    let world = sim.world();
    let org = &world.org;
    let version = |package: &crate::org::package::Package| {
        json!({
            "namespace": package.namespace, "package_id": package.package_id, "version_id": package.version_id,
            "version": package.version.to_string(), "major": package.version.major, "minor": package.version.minor,
            "patch": package.version.patch,
        })
    };
    json!({
        "preset": world.preset.name(),
        "now_ms": sim.clock.now(),
        "org": { "id": org.id, "name": org.name, "instance_name": org.instance_name, "is_sandbox": org.is_sandbox, "refreshes": org.refreshes },
        "package": org.package.as_ref().map(version),
        "users": users(org),
        "named_credentials": named_credentials(org),
        "external_credentials": external_credentials(org),
        "external_auth_identity_providers": providers(sim, &world),
        "principals": org.external_credentials.iter().flat_map(|credential| principals(org, credential)).collect::<Vec<_>>(),
        "deploys": crate::deploy::reported(&world.deploys),
        "auth_providers": crate::legacy::reported::providers(org),
        "plugin_records": crate::legacy::reported::records(org),
        "legacy_tokens": crate::legacy::reported::tokens(org),
        "permission_sets": permission_sets(org),
        "setup_entity_access": access(org),
        "object_permissions": objects(org),
        "permission_set_assignments": assignments(org),
        "oauth": oauth(&world),
        "client_apps": crate::client_app::reported::apps(org),
        "shows_consumer_secrets": org.shows_consumer_secrets == (true, true),
        "api_usage": { "used": org.api_usage.used, "max": world.settings.api_requests_max },
    })
}

fn users(org: &Org) -> Vec<Value> {
    let rows = org.users.iter();
    rows.map(|user| json!({ "id": user.id, "username": user.username, "active": user.active, "permissions": user.permissions })).collect()
}

fn named_credentials(org: &Org) -> Vec<Value> {
    org.named_credentials
        .iter()
        .map(|record| {
            json!({
                "id": record.header.id, "full_name": record.header.full_name(), "namespace": record.header.namespace,
                "url": record.metadata.url(), "callout_status": record.metadata.callout_status,
                "external_credential": record.metadata.external_credential(), "metadata": record.metadata,
            })
        })
        .collect()
}

fn external_credentials(org: &Org) -> Vec<Value> {
    org.external_credentials
        .iter()
        .map(|record| {
            json!({
                "id": record.header.id, "full_name": record.header.full_name(), "namespace": record.header.namespace,
                "identity_provider": record.metadata.provider_name(), "metadata": record.metadata,
            })
        })
        .collect()
}

fn providers(sim: &Shared, world: &World) -> Vec<Value> {
    world
        .org
        .identity_providers
        .iter()
        .map(|record| {
            let rows = record.metadata.external_auth_identity_provider_parameters.iter().map(|row| {
                json!({
                    "id": row.id, "type": row.parameter_type, "name": row.parameter_name, "value": row.parameter_value,
                    "sequence_number": row.sequence_number, "packaged": row.packaged,
                })
            });
            let credentials = record.credentials.as_ref().map(|credentials| {
                let digest = hex::encode(Sha256::digest(&credentials.client_secret));
                json!({ "client_id": credentials.client_id, "client_secret_sha256": digest })
            });
            json!({
                "id": record.header.id, "full_name": record.header.full_name(), "namespace": record.header.namespace,
                "callback_url": sim.callback_url(world, record), "authorize_url": record.metadata.value("AuthorizeUrl"),
                "token_url": record.metadata.value("TokenUrl"), "parameters": rows.collect::<Vec<_>>(), "credentials": credentials,
            })
        })
        .collect()
}

fn principals(org: &Org, credential: &ExternalCredential) -> Vec<Value> {
    let one = |row: &Row| {
        let token = org.principal_tokens.get(&row.id);
        let custom = credential.metadata.authentication_protocol == "Custom";
        let values = org
            .principal_values
            .get(&row.id)
            .filter(|_| custom)
            .into_iter()
            .flatten();
        let values: Map<String, Value> = values
            .map(|(name, stored)| (name.clone(), json!(stored.value)))
            .collect();
        json!({
            "id": row.id, "name": row.parameter_name, "type": row.parameter_type,
            "external_credential": credential.header.full_name(),
            "status": crate::connect::external_credential::principal_status(org, credential, row),
            "access_token": token.map(|token| &token.access_token), "scope": token.and_then(|token| token.scope.as_ref()),
            "obtained_ms": token.map(|token| token.obtained), "values": values,
        })
    };
    credential.metadata.principals().map(one).collect()
}

fn permission_sets(org: &Org) -> Vec<Value> {
    let rows = org.grants.permission_sets.iter();
    rows.map(|set| json!({ "id": set.id, "name": set.name, "label": set.label, "namespace": set.namespace }))
        .collect()
}

fn access(org: &Org) -> Vec<Value> {
    let rows = org.grants.setup_entity_access.iter();
    rows.map(|row| json!({ "id": row.id, "parent_id": row.parent, "setup_entity_id": row.entity }))
        .collect()
}

fn objects(org: &Org) -> Vec<Value> {
    let rows = org.grants.object_permissions.iter();
    rows.map(|row| json!({ "id": row.id, "parent_id": row.parent, "sobject_type": row.object, "read": row.flags.read }))
        .collect()
}

fn assignments(org: &Org) -> Vec<Value> {
    org.grants
        .assignments
        .iter()
        .map(|row| {
            let username = org.user(&row.assignee).map(|user| &user.username);
            json!({ "id": row.id, "assignee_id": row.assignee, "username": username, "permission_set_id": row.permission_set })
        })
        .collect()
}

fn oauth(world: &World) -> Value {
    let clients: Vec<Value> = world
        .oauth
        .clients
        .iter()
        .map(|client| json!({ "client_id": client.client_id, "redirect_uris": client.redirect_uris }))
        .collect();
    let families: Vec<Value> = world
        .oauth
        .families
        .iter()
        .map(|family| {
            let sessions = world.oauth.sessions.values().filter(|session| session.family == Some(family.id)).count();
            json!({
                "id": family.id, "client_id": family.client_id, "user_id": family.user_id, "scope": family.scope.join(" "),
                "revoked": family.revoked, "generation": family.spent.len(), "sessions": sessions, "last_used_ms": family.last_used,
                "refresh_token_sha256": hex::encode(Sha256::digest(&family.current)),
            })
        })
        .collect();
    json!({ "clients": clients, "refresh_families": families, "sessions": world.oauth.sessions.len() })
}
