//! The `state`: random, single-use, of one browser, one connection and fifteen minutes. Everything else makes no token request.

use std::sync::Arc;
use std::time::Duration;

use connector::clock::{SteppedClock, Timestamp};
use connector_local::browser::Page;
use connector_local::stack::Options;
use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;

use crate::journey::{BROWSER, Journey, says, second};
use crate::wire;

/// The code and the state of a callback.
fn parts(callback: &Url) -> (String, String) {
    let value = |name| {
        callback
            .query_pairs()
            .find(|(found, _)| found == name)
            .unwrap()
            .1
            .into_owned()
    };
    (value("code"), value("state"))
}

/// One button, and it restarts.
fn one_way_on(page: &Page, what: &str) {
    let buttons = page.html.matches(r#"class="button""#).count();
    assert_eq!(
        (buttons, page.html.matches(r#"class="button" href="/setup""#).count()),
        (1, 1),
        "{what}: {}",
        page.text()
    );
    assert!(page.html.contains("Reference: <code>"), "{what}");
}

impl Journey {
    async fn no_exchange(&mut self, callback: Url, what: &str, words: &[&str]) {
        let (page, location) = self.walk.browser.step(Method::GET, callback, None).await.unwrap();
        assert_eq!(page.status, 400, "{what}: {}", page.text());
        assert_eq!(location, None, "{what}");
        says(&page, words);
        one_way_on(&page, what);
        assert_eq!(self.token_requests(), 0, "{what}");
    }

    async fn still_works(&mut self, callback: Url) {
        let page = self.walk.browser.open(callback).await.unwrap();
        assert_eq!(page.url.path(), "/setup");
        assert_eq!(self.token_requests(), 1);
        assert_ne!(self.shown().await["akeneo"]["proven"], Value::Null);
    }
}

#[tokio::test]
async fn anything_but_one_code_and_one_state_is_refused_before_a_look_up() {
    let mut journey = Journey::begin().await;
    let good = journey.callback_in_hand().await;
    let (code, state) = parts(&good);
    let before = journey.shown().await;
    for query in [
        String::new(),
        format!("code={code}"),
        format!("state={state}"),
        format!("code=&state={state}"),
        format!("code={code}&state="),
        format!("code={code}&code={code}&state={state}"),
        format!("code={code}&state={state}&state={state}"),
        format!("code={code}&%63ode={code}&state={state}"),
        format!("code[]={code}&state={state}"),
        format!("code={code}&state[]={state}"),
        format!("code={code}&state={state}&error=access_denied"),
        format!("code={}&state={state}", "c".repeat(513)),
        format!("code={code}&state={}", "s".repeat(2049)),
        format!("code={code}&state={state}&x={}", "x".repeat(8192)),
        format!("code=%zz&state={state}"),
        format!("code={code}%4&state={state}"),
        format!("code=%ff%fe&state={state}"),
        format!("code=%00{code}&state={state}"),
        format!("code={code}&state={state}%0d%0aSet-Cookie:x=y"),
        format!("code={code}&state=%E2%80%AE{state}"),
    ] {
        let shortened: String = query.chars().take(60).collect();
        journey
            .no_exchange(
                journey.callback(&query),
                &shortened,
                &["The answer that your browser brought back is incomplete."],
            )
            .await;
    }
    assert_eq!(journey.shown().await, before, "none of them changed anything");
    journey.still_works(good).await;
}

#[tokio::test]
async fn a_state_that_is_not_this_browsers_for_this_connection_is_refused_and_not_burnt() {
    let mut journey = Journey::begin().await;
    let good = journey.callback_in_hand().await;
    let (code, state) = parts(&good);
    let again = ["Please start this step again", "Nothing was exchanged."];
    let mut tampered = state.clone();
    let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
    tampered.push(last);
    let unknown = format!("connector-setup.{}", "A".repeat(43));
    for (what, state) in [
        ("tampered", tampered.as_str()),
        ("unknown", &unknown),
        ("prefix", "connector-setup."),
        ("cut", &state[..30]),
    ] {
        journey
            .no_exchange(journey.callback(&format!("code={code}&state={state}")), what, &again)
            .await;
    }
    let (other, ..) = second(&journey.stack, &json!({ "customer": "Another" })).await;
    for path in [other.as_str(), &"0".repeat(20), "x"] {
        let elsewhere = journey.at(&format!("/akeneo/{path}/callback?{}", good.query().unwrap()));
        journey.no_exchange(elsewhere, path, &again).await;
    }
    let mut stranger = journey.somebody_else();
    let page = stranger.browser.open(good.clone()).await.unwrap();
    assert_eq!(page.status, 400, "another browser");
    let mut bare = journey.walk.browser.clone();
    bare.forget(&journey.stack.url, BROWSER);
    let page = bare.open(good.clone()).await.unwrap();
    assert_eq!(page.status, 400, "no cookie");
    let planted = [("cookie", "__Host-browser=planted")];
    assert_eq!(
        wire::send(Method::GET, good.clone(), &planted, "").await.status,
        400,
        "another browser's cookie"
    );
    let twice = format!(
        "{BROWSER}={}; {BROWSER}=planted",
        journey.walk.browser.cookie(&journey.stack.url, BROWSER).unwrap()
    );
    assert_eq!(
        wire::send(Method::GET, good.clone(), &[("cookie", &twice)], "")
            .await
            .status,
        400,
        "two cookies"
    );
    let head = wire::send(Method::HEAD, good.clone(), &[], "").await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""), "a scanner");
    let posted = wire::send(Method::POST, good.clone(), &[], "").await;
    assert_eq!((posted.status.as_u16(), posted.header("allow")), (405, "GET, HEAD"));
    assert_eq!(journey.token_requests(), 0);
    journey.still_works(good).await;
}

#[tokio::test]
async fn a_state_of_the_pims_leg_is_worth_nothing_at_salesforces_callback() {
    let mut journey = Journey::begin().await;
    let good = journey.callback_in_hand().await;
    let before = journey.stack.org.control().requests().len();
    journey
        .no_exchange(
            journey.at(&format!("/salesforce/callback?{}", good.query().unwrap())),
            "other leg",
            &[],
        )
        .await;
    assert_eq!(
        journey.stack.org.control().requests().len(),
        before,
        "nor was Salesforce asked"
    );
    journey.still_works(good).await;
}

#[tokio::test]
async fn a_foreign_state_is_not_relayed_where_no_org_is_connected() {
    let mut journey = Journey::begin().await;
    let words = ["This authorization was not started here", "Nothing was exchanged."];
    journey
        .no_exchange(journey.callback("code=abc&state=somebody-elses"), "foreign", &words)
        .await;
}

#[tokio::test]
async fn a_state_ends_after_fifteen_minutes() {
    let clock = SteppedClock::at("2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap());
    let options = Options {
        clock: Some(Arc::new(clock.clone())),
        ..Options::default()
    };
    let mut journey = Journey::with(options, &json!({ "customer": "Acme" })).await;
    let late = journey.callback_in_hand().await;
    clock.advance(Duration::from_secs(1));
    let in_time = journey.silent_callback().await;
    clock.advance(Duration::from_secs(15 * 60 - 1));
    journey
        .no_exchange(late, "late", &["took longer than 15 minutes"])
        .await;
    journey.still_works(in_time).await;
}

#[tokio::test]
async fn a_callback_that_is_opened_again_shows_the_stored_result() {
    let mut journey = Journey::begin().await;
    let good = journey.callback_in_hand().await;
    journey.still_works(good.clone()).await;
    let before = journey.shown().await["akeneo"].clone();
    for _ in 0..3 {
        let page = journey.walk.browser.open(good.clone()).await.unwrap();
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/setup"));
        assert!(page.text().contains("permissions granted"), "{}", page.text());
    }
    let mut stranger = journey.somebody_else();
    assert_eq!(stranger.browser.open(good).await.unwrap().status, 400);
    assert_eq!(journey.token_requests(), 1);
    assert_eq!(journey.shown().await["akeneo"], before);
}

#[tokio::test]
async fn of_twenty_at_once_exactly_one_exchanges() {
    let mut journey = Journey::begin().await;
    let good = journey.callback_in_hand().await;
    let mut all = JoinSet::new();
    for number in 0..20 {
        let mut browser = if number % 5 == 4 {
            journey.somebody_else().browser
        } else {
            journey.walk.browser.clone()
        };
        let good = good.clone();
        all.spawn(async move { browser.step(Method::GET, good, None).await.unwrap() });
    }
    let answers = all.join_all().await;
    let to_setup = |location: &Option<Url>| location.as_ref().is_some_and(|location| location.path() == "/setup");
    let led_on = answers
        .iter()
        .filter(|(page, location)| page.status == 303 && to_setup(location))
        .count();
    let refused = answers.iter().filter(|(page, _)| page.status == 400).count();
    assert_eq!((led_on, refused), (16, 4), "{answers:?}");
    assert_eq!(journey.token_requests(), 1);
    assert_eq!(journey.tokens().len(), 1);
    let shown = journey.shown().await;
    assert_eq!(shown["akeneo"]["fault"], Value::Null);
    assert_ne!(shown["akeneo"]["proven"], Value::Null);
}
