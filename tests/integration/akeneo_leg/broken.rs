//! A PIM that grants less than was asked for.

use serde_json::json;

use crate::journey::{Journey, says};

#[tokio::test]
async fn each_missing_scope_is_named_with_what_it_means() {
    let mut journey = Journey::begin().await;
    let control = journey.stack.pim.control();
    control.change_settings(|settings| settings.catalogs = false);
    journey.walk.connect_salesforce("production", "Allow").await.unwrap();
    journey.connect_pim().await;
    let shown = journey.walk.wait_for(&journey.id, &["scopes_missing"]).await.unwrap();
    assert_eq!(shown["next_action"]["who"], "pim_admin");
    let page = journey.walk.journey().await.unwrap();
    says(
        &page,
        &[
            "Akeneo did not grant everything",
            "read_catalogs: without it the catalogs of the app cannot be listed; only a SaaS PIM has catalogs",
            "write_catalogs: without it catalogs cannot be created or changed; only a SaaS PIM has catalogs",
            "delete_catalogs: without it catalogs cannot be deleted; only a SaaS PIM has catalogs",
            "Authorize again and grant all requested permissions.",
        ],
    );
    assert!(
        !page.text().contains("read_products:"),
        "what was granted is not complained about"
    );
    for scope in ["read_catalogs", "write_catalogs", "delete_catalogs"] {
        assert!(
            shown["next_action"]["what"].as_str().unwrap().contains(scope),
            "{}",
            shown["next_action"]
        );
    }

    control.change_settings(|settings| settings.catalogs = true);
    let wizard = journey.walk.authorize_again().await.unwrap();
    journey.walk.consent(wizard).await.unwrap();
    let shown = journey
        .walk
        .wait_for(&journey.id, &["wiring", "authorize_principal"])
        .await
        .unwrap();
    assert_eq!(
        shown["akeneo"]["proven"]["granted"],
        shown["akeneo"]["proven"]["requested"],
        "{}",
        json!(shown["akeneo"])
    );
}
