//! Reading one record by id, over either API (facts/salesforce 2.4).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::gate::Caller;
use crate::refusal::{Refusal, json_answer};
use crate::soql::{self, Api};
use crate::world::Shared;

/// The parts of a record's address.
#[derive(Debug, Deserialize)]
pub(crate) struct Address {
    pub(crate) object: String,
    pub(crate) id: String,
}

fn read(sim: &Shared, caller: &Caller, address: &Address, api: Api) -> Result<Response, Refusal> {
    let world = sim.world();
    let record = soql::record(&address.object, &address.id, api, &world, caller)?;
    Ok(json_answer(StatusCode::OK, &record))
}

/// GET `sobjects/{object}/{id}`.
pub(crate) async fn data(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<Address>,
) -> Result<Response, Refusal> {
    read(&sim, &caller, &address, Api::Data)
}

/// GET `tooling/sobjects/{object}/{id}`.
pub(crate) async fn tooling(
    State(sim): State<Shared>,
    caller: Caller,
    Path(address): Path<Address>,
) -> Result<Response, Refusal> {
    read(&sim, &caller, &address, Api::Tooling)
}
