//! The package installation page behind the install link (facts/salesforce 9).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::html::{escape, page};
use super::session::require_person;
use crate::form::Fields;
use crate::org::package::Version;
use crate::world::Shared;

/// A package version id. The simulator cannot know which ids Akeneo publishes, so every well-formed one brings the version of the settings.
fn version_id(text: Option<&str>) -> Option<&str> {
    text.filter(|id| {
        id.starts_with("04t") && matches!(id.len(), 15 | 18) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn unknown_version() -> Response {
    let body = "<h1>This app can&#39;t be installed.</h1><p class=\"error\">The requested package doesn&#39;t yet exist or has been deleted.</p>";
    (StatusCode::NOT_FOUND, page("Package Installation Error", body)).into_response()
}

/// GET `/packaging/installPackage.apexp?p0=04t…`.
pub(crate) async fn show(
    State(sim): State<Shared>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let mut world = sim.world();
    if let Err(login) = require_person(&sim, &mut world, Some(&headers), &uri.to_string(), None) {
        return login;
    }
    let Some(id) = version_id(fields.get("p0")) else {
        return unknown_version();
    };
    let body = format!(
        "<h1>Install Akeneo PIM for Salesforce</h1><p>Version {}</p>\
         <form method=\"post\" action=\"/packaging/installPackage.apexp\"><input type=\"hidden\" name=\"p0\" value=\"{}\">\
         <p>Install for Admins Only</p><button type=\"submit\" class=\"primary\">Install</button></form>",
        escape(&world.settings.package_version),
        escape(id)
    );
    page("Install Package", &body).into_response()
}

/// POST: the button "Install".
pub(crate) async fn submit(State(sim): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = Fields::parse(&body);
    let mut world = sim.world();
    let person = match require_person(
        &sim,
        &mut world,
        Some(&headers),
        "/packaging/installPackage.apexp",
        None,
    ) {
        Ok(person) => person,
        Err(login) => return login,
    };
    let may = world
        .org
        .user(&person.user_id)
        .is_some_and(|user| user.permissions.install_packages);
    if !may {
        let body =
            "<h1>Insufficient Privileges</h1><p class=\"error\">You do not have permission to install packages.</p>";
        return (StatusCode::FORBIDDEN, page("Insufficient Privileges", body)).into_response();
    }
    let (Some(id), Some(version)) = (
        version_id(fields.get("p0")),
        Version::parse(&world.settings.package_version),
    ) else {
        return unknown_version();
    };
    let settings = world.settings.clone();
    world.org.install(version, id, &settings, sim.clock.now());
    let body = "<h1>Installation Complete!</h1><p>Akeneo PIM for Salesforce is installed. You will also receive an email.</p>\
                <p><a href=\"/lightning/setup/SetupOneHome/home\">Done</a></p>";
    page("Installation Complete", body).into_response()
}
