//! The REST API below `/api/rest/v1`: routing, authentication, permissions (facts/akeneo 7).
//!
//! Order: hosting knobs, route, method, token, Accept, web API access, permission, content.

mod bearer;
mod catalogs;
mod listing;
mod route;
mod test_apps;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{ACCEPT, ALLOW};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::answer::{self, Refusal};
use crate::dataset::Dataset;
use crate::simulator::{Simulator, World};

pub(crate) use bearer::{Caller, authenticate, bearer_of};
use route::{Entity, Resource};

/// A request to the API, taken apart.
struct Call<'a> {
    method: &'a Method,
    path: &'a str,
    query: &'a str,
    body: &'a [u8],
    /// What the PIM believes its address is.
    base: &'a str,
}

/// Serves everything below `/api`.
pub(crate) async fn serve(
    State(simulator): State<Simulator>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = simulator.world();
    if world.settings.api_redirects_to_login {
        return answer::redirect("/user/login");
    }
    let (base, path) = (&*simulator.pim_url, uri.path());
    let Some(resource) = Resource::of(path, world.settings.catalogs) else {
        return answer::envelope(
            StatusCode::NOT_FOUND,
            &format!("No route found for \"{method} {base}{path}\""),
        );
    };
    let allowed = resource.methods();
    if !allowed.contains(&method.as_str()) {
        let allowed = allowed.join(", ");
        let message = format!("No route found for '{method} {base}{path}': Method Not Allowed (Allow: {allowed})");
        return answer::with_header(
            answer::envelope(StatusCode::METHOD_NOT_ALLOWED, &message),
            ALLOW,
            &allowed,
        );
    }
    let call = Call {
        method: &method,
        path,
        query: uri.query().unwrap_or_default(),
        body: &body,
        base,
    };
    admit(&mut world, &call, resource, &headers).unwrap_or_else(Refusal::into_response)
}

/// Lets a call to a known route in: some need no token, the others need one, and its role needs web API access.
fn admit(world: &mut World, call: &Call<'_>, resource: Resource<'_>, headers: &HeaderMap) -> Result<Response, Refusal> {
    match resource {
        Resource::Root => return Ok(endpoints(call.base)),
        Resource::SystemInformation if !world.settings.system_information_needs_token => {
            return acceptable(headers).map(|()| system_information(world));
        }
        _ => {}
    }
    let caller = authenticate(world, headers)?;
    acceptable(headers)?;
    if !world.settings.web_api_access && caller != Caller::Connection {
        return Err(answer::envelope(StatusCode::FORBIDDEN, "You are not allowed to access the web API.").into());
    }
    respond(world, call, &caller, resource)
}

fn respond(world: &mut World, call: &Call<'_>, caller: &Caller, resource: Resource<'_>) -> Result<Response, Refusal> {
    match resource {
        Resource::Root => Ok(endpoints(call.base)),
        Resource::SystemInformation => Ok(system_information(world)),
        Resource::List(entity) => {
            caller.may(world, entity.scope(), &format!("list {}", entity.plural()))?;
            listing::list(call, entity.paging(), Dataset::get().list(entity.endpoint()))
        }
        Resource::Item(entity, code) => {
            caller.may(world, entity.scope(), &format!("list {}", entity.plural()))?;
            let item = Dataset::get().item(entity.endpoint(), entity.key(), code);
            item.map(|item| answer::json(StatusCode::OK, item))
                .ok_or_else(|| missing(&entity.missing(code)))
        }
        Resource::Options(attribute) => options(world, call, caller, attribute),
        Resource::Option(attribute, code) => {
            let list = readable_options(world, caller, attribute)?;
            let item = list.iter().find(|item| item["code"] == code);
            item.map(|item| answer::json(StatusCode::OK, item)).ok_or_else(|| {
                missing(&format!(
                    "Attribute option \"{code}\" does not exist or is not an option of the attribute \"{attribute}\"."
                ))
            })
        }
        Resource::Catalogs => catalogs::collection(world, call, caller),
        Resource::Catalog(id) => catalogs::one(world, call, caller, id),
        Resource::CatalogProducts(id, listed) => catalogs::products(world, call, caller, id, listed),
        Resource::TestApps => test_apps::collection(world, call, caller),
        Resource::TestApp(client_id) => test_apps::one(world, caller, client_id),
    }
}

fn options(world: &World, call: &Call<'_>, caller: &Caller, attribute: &str) -> Result<Response, Refusal> {
    let list = readable_options(world, caller, attribute)?;
    listing::list(call, listing::Paging::pages(10), list)
}

/// The options of an attribute; whether 403 or 404 speaks first is a knob (facts/akeneo 7.1, INFERRED).
fn readable_options(world: &World, caller: &Caller, attribute: &str) -> Result<&'static [serde_json::Value], Refusal> {
    let permission = || caller.may(world, "read_attribute_options", "list attribute options");
    let lookup = || {
        if let Some(list) = Dataset::get().options(attribute) {
            return Ok(list);
        }
        Err(missing(
            &match Dataset::get().item(Entity::Attributes.endpoint(), "code", attribute) {
                None => Entity::Attributes.missing(attribute),
                Some(_) => format!(
                    "Attribute \"{attribute}\" does not support options. Only attributes of type \"pim_catalog_simpleselect\", \
                 \"pim_catalog_multiselect\" support options."
                ),
            },
        ))
    };
    if world.settings.options_acl_before_lookup {
        permission()?;
        lookup()
    } else {
        let list = lookup()?;
        permission()?;
        Ok(list)
    }
}

fn missing(message: &str) -> Refusal {
    answer::envelope(StatusCode::NOT_FOUND, message).into()
}

fn system_information(world: &World) -> Response {
    let (version, edition) = (&world.settings.version, &world.settings.edition);
    answer::json_text(
        StatusCode::OK,
        format!("{{\"version\":{},\"edition\":{}}}", json!(version), json!(edition)),
    )
}

/// The unauthenticated list of endpoints (facts/akeneo 7.1).
fn endpoints(base: &str) -> Response {
    let routes: serde_json::Map<String, serde_json::Value> = Entity::ALL
        .iter()
        .map(|entity| {
            let endpoint = entity.endpoint();
            let name = format!("pim_api_{}_list", endpoint.replace('-', "_"));
            (
                name,
                json!({"route": format!("/api/rest/v1/{endpoint}"), "methods": ["GET"]}),
            )
        })
        .collect();
    let token = json!({"fos_oauth_server_token": {"route": "/api/oauth/v1/token", "methods": ["POST"]}});
    answer::json(
        StatusCode::OK,
        &json!({"host": base, "authentication": token, "routes": routes}),
    )
}

/// 406 for an Accept header that leaves no room for JSON (facts/akeneo 7.3).
fn acceptable(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(accept) = headers.get(ACCEPT) else {
        return Ok(());
    };
    let accept = String::from_utf8_lossy(accept.as_bytes());
    let fits = |range: &str| {
        let media = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(media.as_str(), "" | "*/*" | "application/*" | "application/json")
    };
    if accept.split(',').any(fits) {
        return Ok(());
    }
    let message = format!("‘{accept}’ in ‘Accept‘ header is not valid. Only ‘application/json‘ is allowed.");
    Err(answer::envelope(StatusCode::NOT_ACCEPTABLE, &message).into())
}
