//! What a health check may write: it restores callouts and grants, says so in the audit trail, and tells everything else.

use salesforce_simulator::Action;

use crate::attended::Attended;

#[tokio::test]
async fn callouts_that_were_switched_off_are_on_again_after_the_next_sweep() {
    let attended = Attended::connected().await;
    attended.act(&Action::CalloutsOff {});
    let before = attended.writes().len();
    assert_eq!(attended.sweep_later().await.checked, 1);
    assert_eq!(attended.named_credential()["callout_status"], "Enabled");
    assert_eq!(attended.writes().len(), before + 1);
    let shown = attended.must_be("connected").await;
    let newest = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["event"] == "applied")
        .unwrap();
    assert_eq!(newest["change"], "named_credential");
}

#[tokio::test]
async fn a_grant_that_was_taken_away_is_given_again() {
    let attended = Attended::connected().await;
    attended.act(&Action::RevokeGrants {});
    attended.sweep_later().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
}

#[tokio::test]
async fn settings_that_somebody_changed_are_told_and_set_right_only_when_asked() {
    let mut attended = Attended::connected().await;
    let writes = attended.writes().len();
    let elsewhere = "https://elsewhere.example.com";
    attended.act(&Action::EditUrl {
        url: elsewhere.to_owned(),
    });
    for _ in 0..2 {
        attended.sweep_later().await;
        attended.wire().await;
    }
    let shown = attended.must_be("degraded").await;
    assert_eq!(
        (&shown["health"], &shown["next_action"]["who"]),
        (&"drifted".into(), &"salesforce_admin".into())
    );
    assert_eq!(
        (attended.writes().len(), &attended.named_credential()["url"]),
        (writes, &elsewhere.into())
    );
    assert!(
        attended
            .page()
            .await
            .contains("Settings in the Salesforce org were changed")
    );
    attended.check_again().await;
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
}

#[tokio::test]
async fn an_upgrade_of_the_package_changes_nothing() {
    let attended = Attended::connected().await;
    let writes = attended.writes().len();
    attended.act(&Action::PackageUpgrade {
        version: "3.3.0".to_owned(),
    });
    attended.sweep_later().await;
    attended.must_be("connected").await;
    assert_eq!(attended.writes().len(), writes);
}

#[tokio::test]
async fn the_package_s_own_set_up_card_is_put_up_with() {
    let mut attended = Attended::connected().await;
    let (client_id, client_secret) = attended.app.clone().unwrap();
    let base_url = attended.stack.pim.url().to_string();
    // The same app: only callouts went off.
    let again = Action::InAppSetup {
        base_url: base_url.clone(),
        client_id,
        client_secret,
    };
    attended.act(&Action::EditUrl {
        url: "https://placeholder.example.com".to_owned(),
    });
    attended.act(&again);
    assert_eq!(attended.named_credential()["callout_status"], "Disabled");
    attended.sweep_later().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
    // Another app: told, and set right when somebody asks for it.
    let (client_id, client_secret) = ("another-app".to_owned(), "another-secret".to_owned());
    attended.act(&Action::InAppSetup {
        base_url,
        client_id,
        client_secret,
    });
    attended.sweep_later().await;
    attended.sweep_later().await;
    attended.must_be_healthy_as("drifted").await;
    attended.check_again().await;
    attended.wire().await;
    attended.must_be("connected").await;
    attended.must_be_wired();
}

#[tokio::test]
async fn callouts_that_somebody_opens_before_the_principal_is_renewed_are_paused_again() {
    let mut attended = Attended::connected().await;
    attended.connect_pim().await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    assert_eq!(attended.named_credential()["callout_status"], "Disabled");
    attended.act(&Action::CalloutsOn {});
    attended.wire_later().await;
    attended.sweep_later().await;
    assert_eq!(attended.named_credential()["callout_status"], "Disabled");
}
