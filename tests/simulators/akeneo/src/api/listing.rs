//! Lists: pages, search_after, links, limits (facts/akeneo 7.2).

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Call;
use crate::answer::{self, Refusal};

/// How a list can be paged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paging {
    default_limit: usize,
    /// The field that search_after continues from.
    cursor: Option<&'static str>,
}

impl Paging {
    /// By page number.
    pub(super) fn pages(default_limit: usize) -> Self {
        Self {
            default_limit,
            cursor: None,
        }
    }

    /// Also by `pagination_type=search_after`.
    pub(super) fn or_search_after(self, key: &'static str) -> Self {
        Self {
            cursor: Some(key),
            ..self
        }
    }
}

/// Answers one page of the items.
pub(super) fn list(call: &Call<'_>, paging: Paging, items: &[Value]) -> Result<Response, Refusal> {
    let value = |name: &str| {
        form_urlencoded::parse(call.query.as_bytes())
            .filter(|(known, _)| known == name)
            .last()
            .map(|(_, value)| value)
    };
    let limit = positive(value("limit").as_deref(), paging.default_limit, "limit")?;
    if limit > 100 {
        return Err(unprocessable("You cannot request more than 100 items."));
    }
    let link = |rest: String| json!({"href": format!("{}{}?{rest}", call.base, call.path)});
    let mut links = Map::new();
    match paging
        .cursor
        .filter(|_| value("pagination_type").as_deref() == Some("search_after"))
    {
        Some(key) => {
            let after = value("search_after");
            let start = after.as_deref().map_or(0, |after| {
                items
                    .iter()
                    .position(|item| item[key] == after)
                    .map_or(items.len(), |index| index + 1)
            });
            let page = window(items, start, limit);
            let common = format!("pagination_type=search_after&limit={limit}");
            let own = after.map_or(common.clone(), |after| format!("{common}&search_after={after}"));
            links.insert("self".to_owned(), link(own));
            links.insert("first".to_owned(), link(common.clone()));
            if let (true, Some(last)) = (start + limit < items.len(), page.last()) {
                let last = last[key].as_str().unwrap_or_default();
                links.insert("next".to_owned(), link(format!("{common}&search_after={last}")));
            }
            Ok(answer::json(
                StatusCode::OK,
                &json!({"_links": links, "_embedded": {"items": page}}),
            ))
        }
        None => {
            let page = positive(value("page").as_deref(), 1, "page")?;
            let start = (page - 1).saturating_mul(limit);
            let of = |number: usize| link(format!("page={number}&limit={limit}"));
            links.insert("self".to_owned(), of(page));
            links.insert("first".to_owned(), of(1));
            if page > 1 {
                links.insert("previous".to_owned(), of(page - 1));
            }
            if start.saturating_add(limit) < items.len() {
                links.insert("next".to_owned(), of(page + 1));
            }
            let items = window(items, start, limit);
            let body = json!({"_links": links, "current_page": page, "_embedded": {"items": items}});
            Ok(answer::json(StatusCode::OK, &body))
        }
    }
}

fn window(items: &[Value], start: usize, limit: usize) -> &[Value] {
    let start = start.min(items.len());
    &items[start..start.saturating_add(limit).min(items.len())]
}

fn positive(text: Option<&str>, default: usize, name: &str) -> Result<usize, Refusal> {
    let Some(text) = text else { return Ok(default) };
    let number = text.parse().ok().filter(|number| *number >= 1);
    number.ok_or_else(|| unprocessable(&format!("\"{text}\" is not a valid {name} number.")))
}

fn unprocessable(message: &str) -> Refusal {
    answer::envelope(StatusCode::UNPROCESSABLE_ENTITY, message).into()
}
