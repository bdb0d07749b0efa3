//! Faults, as a client meets them (facts/akeneo 10.3).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use akeneo_simulator::{Fault, FaultKind, RetryAfterStyle};
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Harness, TOKEN, invalid_grant};

const TOKEN_PATH: &str = "/connect/apps/v1/oauth2/token";

#[tokio::test]
async fn reset_before_does_nothing_and_is_no_http_answer() {
    let pim = Harness::start().await;
    let form = pim.form(&pim.code("read_products").await);
    pim.control
        .add_fault(Fault::new(FaultKind::ResetBefore, TOKEN_PATH).times(1));
    let error = pim.client.post(pim.url(TOKEN)).form(&form).send().await.unwrap_err();
    assert!(error.status().is_none() && error.is_request(), "{error:?}");
    assert!(pim.control.state().live_tokens.is_empty());
    assert_eq!(pim.control.requests_to(TOKEN_PATH)[0].status, None);
    assert_eq!(pim.post_token(&form).await.0, StatusCode::OK, "one retry is enough");
}

#[tokio::test]
async fn the_lost_answer() {
    let pim = Harness::start().await;
    let form = pim.form(&pim.code("read_products").await);
    pim.control
        .add_fault(Fault::new(FaultKind::ResetAfter, TOKEN_PATH).times(1));
    let error = pim.client.post(pim.url(TOKEN)).form(&form).send().await.unwrap_err();
    assert!(error.status().is_none() && error.is_request(), "{error:?}");
    let token = pim.control.state().live_tokens[0].value.clone();
    assert_eq!(pim.control.requests_to(TOKEN_PATH)[0].status, Some(200));
    assert_eq!(pim.post_token(&form).await, invalid_grant("Code is not valid"));
    assert_eq!(
        pim.token("read_products").await,
        token,
        "authorizing again gives the same token"
    );
}

#[tokio::test]
async fn a_status_hits_as_often_as_told() {
    let pim = Harness::start().await;
    let token = pim.token("read_products").await;
    pim.control.add_fault(
        Fault {
            status: Some(502),
            ..Fault::new(FaultKind::Status, "/api/")
        }
        .times(2),
    );
    for expect in [502, 502, 200] {
        assert_eq!(pim.api(&token, "/products-uuid").await.0.as_u16(), expect);
    }
}

#[tokio::test]
async fn a_firewall_speaks_html_or_what_it_is_told() {
    let pim = Harness::start().await;
    let fault = Fault {
        status: Some(403),
        body: Some("<h1>Request blocked</h1>".to_owned()),
        headers: BTreeMap::from([("server".to_owned(), "gateway".to_owned())]),
        ..Fault::new(FaultKind::Status, "/api/")
    };
    pim.control.add_fault(fault);
    let response = pim.get("api/rest/v1/channels").await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(response.headers()["content-type"], "text/html; charset=UTF-8");
    assert_eq!(response.headers()["server"], "gateway");
    assert_eq!(response.text().await.unwrap(), "<h1>Request blocked</h1>");
    pim.control.clear_faults();
    assert_eq!(pim.get("api/rest/v1").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn rate_limits_with_every_kind_of_retry_after() {
    let pim = Harness::start().await;
    pim.control.add_fault(Fault {
        status: Some(429),
        ..Fault::new(FaultKind::Status, "/api/")
    });
    for (style, expect) in [
        (RetryAfterStyle::Seconds, "15"),
        (RetryAfterStyle::HttpDate, " GMT"),
        (RetryAfterStyle::Absent, ""),
    ] {
        pim.control.change_settings(|settings| settings.retry_after = style);
        let response = pim.get("api/rest/v1/channels").await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        let header = response
            .headers()
            .get("retry-after")
            .map(|value| value.to_str().unwrap());
        assert!(
            header.unwrap_or_default().ends_with(expect) && header.is_some() != expect.is_empty(),
            "{header:?}"
        );
        let message = "You have exceeded the limit of API requests per second.";
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body, json!({"code": 429, "message": message}));
    }
}

#[tokio::test]
async fn the_fifth_call_at_the_same_time_is_refused() {
    let pim = Harness::start().await;
    let token = pim.token("read_products").await;
    pim.control.add_fault(
        Fault {
            delay_ms: Some(400),
            ..Fault::new(FaultKind::Delay, "/api/")
        }
        .times(4),
    );
    let call = || pim.api(&token, "/products-uuid");
    let late = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        call().await
    };
    let (a, b, c, d, fifth) = tokio::join!(call(), call(), call(), call(), late);
    for (status, _) in [a, b, c, d] {
        assert_eq!(status, StatusCode::OK);
    }
    assert_eq!(fifth.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(call().await.0, StatusCode::OK, "afterwards there is room again");
}

#[tokio::test]
async fn a_delay_comes_after_the_work() {
    let pim = Harness::start().await;
    let form = pim.form(&pim.code("read_products").await);
    pim.control.add_fault(
        Fault {
            delay_ms: Some(5_000),
            ..Fault::new(FaultKind::Delay, TOKEN_PATH)
        }
        .times(1),
    );
    let request = pim
        .client
        .post(pim.url(TOKEN))
        .form(&form)
        .timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(pim.control.state().live_tokens.len(), 1);
}

#[tokio::test]
async fn an_answer_can_drip() {
    let pim = Harness::start().await;
    let fault = Fault {
        size: Some(40),
        delay_ms: Some(20),
        ..Fault::new(FaultKind::Drip, "/api/")
    };
    pim.control.add_fault(fault.times(1));
    let start = Instant::now();
    let text = pim.get("api/rest/v1/system-information").await.text().await.unwrap();
    assert!(text.contains("Serenity"), "the answer is whole");
    assert!(start.elapsed() >= Duration::from_millis(60), "{:?}", start.elapsed());
    let start = Instant::now();
    pim.get("api/rest/v1/system-information").await.text().await.unwrap();
    assert!(
        start.elapsed() < Duration::from_millis(60),
        "the next connection is fast again"
    );
}

#[tokio::test]
async fn an_answer_can_be_oversized() {
    let pim = Harness::start().await;
    pim.control.add_fault(
        Fault {
            size: Some(3_000_000),
            ..Fault::new(FaultKind::Oversized, "/api/")
        }
        .times(1),
    );
    let body = pim.get("api/rest/v1/system-information").await.bytes().await.unwrap();
    assert_eq!(body.len(), 3_000_000);
    assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
}
