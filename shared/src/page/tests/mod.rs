//! Every page at every point of the journey: sound HTML, nothing unescaped, no dead end, and the right words.

mod by_hand;
mod facts;
mod gallery;
mod liveness;
mod older_by_hand;
mod own_app;
mod picklists;
mod points;
mod soundness;
mod words;

use scraper::{ElementRef, Html, Selector};

use crate::connection::Connection;
use crate::page::journey;

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element
        .text()
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn main_text(page: &Html) -> String {
    text(select(page, "main")[0])
}

fn attributes<'a>(page: &'a Html, name: &'static str) -> Vec<&'a str> {
    select(page, "*")
        .into_iter()
        .filter_map(|element| element.value().attr(name))
        .collect()
}

fn all() -> Vec<(String, Html)> {
    gallery::pages()
        .into_iter()
        .map(|(name, page)| (name, Html::parse_document(&page.0)))
        .collect()
}

/// The journey page at a point.
fn at(name: &str) -> (Connection, Html) {
    let (_, connection) = points::points()
        .into_iter()
        .find(|(point, _)| point == name)
        .expect(name);
    let page = Html::parse_document(&journey(&gallery::view(&connection)).0);
    (connection, page)
}
