//! A program that is killed in the middle of a set-up, and another one that goes on.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use super::demo::{Demo, run, start};

fn demo(folder: &Path, more: &[&str]) -> Demo {
    start(&[&["--data", folder.to_str().unwrap()], more].concat())
}

/// Waits until a file has this text: the simulators write what changed a moment later.
async fn written(file: &Path, text: &str) {
    for _ in 0..500 {
        if std::fs::read_to_string(file).unwrap_or_default().contains(text) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} was not written", file.display());
}

// Several threads, so that the browser sees at once that its open connections are gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_set_up_goes_on_in_the_same_browser() {
    let folder = tempfile::tempdir().unwrap();
    let first = demo(folder.path(), &["--port", "0"]);
    assert!(!first.says("Goes on"));
    let link = first.link();
    let mut person = first.person();
    person.start(&link).await.unwrap();
    person.connect_salesforce("production", "Allow").await.unwrap();
    let id = person.newest().await.unwrap().unwrap()["connection"]
        .as_str()
        .unwrap()
        .to_owned();
    let (client_id, secret) = person.create_app(&id).await.unwrap();
    let pim = first.address("Akeneo PIM");
    let wizard = person.enter_akeneo(pim.as_str(), &client_id, &secret).await.unwrap();
    let session = person.browser.cookie(&pim, "BAPID").unwrap().to_owned();
    written(&folder.path().join("pim.json"), &session).await;
    written(&folder.path().join("org.json"), "5Aep861").await;
    first.signal("KILL");
    assert_eq!(first.end().status.code(), None, "a signal ended it");

    let second = demo(folder.path(), &[]);
    assert!(
        second.says("Goes on with the connection of Acme Corporation") && second.says("Its link still works"),
        "{:?}",
        second.said
    );
    assert_eq!(second.link(), link);
    assert_eq!(second.address("Akeneo PIM"), pim);
    // The wizard of the PIM is still open in the browser; the person presses Confirm.
    person.consent(wizard).await.unwrap();
    person.wait_for(&id, &["authorize_principal"]).await.unwrap();
    person.authorize_principal().await.unwrap();
    person.wait_for(&id, &["connected"]).await.unwrap();
    second.signal("KILL");
    second.end();

    let third = demo(folder.path(), &[]);
    assert!(third.says("at the stage \"connected\""), "{:?}", third.said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_works_no_more_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let first = demo(folder.path(), &["--port", "0"]);
    let (person, link) = (first.person(), first.link());
    let made = person.newest().await.unwrap().unwrap();
    person
        .invite(
            &serde_json::json!({ "customer": "Acme of Oslo", "connection": made["connection"], "org_type": "sandbox" }),
        )
        .await
        .unwrap();
    first.signal("INT");
    first.end();

    let second = demo(folder.path(), &[]);
    assert!(
        second.says("Goes on with the connection of Acme of Oslo") && second.says("a new link"),
        "{:?}",
        second.said
    );
    assert_ne!(second.link(), link);
    let person = second.person();
    let shown = person.show(made["connection"].as_str().unwrap()).await.unwrap();
    assert_eq!(shown["terms"]["org_type"], "sandbox", "its terms stay");
    let mut person = person;
    person.start(&second.link()).await.unwrap();
    assert_eq!(
        person.newest().await.unwrap().unwrap()["connection"],
        made["connection"],
        "there is no second connection"
    );
}

#[test]
fn what_does_not_fit_the_folder_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let first = demo(folder.path(), &["--port", "0", "--org", "sandbox"]);
    let (service, pim) = (
        first.address("service").port().unwrap(),
        first.address("Akeneo PIM").port().unwrap(),
    );
    first.signal("INT");
    first.end();

    let ended = run(&["--data", data, "--org", "ready"]);
    assert!(ended.complaint.contains("made as \"sandbox\""), "{}", ended.complaint);

    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, pim)).unwrap();
    let ended = run(&["--data", data]);
    assert!(
        ended
            .complaint
            .contains(&format!("port {pim} of the simulated PIM is taken")),
        "{}",
        ended.complaint
    );
    assert!(ended.complaint.contains("another folder"), "{}", ended.complaint);
    drop(taken);

    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, service)).unwrap();
    let ended = run(&["--data", data]);
    assert!(
        ended
            .complaint
            .contains(&format!("port {service} of the service is taken")),
        "{}",
        ended.complaint
    );
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let moved = demo(folder.path(), &["--port", &free.to_string()]);
    assert!(
        moved.says(&format!("the service was at port {service} before")),
        "{:?}",
        moved.said
    );
    assert!(
        moved
            .link()
            .as_str()
            .starts_with(&format!("http://127.0.0.1:{free}/setup/"))
            && moved.says("still works")
    );
    moved.signal("INT");
    moved.end();
    drop(taken);
    let back = demo(folder.path(), &[]);
    assert_eq!(
        back.address("service").port(),
        Some(service),
        "without --port it is where it was"
    );
    assert!(!back.says("Attention"));
    back.signal("INT");
    back.end();

    std::fs::write(folder.path().join("org.json"), "{\"simulator\":").unwrap();
    let ended = run(&["--data", data]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended.complaint.contains("org.json is not the state of a simulated org")
            && ended.complaint.contains("move it away"),
        "{}",
        ended.complaint
    );
}
