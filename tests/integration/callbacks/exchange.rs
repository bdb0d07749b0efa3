//! The exchange inside the callback: one retry after a setback, a deadline, and a silent way on when the code is lost.

use std::time::Duration;

use akeneo_simulator::{Fault, FaultKind};
use connector::clock::Deadline;
use connector_local::browser::Page;
use serde_json::Value;

use crate::journey::{Journey, TOKEN, says};

impl Journey {
    /// Brings the callback back while the token endpoint has this fault.
    async fn exchange_with(&mut self, fault: Fault) -> Page {
        let callback = self.callback_in_hand().await;
        self.stack.pim.control().add_fault(fault);
        self.walk.browser.open(callback).await.unwrap()
    }

    async fn is_proven(&self) -> bool {
        self.shown().await["akeneo"]["proven"] != Value::Null
    }

    /// Nothing is typed again, nobody is asked again.
    async fn goes_on_silently(&mut self) {
        self.stack.pim.control().clear_faults();
        let shown = self.stack.pim.control().state().consents;
        let page = self.walk.authorize_again().await.unwrap();
        assert_eq!(page.url.path(), "/setup", "{}", page.text());
        assert!(self.is_proven().await, "{}", page.text());
        assert_eq!(self.shown().await["akeneo"]["fault"], Value::Null);
        assert_eq!(self.stack.pim.control().state().consents, shown);
        assert_eq!(self.tokens().len(), 1);
    }
}

fn status(status: u16) -> Fault {
    Fault {
        status: Some(status),
        ..Fault::new(FaultKind::Status, TOKEN)
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_once_more_and_then_authorized_again_in_silence() {
    let mut journey = Journey::begin().await;
    let page = journey
        .exchange_with(Fault::new(FaultKind::ResetAfter, TOKEN).times(1))
        .await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/setup"));
    assert!(journey.is_proven().await, "{}", page.text());
    assert_eq!(journey.shown().await["akeneo"]["fault"], Value::Null);
    let statuses: Vec<_> = journey
        .stack
        .pim
        .control()
        .requests_to(TOKEN)
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(
        statuses,
        [Some(200), Some(400), Some(200)],
        "lost, retried with the used code, and a code of a silent trip"
    );
    assert_eq!(journey.tokens().len(), 1, "it is the token whose answer was lost");
    assert_eq!(journey.stack.pim.control().state().consents.shown, 1);
    let trips = journey
        .walk
        .browser
        .trail
        .iter()
        .filter(|url| url.path() == "/connect/apps/v1/authorize")
        .count();
    assert_eq!(trips, 1);
}

#[tokio::test]
async fn a_setback_that_passes_is_not_noticed() {
    for fault in [
        Fault::new(FaultKind::ResetBefore, TOKEN),
        Fault {
            headers: [("Retry-After".to_owned(), "1".to_owned())].into(),
            ..status(429)
        },
        status(502),
        status(503),
    ] {
        let mut journey = Journey::begin().await;
        let page = journey.exchange_with(fault.clone().times(1)).await;
        assert_eq!(page.url.path(), "/setup");
        assert!(journey.is_proven().await, "{fault:?}: {}", page.text());
        assert_eq!(journey.token_requests(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_pim_that_stays_away_is_named_and_nothing_is_lost() {
    let page_of_a_gateway = Fault {
        body: Some("<h1>Bad gateway</h1>".to_owned()),
        ..status(502)
    };
    let kinds = [
        status(429),
        page_of_a_gateway,
        Fault::new(FaultKind::ResetBefore, TOKEN),
    ];
    for (fault, most) in kinds.into_iter().zip([1, 2, 2]) {
        let mut journey = Journey::begin().await;
        let page = journey.exchange_with(fault.clone()).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/setup"));
        says(
            &page,
            &[
                "Akeneo PIM could not be reached, or it is too busy.",
                "What you entered is kept.",
            ],
        );
        assert!(!page.html.contains("Bad gateway"));
        assert_eq!(journey.token_requests(), most, "{fault:?}");
        journey.goes_on_silently().await;
    }
}

#[tokio::test]
async fn what_is_not_a_pims_answer_is_never_taken_for_a_token() {
    let login_page = Fault {
        status: Some(200),
        body: Some("<form>Log in</form>".to_owned()),
        ..Fault::new(FaultKind::Status, TOKEN)
    };
    let mac = r#"{"access_token":"x","token_type":"mac","scope":""}"#;
    let other_type = Fault {
        body: Some(mac.to_owned()),
        content_type: Some("application/json".to_owned()),
        ..login_page.clone()
    };
    for fault in [login_page, other_type, Fault::new(FaultKind::Oversized, TOKEN)] {
        let mut journey = Journey::begin().await;
        let page = journey.exchange_with(fault.clone()).await;
        says(&page, &["The address did not answer as an Akeneo PIM does."]);
        assert!(!journey.is_proven().await, "{fault:?}");
        assert!(
            page.form_to("/setup/akeneo").is_ok(),
            "other credentials can be entered"
        );
    }
}

#[tokio::test]
async fn a_code_that_came_too_late_leads_through_authorize_again() {
    let mut journey = Journey::begin().await;
    let callback = journey.callback_in_hand().await;
    journey.stack.pim.control().advance_clock(31);
    let page = journey.walk.browser.open(callback).await.unwrap();
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/setup"));
    assert!(journey.is_proven().await, "{}", page.text());
    assert_eq!(
        journey.token_requests(),
        2,
        "one for each code: asking again for the same would not help"
    );
}

#[tokio::test]
async fn codes_that_are_always_too_late_do_not_send_anybody_round_in_circles() {
    let mut journey = Journey::begin().await;
    journey
        .stack
        .pim
        .control()
        .change_settings(|settings| settings.code_lifetime_seconds = -1);
    let callback = journey.callback_in_hand().await;
    let page = journey.walk.browser.open(callback).await.unwrap();
    says(
        &page,
        &[
            "Akeneo’s answer arrived too late, or it was opened twice.",
            "Authorize again. Nothing is lost",
        ],
    );
    assert_eq!(journey.token_requests(), 2);
    journey
        .stack
        .pim
        .control()
        .change_settings(|settings| settings.code_lifetime_seconds = 30);
    journey.goes_on_silently().await;
}

#[tokio::test]
async fn a_slow_pim_is_not_waited_for_longer_than_twenty_seconds() {
    let mut journey = Journey::begin().await;
    let patience = Deadline::after(Duration::from_secs(26));
    let slow = Fault {
        delay_ms: Some(60_000),
        ..Fault::new(FaultKind::Delay, TOKEN)
    };
    let page = journey.exchange_with(slow).await;
    assert!(!patience.has_passed(), "the browser waited too long");
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/setup"));
    says(&page, &["Akeneo PIM could not be reached, or it is too busy."]);
    assert_eq!(journey.token_requests(), 2);
    journey.goes_on_silently().await;
}
