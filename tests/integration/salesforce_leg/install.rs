//! The package's installation by the service: only on the admin's explicit word, never twice, and with words for every way in
//! which it can fail (facts/salesforce 9).

use std::time::Duration;

use salesforce_simulator::{Action, Fault, FaultKind, Preset};
use serde_json::{Value, json};

use crate::attended::{Attended, LONG};

const REQUEST: &str = "/services/data/v66.0/tooling/sobjects/PackageInstallRequest";

impl Attended {
    async fn asked_to_install(settings: &Value) -> Self {
        let mut attended = Self::begin(Preset::PackageMissing).await;
        attended.set(&json!({ "install": settings }));
        attended.walk.connect_salesforce("production", "Allow").await.unwrap();
        attended.wire().await;
        attended.must_be("package_missing").await;
        attended.ask_to_install().await;
        attended
    }

    async fn ask_to_install(&mut self) {
        self.walk
            .press_on("/setup", "/setup/install", &[("confirm", "yes")])
            .await
            .unwrap();
    }

    /// Bodies of the requests to install.
    fn installs(&self) -> Vec<Value> {
        let requests = self.org().requests();
        let sent = requests
            .iter()
            .filter(|entry| entry.method == "POST" && entry.path == REQUEST);
        sent.map(|entry| serde_json::from_str(&entry.body).unwrap()).collect()
    }

    /// Lets the org's and the service's time pass and looks again.
    async fn look_after(&self, seconds: u64) {
        self.org().advance_clock(i64::try_from(seconds).unwrap());
        self.clock.advance(Duration::from_secs(seconds));
        self.wire().await;
    }
}

#[tokio::test]
async fn it_is_asked_for_once_and_its_progress_shown() {
    let mut attended = Attended::asked_to_install(&json!({ "seconds": 600 })).await;
    attended.org().clear_requests();
    attended.wire().await;
    let requests = attended.org().requests();
    let about: Vec<_> = requests
        .iter()
        .filter(|entry| entry.path == REQUEST || (entry.query.contains("Install") && entry.query.contains("WHERE")))
        .map(|entry| entry.method.as_str())
        .collect();
    assert_eq!(about, ["GET", "GET", "POST"], "looked for, validated, asked for");
    let version = attended.stack.services.config.package_version_id.clone();
    assert_eq!(
        attended.installs(),
        [
            json!({ "SubscriberPackageVersionKey": version, "NameConflictResolution": "Block", "SecurityType": "None",
            "PackageInstallSource": "U", "EnableRss": false })
        ]
    );
    let shown = attended.must_be("package_missing").await;
    assert_eq!(shown["next_action"]["who"], "service");
    assert!(attended.page().await.contains("Salesforce is installing the package"));
    for _ in 0..3 {
        attended.look_after(60).await;
    }
    attended.look_after(600).await;
    attended.must_be("enter_akeneo").await;
    assert_eq!(attended.installs().len(), 1);
    attended.connect_pim().await;
    attended.finish().await;
    attended.must_be_wired();
    let writes = attended.writes().len();
    attended.reconcile().await.unwrap();
    assert_eq!(attended.writes().len(), writes, "a second run writes nothing");
}

#[tokio::test]
async fn nothing_is_installed_without_the_tick() {
    let mut attended = Attended::begin(Preset::PackageMissing).await;
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    let page = attended.walk.press("/setup/install").await.unwrap();
    assert!(page.text().contains("Nothing was installed"), "{}", page.text());
    attended.clock.advance(LONG);
    attended.wire().await;
    assert_eq!(attended.installs().len(), 0);
    attended.must_be("package_missing").await;
}

#[tokio::test]
async fn a_lost_answer_never_installs_twice() {
    for listed in ["accept", "reject"] {
        let attended = Attended::asked_to_install(&json!({ "seconds": 300, "listed": listed })).await;
        attended.org().add_fault(Fault::new(FaultKind::ResetAfter, REQUEST));
        attended.wire().await;
        assert_eq!(attended.installs().len(), 1);
        for _ in 0..5 {
            attended.look_after(120).await;
        }
        attended.must_be("enter_akeneo").await;
        assert_eq!(attended.installs().len(), 1, "listed: {listed}");
    }
}

#[tokio::test]
async fn what_may_work_later_is_tried_again() {
    for error in [
        "This package is not yet available",
        "unable to obtain exclusive access to this record",
        "invalid cross reference id",
    ] {
        let settings = json!({ "seconds": 0, "errors": [error, error] });
        let attended = Attended::asked_to_install(&settings).await;
        for _ in 0..8 {
            attended.look_after(180).await;
        }
        attended.must_be("enter_akeneo").await;
        assert_eq!(attended.installs().len(), 3, "{error}");
    }
}

#[tokio::test]
async fn each_failure_has_its_words_and_the_link_is_the_way_out() {
    let always: Vec<&str> = vec!["This package is not yet available"; 9];
    for (settings, words, asked) in [
        (
            json!({ "validation_status": "NAMESPACE_COLLISION" }),
            "already uses the package’s namespace",
            0,
        ),
        (
            json!({ "validation_status": "PACKAGE_UNAVAILABLE" }),
            "does not offer this version",
            0,
        ),
        (
            json!({ "seconds": 0, "errors": ["Apex compile failure"] }),
            "stopped with an error",
            1,
        ),
        (
            json!({ "seconds": 0, "errors": ["Missing feature: Flow"] }),
            "lacks something",
            1,
        ),
        (
            json!({ "seconds": 0, "errors": always }),
            "Salesforce said several times",
            5,
        ),
        (json!({ "seconds": 86_400 }), "within half an hour", 1),
    ] {
        let mut attended = Attended::asked_to_install(&settings).await;
        for _ in 0..16 {
            attended.look_after(130).await;
        }
        let shown = attended.must_be("package_missing").await;
        assert_eq!(shown["next_action"]["who"], "salesforce_admin", "{settings}");
        let page = attended.walk.journey().await.unwrap();
        assert!(page.text().contains(words), "{settings}: {}", page.text());
        assert!(page.html.contains("/packaging/installPackage.apexp?p0=04t"));
        assert_eq!(attended.installs().len(), asked, "{settings}");
        attended.act(&Action::InstallPackage { version: None });
        attended.check_again().await;
        attended.wire().await;
        attended.must_be("enter_akeneo").await;
    }
}

#[tokio::test]
async fn a_user_who_may_not_install_is_told_which_permission_is_missing() {
    let mut attended = Attended::begin(Preset::PackageMissing).await;
    attended.act(&Action::SetPermissions {
        username: None,
        permissions: json!({ "install_packages": false }),
    });
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.ask_to_install().await;
    attended.wire().await;
    assert!(attended.page().await.contains("Download AppExchange Packages"));
    attended.act(&Action::SetPermissions {
        username: None,
        permissions: json!({ "install_packages": true }),
    });
    attended.ask_to_install().await;
    attended.look_after(30).await;
    attended.look_after(30).await;
    attended.must_be("enter_akeneo").await;
}
