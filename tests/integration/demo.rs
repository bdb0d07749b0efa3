//! The stack with a folder: stopped or torn down in the middle of a set-up and started again, in process.
//!
//! What the program around it says and how it ends is tested where the program is, in `infra/local/tests`.

use std::path::Path;
use std::time::Duration;

use connector::clock::Deadline;
use connector::connection::{ConnectionId, Lease};
use connector_local::folder::Folder;
use connector_local::invitation::{Past, invitation};
use connector_local::stack::{Options, Stack};
use connector_local::walk::Walk;
use serde_json::Value;
use url::Url;

fn options(folder: &Path) -> Options {
    Options {
        data: Some(folder.to_owned()),
        ..Options::default()
    }
}

/// The link that the demo prints, opened by a person; and the connection's id.
async fn begin(stack: &Stack, folder: &Path) -> (Walk, String) {
    let printed = invitation(stack, Some(&Folder::at(folder.to_owned()))).await.unwrap();
    assert_eq!(printed.past, Past::None);
    let mut walk = Walk::new(&stack.url, stack.pim.url()).unwrap();
    walk.start(&Url::parse(&printed.link).unwrap()).await.unwrap();
    let id = walk.newest().await.unwrap().unwrap()["connection"]
        .as_str()
        .unwrap()
        .to_owned();
    (walk, id)
}

/// The org is connected, the credentials are entered, the PIM's wizard is open. The wizard and the client id.
async fn half_way(walk: &mut Walk, id: &str, pim: &Url) -> (connector_local::browser::Page, String) {
    walk.connect_salesforce("production", "Allow").await.unwrap();
    let (client_id, secret) = walk.create_app(id).await.unwrap();
    (
        walk.enter_akeneo(pim.as_str(), &client_id, &secret).await.unwrap(),
        client_id,
    )
}

async fn go_on(walk: &mut Walk, id: &str, wizard: connector_local::browser::Page) {
    walk.consent(wizard).await.unwrap();
    walk.wait_for(id, &["authorize_principal"]).await.unwrap();
    walk.authorize_principal().await.unwrap();
    walk.wait_for(id, &["connected"]).await.unwrap();
}

/// What the simulators show of their inside, even when they have stopped.
#[derive(Clone)]
struct Inside(akeneo_simulator::Control, salesforce_simulator::Control);

impl Inside {
    fn of(stack: &Stack) -> Self {
        Self(stack.pim.control(), stack.org.control())
    }

    fn shown(&self) -> (Value, Value) {
        let mut org = self.1.state();
        org.as_object_mut().unwrap().remove("now_ms");
        (serde_json::to_value(self.0.state()).unwrap(), org)
    }

    /// By how much the org's clock is ahead of the PIM's, in seconds.
    fn ahead(&self) -> i64 {
        self.1.state()["now_ms"].as_i64().unwrap() / 1000 - self.0.now()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_stack_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let stack = Stack::start(options(folder.path())).await.unwrap();
    let places = (stack.url.clone(), stack.pim.url().clone(), stack.org.url().clone());
    let (mut walk, id) = begin(&stack, folder.path()).await;
    let (wizard, client_id) = half_way(&mut walk, &id, &places.1).await;
    stack
        .pim
        .control()
        .change_settings(|settings| settings.catalogs_per_app = 3);
    stack.pim.control().advance_clock(-3);
    stack.org.control().advance_clock(7);
    let before = Inside::of(&stack);
    stack.stop().await;

    let stack = Stack::start(options(folder.path())).await.unwrap();
    assert_eq!(
        places,
        (stack.url.clone(), stack.pim.url().clone(), stack.org.url().clone()),
        "everything is where it was"
    );
    assert_eq!(Inside::of(&stack).shown(), before.shown());
    assert!(
        (9..=11).contains(&Inside::of(&stack).ahead()),
        "clocks stay as they were set"
    );
    assert_eq!(stack.pim.control().settings().catalogs_per_app, 3);
    let printed = invitation(&stack, Some(&Folder::at(folder.path().to_owned())))
        .await
        .unwrap();
    assert!(matches!(printed.past, Past::SameLink(shown) if shown["connection"] == *id));
    go_on(&mut walk, &id, wizard).await;
    let after = stack.pim.control().state();
    assert_eq!(after.live_tokens.len(), 1, "one token for both sides");
    assert_eq!(after.live_tokens[0].app, client_id);
    let connected = Inside::of(&stack);
    stack.stop().await;

    let stack = Stack::start(options(folder.path())).await.unwrap();
    assert_eq!(
        Inside::of(&stack).shown(),
        connected.shown(),
        "tokens, grants and callouts outlive a restart"
    );
    assert_eq!(walk.show(&id).await.unwrap()["stage"], "connected");
    stack.stop().await;
}

/// The runtime goes away under the stack: no task comes to an end, nothing is written for the last time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_down_stack_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let world = tokio::runtime::Runtime::new().unwrap();
    let stack = world
        .spawn(Stack::start(options(folder.path())))
        .await
        .unwrap()
        .unwrap();
    let pim = stack.pim.url().clone();
    let (mut walk, id) = begin(&stack, folder.path()).await;
    let (wizard, client_id) = half_way(&mut walk, &id, &pim).await;
    let session = walk.browser.cookie(&pim, "BAPID").unwrap().to_owned();
    let (pim_file, org_file) = (folder.path().join("pim.json"), folder.path().join("org.json"));
    let written = || {
        let read = |file| std::fs::read_to_string(file).unwrap();
        // The PIM has the app and the wizard's session, the org has given a refresh token.
        let pim = read(&pim_file);
        pim.contains(&client_id) && pim.contains(&session) && read(&org_file).contains("5Aep861")
    };
    while !written() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // In the middle of work on the connection, too: on AWS its lease would have to run out.
    let connection = ConnectionId::parse(&id).unwrap();
    Lease::wait(&stack.services, &connection, Deadline::after(Duration::from_secs(30)))
        .await
        .unwrap();
    tokio::task::spawn_blocking(move || world.shutdown_timeout(Duration::from_secs(10)))
        .await
        .unwrap();
    drop(stack);

    let stack = Stack::start(options(folder.path())).await.unwrap();
    go_on(&mut walk, &id, wizard).await;
    stack.stop().await;
}

#[tokio::test]
async fn without_a_folder_nothing_is_kept() {
    let stack = Stack::start(Options::default()).await.unwrap();
    let printed = invitation(&stack, None).await.unwrap();
    let id = |stack: &Stack| stack.org.control().state()["org"]["id"].clone();
    let org = id(&stack);
    assert!(org.is_string());
    stack.stop().await;
    let stack = Stack::start(Options::default()).await.unwrap();
    assert_ne!(id(&stack), org);
    assert_eq!(invitation(&stack, None).await.unwrap().past, Past::None);
    assert_ne!(invitation(&stack, None).await.unwrap().link, printed.link);
    stack.stop().await;
}
