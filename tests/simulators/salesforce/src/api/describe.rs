//! What the API says about itself: versions and limits (facts/salesforce 10.4).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::gate::Caller;
use crate::refusal::{Refusal, json_answer};
use crate::world::Shared;

/// `Spring '26` for version 66: three releases a year.
fn label(version: u32) -> String {
    let (season, year) = match version % 3 {
        0 => ("Spring", version / 3 + 4),
        1 => ("Summer", version / 3 + 4),
        _ => ("Winter", version / 3 + 5),
    };
    format!("{season} '{year:02}")
}

/// GET `/services/data/`; the one resource that needs no session.
pub(crate) async fn versions(State(sim): State<Shared>) -> Response {
    let world = sim.world();
    let list: Vec<Value> = (world.settings.version_min..=world.settings.version_max)
        .map(|version| {
            json!({ "label": label(version), "url": format!("/services/data/v{version}.0"), "version": format!("{version}.0") })
        })
        .collect();
    json_answer(StatusCode::OK, &Value::Array(list))
}

/// GET `limits`.
pub(crate) async fn limits(State(sim): State<Shared>, caller: Caller) -> Result<Response, Refusal> {
    let world = sim.world();
    caller.needs(caller.permissions.view_setup, &world.settings)?;
    let max = world.settings.api_requests_max;
    let remaining = max.saturating_sub(world.org.api_usage.used);
    let body = json!({
        "DailyApiRequests": { "Max": max, "Remaining": remaining },
        "DailyAsyncApexExecutions": { "Max": 250_000, "Remaining": 250_000 },
        "HourlyODataCallout": { "Max": 1000, "Remaining": 1000 },
    });
    Ok(json_answer(StatusCode::OK, &body))
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_follow_the_release_calendar() {
        for (version, expected) in [
            (66, "Spring '26"),
            (67, "Summer '26"),
            (65, "Winter '26"),
            (58, "Summer '23"),
        ] {
            assert_eq!(label(version), expected);
        }
    }
}
