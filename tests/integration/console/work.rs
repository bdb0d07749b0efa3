//! What somebody of Customer Success sees and does.

use http::Method;
use identity_simulator::Settings;
use serde_json::{Value, json};

use super::{CASEY, Console};
use crate::wire::{FORM, get, send};

/// The events of a customer's timeline with who caused them, the oldest first.
fn trail(shown: &Value) -> Vec<(String, Option<String>)> {
    let entries = shown["timeline"].as_array().unwrap().iter().rev();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    entries
        .map(|entry| (text(&entry["event"]).unwrap(), text(&entry["by"])))
        .collect()
}

#[tokio::test]
async fn a_link_comes_with_letters_and_its_maker_is_written_down() {
    let console = Console::open().await;
    let asked =
        json!({"customer": "Acme", "pim_host": "acme.cloud.akeneo.com", "org_type": "sandbox", "expires_in_days": 30});
    let (answer, made) = console.post("invitations", &asked).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let link = made["link"].as_str().unwrap();
    let letters = made["letters"].as_array().unwrap();
    let codes: Vec<_> = letters.iter().map(|letter| letter["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["en", "de", "fr", "es"]);
    assert!(
        letters
            .iter()
            .all(|letter| letter["body"].as_str().unwrap().contains(link))
    );
    assert_eq!(get(link.parse().unwrap()).await.status, 200, "the link works");

    let id = made["connection"].as_str().unwrap();
    let (_, shown) = console.get(&format!("connections/{id}")).await;
    assert_eq!(trail(&shown), [("invited".to_owned(), Some(CASEY.to_owned()))]);
    assert_eq!(
        (&shown["pim_host"], &shown["org_type"]),
        (&json!("acme.cloud.akeneo.com"), &json!("sandbox"))
    );
    assert!(!shown.to_string().contains(link), "a link is shown once");

    let (answer, refused) = console
        .post(
            "invitations",
            &json!({"customer": "", "colour": "blue", "connection": id}),
        )
        .await;
    assert_eq!(
        (answer.status.as_u16(), refused["faults"].as_array().unwrap().len()),
        (422, 2),
        "{refused}"
    );
}

#[tokio::test]
async fn stage_turn_funnel_and_timeline_follow_the_customer() {
    let console = Console::open().await;
    let (_, before) = console.get("connections").await;
    let counts = |said: &Value, what: &str| -> Vec<u64> {
        said["funnel"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step[what].as_u64().unwrap())
            .collect()
    };
    assert_eq!(
        (counts(&before, "reached"), counts(&before, "stopped")),
        (vec![1, 0, 0, 0, 0, 0, 0], vec![1, 0, 0, 0, 0, 0, 0])
    );

    let (_, made) = console
        .post(&format!("connections/{}/resend", console.id), &json!({}))
        .await;
    let link = made["link"].as_str().unwrap();
    assert_eq!(send(Method::POST, link.parse().unwrap(), FORM, "").await.status, 303);
    let (_, after) = console.get("connections").await;
    assert_eq!(
        (counts(&after, "reached"), counts(&after, "stopped")),
        (vec![1, 1, 0, 0, 0, 0, 0], vec![0, 1, 0, 0, 0, 0, 0])
    );
    let row = &after["connections"][0];
    assert_eq!(
        (&row["stage_words"], &row["turn"], &row["health_words"], &row["badge"]),
        (
            &json!("Salesforce is not connected"),
            &json!("Customer’s Salesforce admin"),
            &json!("Not checked yet"),
            &json!("none")
        ),
    );
    let (_, shown) = console.get(&format!("connections/{}", console.id)).await;
    let events: Vec<_> = trail(&shown).into_iter().map(|(event, _)| event).collect();
    assert_eq!(events, ["invited", "invited", "opened"]);
}

#[tokio::test]
async fn each_act_is_done_once_and_its_doer_is_written_down() {
    let console = Console::open().await;
    let at = |act: &str| format!("connections/{}/{act}", console.id);
    let (answer, refused) = console.post(&at("check"), &json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), &refused["code"]),
        (409, &json!("nothing_to_check"))
    );
    let (_, paused) = console.post(&at("pause"), &json!({})).await;
    assert_eq!(
        (&paused["can_pause"], &paused["can_resume"]),
        (&json!(false), &json!(true))
    );
    console.post(&at("pause"), &json!({})).await;
    let (_, resumed) = console.post(&at("resume"), &json!({})).await;
    assert_eq!(
        (&resumed["can_pause"], &resumed["can_resume"]),
        (&json!(true), &json!(false))
    );
    let (_, made) = console.post(&at("resend"), &json!({})).await;
    let link = made["link"].as_str().unwrap().to_owned();
    let (_, revoked) = console.post(&at("revoke"), &json!({})).await;
    assert_eq!(revoked["stage"], "revoked");
    assert_eq!(get(link.parse().unwrap()).await.status, 404, "the link stopped working");
    let (answer, refused) = console.post(&at("pause"), &json!({})).await;
    assert_eq!((answer.status.as_u16(), &refused["code"]), (409, &json!("is_revoked")));

    let (_, shown) = console.get(&format!("connections/{}", console.id)).await;
    let by = Some(CASEY.to_owned());
    let expect = ["invited", "paused", "resumed", "invited", "revoked"].map(|event| (event.to_owned(), by.clone()));
    assert_eq!(trail(&shown), expect);
    let (answer, _) = console.get(&format!("connections/{}", "0".repeat(20))).await;
    assert_eq!(answer.status, 404);
    let (answer, _) = console
        .ask(Method::DELETE, &format!("connections/{}", console.id), "")
        .await;
    assert_eq!(answer.status, 405);
}

/// A token without an address names its person by the subject.
#[tokio::test]
async fn a_person_without_an_address_is_written_down_by_subject() {
    let console = Console::open().await;
    let bearer = format!(
        "Bearer {}",
        console.token(Settings {
            email: false,
            ..Settings::default()
        })
    );
    let headers = [("authorization", bearer.as_str())];
    let answer = console.call(Method::GET, "/console/api/me", &headers, "").await;
    let said: Value = serde_json::from_str(&answer.body).unwrap();
    let name = said["name"].as_str().unwrap();
    assert!(name.len() == 20 && !name.contains('@'), "{said}");
}
