//! `/catalogs`: for apps only, each sees its own (facts/akeneo 7.1, 7.2).

use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::bearer::forbidden;
use super::listing::{self, Paging};
use super::route::{Entity, Listed};
use super::{Call, Caller};
use crate::answer::{self, Refusal};
use crate::catalog::Catalog;
use crate::dataset::Dataset;
use crate::settings::CatalogWording;
use crate::simulator::World;

/// What a call wants to do with catalogs.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Read,
    Edit,
    Remove,
}

/// `GET` and `POST /catalogs`.
pub(super) fn collection(world: &mut World, call: &Call<'_>, caller: &Caller) -> Result<Response, Refusal> {
    if *call.method == Method::POST {
        let owner = permitted(world, caller, Wish::Edit)?;
        let fields = fields(call)?;
        let name = fields
            .get("name")
            .and_then(Value::as_str)
            .filter(|name| !name.trim().is_empty());
        let name = name.ok_or_else(|| invalid("name", "This value should not be blank."))?;
        let catalog = Catalog::new(name, false, &owner);
        let body = catalog.to_json();
        world.pim.catalogs.push(catalog);
        return Ok(answer::json(StatusCode::CREATED, &body));
    }
    let owner = permitted(world, caller, Wish::Read)?;
    let own: Vec<Value> = world
        .pim
        .catalogs
        .iter()
        .filter(|catalog| catalog.owner == owner)
        .map(|own| shown(world, own))
        .collect();
    listing::list(call, Paging::pages(100), &own)
}

/// `GET`, `PATCH` and `DELETE /catalogs/{id}`.
pub(super) fn one(world: &mut World, call: &Call<'_>, caller: &Caller, id: &str) -> Result<Response, Refusal> {
    let wish = match call.method.as_str() {
        "PATCH" => Wish::Edit,
        "DELETE" => Wish::Remove,
        _ => Wish::Read,
    };
    let owner = permitted(world, caller, wish)?;
    let index = own_index(world, id, &owner)?;
    match wish {
        Wish::Read => {}
        Wish::Edit => {
            let fields = fields(call)?;
            if let (Some(catalog), Some(name)) = (
                world.pim.catalogs.get_mut(index),
                fields.get("name").and_then(Value::as_str),
            ) {
                name.clone_into(&mut catalog.name);
            }
        }
        Wish::Remove => {
            world.pim.catalogs.remove(index);
            return Ok(answer::no_content());
        }
    }
    Ok(answer::json(StatusCode::OK, &shown(world, &world.pim.catalogs[index])))
}

/// `GET /catalogs/{id}/product-uuids` and `/products`.
pub(super) fn products(
    world: &World,
    call: &Call<'_>,
    caller: &Caller,
    id: &str,
    listed: Listed,
) -> Result<Response, Refusal> {
    let owner = permitted(world, caller, Wish::Read)?;
    caller.may(world, "read_products", "list products")?;
    let catalog = &world.pim.catalogs[own_index(world, id, &owner)?];
    if !is_enabled(world, catalog) {
        return Ok(answer::json(
            StatusCode::OK,
            &json!({"error": catalog.disabled_message()}),
        ));
    }
    let products = Dataset::get().list(Entity::ProductsUuid.endpoint());
    let items: Vec<Value> = match listed {
        Listed::Uuids => products.iter().map(|product| product["uuid"].clone()).collect(),
        Listed::Products => products.to_vec(),
    };
    let here = json!({"href": format!("{}{}", call.base, call.path)});
    let body = json!({"_links": {"self": here, "first": here}, "_embedded": {"items": items}});
    Ok(answer::json(StatusCode::OK, &body))
}

/// The owner on whose behalf the call may do this.
fn permitted(world: &World, caller: &Caller, wish: Wish) -> Result<String, Refusal> {
    let documentation = world.settings.catalog_wording == CatalogWording::Documentation;
    let (scope, action) = match wish {
        Wish::Read if documentation => ("read_catalogs", "list catalogs"),
        Wish::Read => ("read_catalogs", "access app catalogs"),
        Wish::Edit if documentation => ("write_catalogs", "create or update catalogs"),
        Wish::Edit => ("write_catalogs", "edit app catalogs"),
        Wish::Remove if documentation => ("delete_catalogs", "delete catalogs"),
        Wish::Remove => ("delete_catalogs", "remove app catalogs"),
    };
    caller.may(world, scope, action)?;
    match caller {
        Caller::App(client_id) => Ok(client_id.clone()),
        Caller::Connection => Err(forbidden(action)),
    }
}

fn own_index(world: &World, id: &str, owner: &str) -> Result<usize, Refusal> {
    let own = |catalog: &Catalog| catalog.id == id && catalog.owner == owner;
    world.pim.catalogs.iter().position(own).ok_or_else(|| {
        let message = format!("Catalog \"{id}\" does not exist or you can't access it.");
        answer::envelope(StatusCode::NOT_FOUND, &message).into()
    })
}

/// Seeded catalogs are enabled unless the knob says otherwise.
fn is_enabled(world: &World, catalog: &Catalog) -> bool {
    catalog.enabled && !world.settings.catalogs_disabled
}

fn shown(world: &World, catalog: &Catalog) -> Value {
    Catalog {
        enabled: is_enabled(world, catalog),
        ..catalog.clone()
    }
    .to_json()
}

fn fields(call: &Call<'_>) -> Result<Value, Refusal> {
    let parsed: Result<Value, _> = serde_json::from_slice(call.body);
    parsed
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| answer::envelope(StatusCode::BAD_REQUEST, "Invalid json message received").into())
}

fn invalid(property: &str, message: &str) -> Refusal {
    let errors = [json!({"property": property, "message": message})];
    let body = json!({"code": 422, "message": "Validation failed.", "errors": errors});
    answer::json(StatusCode::UNPROCESSABLE_ENTITY, &body).into()
}
