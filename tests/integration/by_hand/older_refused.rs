//! An org with a package older than 3.0 that refuses our writes: the page shows the guide's Part D exactly, a person follows it, and what
//! the org shows is ticked by itself.

use std::time::Duration;

use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::{START_ON_SAVE, open, shown, states};
use crate::attended::Attended;
use crate::legacy::{classic, go_on, must_be_wired, must_not_write_again, pim};

/// An org of this kind that was wired as far as it lets us, after the customer chose to go on with the older package.
async fn wired(preset: Preset, also: &Value) -> Attended {
    let mut attended = Attended::begin(preset).await;
    attended.set(also);
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    go_on(&mut attended).await;
    attended.connect_pim().await;
    attended.wire().await;
    attended
}

async fn refused(also: &Value) -> Attended {
    let attended = wired(Preset::LegacyWritesRefused, also).await;
    attended.must_be("wiring_blocked").await;
    attended
}

async fn check_again(attended: &mut Attended) {
    attended.press("Check again").await;
    attended.wire().await;
}

#[tokio::test]
async fn what_the_org_refuses_is_shown_exactly_and_ticked_one_by_one() {
    let mut attended = refused(&json!({})).await;
    let journey = attended.page().await;
    assert!(journey.contains("Do it by hand"), "{journey}");

    let page = attended.manual().await;
    let (pim, (client_id, client_secret)) = (pim(&attended), attended.app.clone().unwrap());
    let value = |id: &str| shown(&page, id).unwrap();
    assert_eq!(value("authorize-endpoint"), format!("{pim}/connect/apps/v1/authorize"));
    assert_eq!(value("token-endpoint"), format!("{pim}/connect/apps/v1/oauth2/token"));
    assert_eq!((value("base-endpoint"), value("client-id")), (pim, client_id));
    assert!(
        !page.html.contains(&client_secret),
        "the Client Secret never comes back"
    );
    let pair = ["code-identifier", "code-challenge"].map(|id| shown(&page, id));
    assert_eq!(pair, [None, None], "the plugin makes the pair");
    for place in ["AuthProviders", "NamedCredential"] {
        let link = format!("{}lightning/setup/{place}/home", attended.stack.org.url());
        assert!(page.html.contains(&link), "{link}");
    }
    let all = ["auth_provider", "classic_credential", "authorize", "callouts"];
    assert_eq!(open(&page), all);

    attended.make_provider(&page);
    check_again(&mut attended).await;
    let page = attended.manual().await;
    assert_eq!(states(&page)[0], ("auth_provider".to_owned(), "Seen".to_owned()));
    assert_eq!(open(&page), all[1..]);

    attended.make_credential(&page);
    check_again(&mut attended).await;
    attended.must_be("authorize_principal").await;
    let told = attended.manual().await.text();
    assert!(told.contains("Nothing has to be done by hand"), "{told}");
    // As the guide has it: by saving in Setup, without the button of step 4.
    attended.authenticate(START_ON_SAVE).await;
    attended.wire().await;
    let told = attended.must_be("connected").await;
    assert_eq!(told["wiring"]["evidence"], "callout");
    must_be_wired(&attended);
    must_not_write_again(&attended).await;
}

/// What the person has to do is only what the org refuses; the service does the rest.
#[tokio::test]
async fn one_write_that_is_refused_is_all_that_a_person_does() {
    for (switch, left) in [
        ("deploy_plugin_settings", "auth_provider"),
        ("deploy_auth_provider", "auth_provider"),
        ("deploy_classic_credential", "classic_credential"),
    ] {
        let mut attended = wired(Preset::Legacy, &json!({ "writes": { switch: "reject" } })).await;
        attended.must_be("wiring_blocked").await;
        let page = attended.manual().await;
        assert!(open(&page).contains(&left.to_owned()), "{switch}: {:?}", open(&page));
        if left == "auth_provider" {
            attended.make_provider(&page);
        } else {
            assert!(
                !open(&page).contains(&"auth_provider".to_owned()),
                "made by the service"
            );
            attended.make_credential(&page);
        }
        check_again(&mut attended).await;
        attended.must_be("authorize_principal").await;
        attended.finish_from_principal().await;
        must_be_wired(&attended);
        must_not_write_again(&attended).await;
    }
}

/// Callouts of a classic Named Credential have two ways; without either a person has the switch.
#[tokio::test]
async fn callouts_go_on_by_the_way_that_is_left_or_by_a_person() {
    for (tooling, stage) in [("accept", "connected"), ("reject", "wiring_blocked")] {
        let mut attended = wired(Preset::Legacy, &json!({})).await;
        attended.must_be("authorize_principal").await;
        attended.finish_from_principal().await;
        attended.set(
            &json!({ "writes": { "deploy_classic_credential": "reject", "tooling_classic_credential": tooling } }),
        );
        attended.act(&Action::CalloutsOff {});
        attended.check_again().await;
        attended.wire().await;
        attended.must_be(stage).await;
        if stage == "wiring_blocked" {
            assert_eq!(open(&attended.manual().await), ["callouts"]);
            attended.act(&Action::CalloutsOn {});
            check_again(&mut attended).await;
            attended.must_be("connected").await;
        }
        must_be_wired(&attended);
    }
}

/// An org that never shows how a provider was made asks the person whether it is done. What it hides could be another app's, so callouts
/// are paused until the org has been authorized anew.
#[tokio::test]
async fn what_the_org_hides_is_ticked_by_the_person() {
    let mut attended = refused(&json!({ "plugin_record_query": "reject", "auth_provider_details": "reject" })).await;
    let page = attended.manual().await;
    attended.make_provider(&page);
    attended.make_credential(&page);
    check_again(&mut attended).await;
    attended.must_be("wiring_blocked").await;
    let left = ["pause", "auth_provider", "authorize", "callouts"];
    assert_eq!(open(&attended.manual().await), left);
    attended.act(&Action::CalloutsOff {});
    attended.press("Done: Make the Auth. Provider").await;
    attended.wire().await;
    attended.must_be("authorize_principal").await;
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    assert_eq!(
        states(&attended.manual().await)[0],
        ("auth_provider".to_owned(), "Done, you say".to_owned())
    );
    assert_eq!(open(&attended.manual().await), ["callouts"]);
    attended.act(&Action::CalloutsOn {});
    check_again(&mut attended).await;
    attended.must_be("connected").await;
    let trail = attended.show().await["timeline"].to_string();
    assert!(trail.contains("done_by_hand"), "{trail}");
    must_be_wired(&attended);
    must_not_write_again(&attended).await;
}

/// What the package calls its plugin is not public. One that is not recognised is used by a person, and the service does the rest.
#[tokio::test]
async fn a_plugin_that_is_not_recognised_is_used_by_hand() {
    let mut attended = wired(Preset::Legacy, &json!({ "plugin": { "class": "AkeneoConnect" } })).await;
    attended.must_be("wiring_blocked").await;
    let journey = attended.page().await;
    assert!(journey.contains("Do it by hand"), "{journey}");
    let page = attended.manual().await;
    assert_eq!(open(&page), ["auth_provider"]);
    attended.press("Done: Make the Auth. Provider").await;
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    assert!(
        open(&attended.manual().await).contains(&"auth_provider".to_owned()),
        "the org shows that there is none"
    );

    attended.make_provider(&page);
    check_again(&mut attended).await;
    attended.must_be("authorize_principal").await;
    let deploy = ("POST".to_owned(), "metadata/deployRequest".to_owned());
    assert_eq!(
        attended.written(),
        [deploy],
        "the Named Credential, and nothing of the plugin's"
    );
    attended.finish_from_principal().await;
    must_be_wired(&attended);
    must_not_write_again(&attended).await;
}

/// A tick is no proof: with a wrong secret the plugin gets no token, and the page goes on asking for the authorization.
#[tokio::test]
async fn a_wrong_secret_does_not_end_connected() {
    let mut attended = refused(&json!({})).await;
    let page = attended.manual().await;
    let (id, right) = attended.app.clone().unwrap();
    attended.app = Some((id.clone(), "mistyped".to_owned()));
    attended.make_provider(&page);
    attended.make_credential(&page);
    check_again(&mut attended).await;
    assert_eq!(
        open(&attended.manual().await),
        ["auth_provider", "authorize"],
        "the org shows another secret"
    );
    attended.authenticate(START_ON_SAVE).await;
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    attended.app = Some((id, right));
    attended.make_provider(&page);
    check_again(&mut attended).await;
    attended.must_be("authorize_principal").await;
    attended.finish_from_principal().await;
    must_be_wired(&attended);
}

#[tokio::test]
async fn an_org_of_another_pim_is_paused_first_and_enabled_last() {
    let mut attended = Attended::begin(Preset::LegacyWritesRefused).await;
    attended.act(&Action::LegacySetup {
        base_url: "https://other-pim.example.com".to_owned(),
        client_id: "other-app".to_owned(),
        client_secret: "other-secret".to_owned(),
    });
    attended.walk.connect_salesforce("production", "Allow").await.unwrap();
    attended.wire().await;
    go_on(&mut attended).await;
    attended.connect_pim().await;
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    let page = attended.manual().await;
    let tasks: Vec<_> = states(&page).into_iter().map(|(task, _)| task).collect();
    assert_eq!(
        tasks,
        ["pause", "auth_provider", "classic_credential", "authorize", "callouts"]
    );

    attended.act(&Action::CalloutsOff {});
    attended.make_provider(&page);
    attended.make_credential(&page);
    check_again(&mut attended).await;
    attended.must_be("authorize_principal").await;
    assert_eq!(classic(&attended)["callout_status"], "Disabled");
    attended.walk.authorize_principal().await.unwrap();
    attended.clock.advance(Duration::from_secs(31));
    attended.wire().await;
    attended.must_be("wiring_blocked").await;
    assert_eq!(open(&attended.manual().await), ["callouts"]);
    attended.act(&Action::CalloutsOn {});
    check_again(&mut attended).await;
    attended.must_be("connected").await;
    must_be_wired(&attended);
}
