//! The grant after the first day: sessions end, refresh tokens rotate, people take access back and give it again.

use connector_local::outage::Part;
use salesforce_simulator::{Action, Fault, FaultKind, Preset};
use serde_json::{Value, json};

use crate::attended::{Attended, LEASE};

const TOKEN: &str = "/services/oauth2/token";

fn refreshes(attended: &Attended) -> usize {
    let of_token = |body: &str| body.contains("grant_type=refresh_token");
    attended
        .org()
        .requests()
        .iter()
        .filter(|entry| entry.path == TOKEN && of_token(&entry.body))
        .count()
}

/// The family of refresh tokens that is in use.
fn family(attended: &Attended) -> Value {
    let families = attended.org().state()["oauth"]["refresh_families"].clone();
    families
        .as_array()
        .unwrap()
        .iter()
        .find(|family| family["revoked"] == false)
        .cloned()
        .unwrap_or(Value::Null)
}

#[tokio::test]
async fn an_expired_session_is_renewed_and_the_new_refresh_token_kept() {
    for rotation in [true, false] {
        let attended = Attended::connected().await;
        attended.set(&json!({ "refresh_rotation": rotation }));
        for round in 1..=3 {
            attended.act(&Action::ExpireSessions {});
            attended.reconcile().await.unwrap();
            attended.must_be("connected").await;
            assert_eq!(refreshes(&attended), round, "one refresh for one expiry");
            let rotated = if rotation { round } else { 0 };
            assert_eq!(
                family(&attended)["generation"],
                rotated,
                "rotation {rotation}, round {round}"
            );
        }
    }
}

#[tokio::test]
async fn concurrent_runs_never_use_a_refresh_token_twice() {
    let attended = Attended::connected().await;
    attended.act(&Action::ExpireSessions {});
    let run = || attended.reconcile();
    let (a, b, c, d) = tokio::join!(run(), run(), run(), run());
    for result in [a, b, c, d] {
        result.unwrap();
    }
    assert_eq!(
        refreshes(&attended),
        1,
        "the others use the session that the first one got"
    );
    assert_ne!(family(&attended), Value::Null, "the org has not seen a token twice");
    attended.must_be("connected").await;
}

#[tokio::test]
async fn a_short_failure_of_the_secret_store_does_not_cost_the_grant() {
    let attended = Attended::connected().await;
    attended.act(&Action::ExpireSessions {});
    attended.stack.outage.begin_for(Part::SecretWrites, 2);
    attended.reconcile().await.unwrap();
    attended.must_be("connected").await;
    attended.act(&Action::ExpireSessions {});
    attended.reconcile().await.unwrap();
    attended.must_be("connected").await;
    assert_eq!(
        (refreshes(&attended), family(&attended)["revoked"].clone()),
        (2, json!(false))
    );
}

#[tokio::test]
async fn a_refresh_token_that_could_not_be_kept_is_not_used_and_connecting_again_mends_it() {
    let mut attended = Attended::connected().await;
    attended.act(&Action::ExpireSessions {});
    attended.stack.outage.begin(Part::SecretWrites);
    attended.reconcile().await.unwrap_err();
    let requests = attended.org().requests();
    assert_eq!(
        requests.last().unwrap().path,
        TOKEN,
        "the new session is not used before its refresh token is kept"
    );
    let shown = attended.show().await;
    assert_eq!(shown["wiring"]["waiting"], "store");
    attended.stack.outage.end(Part::SecretWrites);
    // The former token is spent: the org takes its second use for theft.
    attended.clock.advance(LEASE);
    attended.reconcile().await.unwrap();
    let shown = attended.must_be("connect_salesforce").await;
    assert_eq!(
        (&shown["health"], &shown["next_action"]["who"]),
        (&json!("org_grant_lost"), &json!("salesforce_admin"))
    );
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    attended.must_be("connected").await;
}

#[tokio::test]
async fn a_crash_between_the_two_stores_loses_nothing() {
    let attended = Attended::connected().await;
    attended.act(&Action::ExpireSessions {});
    // The token is answered and then the table fails: the document is newer than the connection knows.
    attended.org().add_fault(Fault {
        delay_ms: Some(400),
        ..Fault::new(FaultKind::Delay, TOKEN)
    });
    let cut = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        attended.stack.outage.begin(Part::Table);
    };
    let (result, ()) = tokio::join!(attended.reconcile(), cut);
    result.unwrap_err();
    attended.stack.outage.end(Part::Table);
    attended.clock.advance(LEASE);
    attended.reconcile().await.unwrap();
    attended.must_be("connected").await;
    assert_eq!(
        (refreshes(&attended), family(&attended)["revoked"].clone()),
        (1, json!(false))
    );
}

#[tokio::test]
async fn a_grant_that_was_taken_back_is_asked_for_again_and_everything_else_is_kept() {
    for taken in [Action::RevokeTokens {}, Action::DeactivateUser { username: None }] {
        let mut attended = Attended::connected().await;
        attended.act(&taken);
        attended.act(&Action::ExpireSessions {});
        attended.sweep_later().await;
        let shown = attended.must_be("connect_salesforce").await;
        assert_eq!(shown["health"], "org_grant_lost");
        assert!(attended.page().await.contains("Connect the same org again"));
        attended.act(&Action::ActivateUser { username: None });
        let writes = attended.writes().len();
        attended.walk.connect_salesforce("production", "Allow").await.unwrap();
        attended.wire().await;
        let again = attended.must_be("connected").await;
        assert_eq!(
            (&again["connection"], &again["org_id"]),
            (&shown["connection"], &shown["org_id"])
        );
        assert_eq!(attended.writes().len(), writes, "the org was as it should be");
    }
}

#[tokio::test]
async fn another_org_on_reconnect_is_refused_and_the_first_one_stays() {
    let mut attended = Attended::connected().await;
    let org_id = attended.show().await["org_id"].clone();
    attended.act(&Action::SandboxRefresh {});
    attended.sweep_later().await;
    attended.must_be("connect_salesforce").await;
    let page = attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    assert!(
        page.text().contains("This is another Salesforce org"),
        "{}",
        page.text()
    );
    assert_eq!(attended.show().await["org_id"], org_id);
    assert_eq!(
        family(&attended),
        Value::Null,
        "the grant of the other org was given back"
    );
}

#[tokio::test]
async fn a_lost_answer_to_the_code_is_asked_for_again_from_the_same_link() {
    let mut attended = Attended::begin(Preset::Ready).await;
    attended.org().add_fault(Fault::new(FaultKind::ResetAfter, TOKEN));
    let page = attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    assert!(page.text().contains("Salesforce does not answer"), "{}", page.text());
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.must_be("enter_akeneo").await;
}

#[tokio::test]
async fn a_grant_that_comes_while_the_connection_is_worked_on_is_given_back_not_lost_in_the_org() {
    let mut attended = Attended::begin(Preset::Ready).await;
    let id = connector::connection::ConnectionId::parse(&attended.id).unwrap();
    let lease = connector::connection::Lease::take(&attended.stack.services, &id)
        .await
        .unwrap();
    let page = attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    assert!(page.text().contains("One moment"), "{}", page.text());
    assert_eq!(family(&attended), Value::Null);
    lease.release(&attended.stack.services).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.must_be("enter_akeneo").await;
}
