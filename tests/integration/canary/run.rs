//! The run: the journey with every failure on its way, then a look at everything that was said and kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use akeneo_simulator::{Fault, FaultKind};
use connector::clock::{Clock, Deadline, SystemClock, Timestamp};
use connector::service::Services;
use connector_local::browser::{Heard, Page};
use connector_local::outage::Part;
use connector_local::stack::{Options, Stack};
use connector_local::walk::Walk;
use http::{Method, header};
use serde_json::{Value, json};
use url::Url;

use super::secrets::{Sack, items};
use super::{own_app, picklists};
use crate::journey::TOKEN;
use crate::listening;

/// A password and other secrets that strangers and confused people put where they do not belong.
const MISPLACED: [(&str, &str); 5] = [
    ("password", "canary-pass/word+4711"),
    ("stray code", "canary.stray.code.4711"),
    ("stray state", "canary~stray~state~4711"),
    ("stray link", "canaryStrayInvitation471147114711471147114"),
    ("stray cookie", "canaryStrayCookie47114711"),
];

/// A clock that panics once when it is told to: a fault of ours in the middle of a callback, with code and state at hand.
#[derive(Debug, Default)]
struct Fuse(AtomicBool);

impl Clock for Fuse {
    fn now(&self) -> Timestamp {
        assert!(!self.0.swap(false, Ordering::SeqCst), "the clock is broken, on purpose");
        SystemClock.now()
    }
}

struct Canary {
    stack: Stack,
    walk: Walk,
    id: String,
    sack: Sack,
    fuse: Arc<Fuse>,
    folder: tempfile::TempDir,
}

impl Canary {
    async fn begin() -> Self {
        listening::begin();
        let folder = tempfile::tempdir().unwrap();
        let fuse = Arc::new(Fuse::default());
        // Unattended: the fuse and the outages are for the callback, not for a run that holds the lease beside it.
        let options = Options {
            unattended: true,
            data: Some(folder.path().to_owned()),
            clock: Some(fuse.clone()),
            ..Options::default()
        };
        let stack = Stack::start(options).await.unwrap();
        let mut walk = Walk::new(&stack.url, stack.pim.url()).unwrap();
        walk.browser = walk.browser.taped();
        let invitation = walk.invite(&json!({ "customer": "Acme Corporation" })).await.unwrap();
        let mut sack = Sack::default();
        for (what, secret) in MISPLACED {
            sack.add(what, secret);
        }
        sack.add("invitation", invitation["invitation"].as_str().unwrap());
        let link = Url::parse(invitation["link"].as_str().unwrap()).unwrap();
        walk.start(&link).await.unwrap();
        let id = invitation["connection"].as_str().unwrap().to_owned();
        Self {
            stack,
            walk,
            id,
            sack,
            fuse,
            folder,
        }
    }

    fn at(&self, path: &str) -> Url {
        self.stack.url.join(path).unwrap()
    }

    /// Opens an address whatever comes of it.
    async fn knock(&mut self, path: &str) {
        let url = self.at(path);
        self.walk.browser.open(url).await.ok();
        self.note();
    }

    fn note(&mut self) {
        self.sack.add_browser(&self.walk.browser, &self.stack.url);
        self.sack.add_sides(&self.stack);
        self.sack.add_store(self.folder.path());
    }

    /// Credentials, consent, and the callback in hand but not opened.
    async fn callback_in_hand(&mut self, client_id: &str, secret: &str) -> Url {
        let pim = self.stack.pim.url().to_string();
        let wizard = self.walk.enter_akeneo(&pim, client_id, secret).await.unwrap();
        self.callback_of(&wizard).await
    }

    async fn callback_of(&mut self, wizard: &Page) -> Url {
        let back = match self.walk.confirm(wizard).await.unwrap() {
            Some(back) => back,
            None => wizard.url.clone(),
        };
        self.note();
        back
    }

    /// What strangers and confused people send.
    async fn strangers(&mut self) {
        let id = self.id.clone();
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let [(_, password), (_, code), (_, state), (_, link), (_, cookie)] = MISPLACED;
        for path in [
            format!("/setup/{link}"),
            format!("/setup/{link}/{link}"),
            format!("/akeneo/{id}/callback?code={code}&state=connector-setup.{state}"),
            format!("/akeneo/{id}/callback?code={code}&state={state}"),
            format!("/akeneo/{id}/callback?code={code}&code={code}&state={state}"),
            format!("/akeneo/{id}/callback?code=%zz{code}&state={state}"),
            format!("/akeneo/{code}/callback?code={code}&state={state}"),
            format!(
                "/akeneo/{id}/activate?pim_url={}",
                encode(&format!("https://admin:{password}@pim.example.com"))
            ),
            format!("/salesforce/callback?code={code}&state={state}"),
            format!("/salesforce/callback?error=access_denied&error_description={code}&state={state}"),
            format!("/operator/connections/{link}"),
        ] {
            self.knock(&path).await;
        }
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let stray = format!("__Host-setup={cookie}; __Host-browser={cookie}");
        let url = self.at(&format!(
            "/akeneo/{id}/callback?code={code}&state=connector-setup.{state}"
        ));
        let answer = client
            .request(Method::GET, url)
            .header(header::COOKIE, stray)
            .header(header::AUTHORIZATION, password);
        let text = answer.send().await.unwrap().text().await.unwrap();
        assert_eq!(self.sack.searcher(&[]).find(&text), [""; 0]);
        let posted = client
            .post(self.at("/setup"))
            .body(format!("{{\"{password}\": \"{code}\"}}"))
            .send()
            .await
            .unwrap();
        assert_eq!(self.sack.searcher(&[]).find(&posted.text().await.unwrap()), [""; 0]);
        let posted = client
            .post(self.at("/operator/invitations"))
            .body(format!("{{\"customer\": \"{password}\", \"x\": "))
            .send()
            .await
            .unwrap();
        assert_eq!(self.sack.searcher(&[]).find(&posted.text().await.unwrap()), [""; 0]);
    }

    /// Every way in which the PIM's leg fails, with the secrets known to the PIM and to us.
    async fn failures_at_the_pim(&mut self, client_id: &str, secret: &str) {
        let with_password = format!("https://admin:{}@{}", MISPLACED[0].1, "pim.example.com");
        let page = self.walk.enter_akeneo(&with_password, client_id, secret).await.unwrap();
        assert_eq!(page.status, 422);
        let wrong = "canaryWrongClientSecret47114711";
        self.sack.add("client_secret", wrong);
        let back = self.callback_in_hand(client_id, wrong).await;
        self.walk.browser.open(back).await.unwrap();
        for fault in [
            Fault::new(FaultKind::ResetAfter, TOKEN).times(2),
            Fault::new(FaultKind::Status, TOKEN).times(2),
            Fault {
                status: Some(400),
                body: Some("<html>no</html>".to_owned()),
                ..Fault::new(FaultKind::Status, TOKEN).times(2)
            },
        ] {
            let back = self.callback_in_hand(client_id, secret).await;
            self.stack.pim.control().add_fault(fault);
            self.walk.browser.open(back).await.unwrap();
            self.stack.pim.control().clear_faults();
        }
        let back = self.callback_in_hand(client_id, secret).await;
        self.stack.pim.control().advance_clock(60);
        self.walk.browser.open(back).await.unwrap();
        for part in [Part::Table, Part::SecretReads, Part::SecretWrites] {
            let back = self.callback_in_hand(client_id, secret).await;
            self.stack.outage.begin(part);
            self.walk.browser.open(back).await.unwrap();
            self.stack.outage.end(part);
        }
        let back = self.callback_in_hand(client_id, secret).await;
        self.fuse.0.store(true, Ordering::SeqCst);
        assert!(
            self.walk.browser.open(back).await.is_err(),
            "the callback panics and no answer comes"
        );
        assert!(!self.fuse.0.load(Ordering::SeqCst), "the fuse has blown");
    }

    /// Waits for a stage; if it does not come, the last that was heard says why.
    async fn reach(&self, stage: &str) {
        if let Err(fault) = self.walk.wait_for(&self.id, &[stage]).await {
            let heard = listening::so_far();
            let of_this: Vec<_> = heard
                .lines()
                .filter(|line| line.contains(&self.id) && !line.starts_with('{'))
                .collect();
            panic!("{fault}\n{}", of_this[of_this.len().saturating_sub(40)..].join("\n"));
        }
    }

    /// Everything that may be searched, place by place.
    async fn search(&mut self) {
        self.note();
        let everything = self.sack.searcher(&[]);
        let logs = listening::so_far();
        assert!(
            logs.contains("akeneo.token.exchange") && logs.contains("on purpose"),
            "the ear was open"
        );
        assert_eq!(everything.find(&logs), [""; 0], "in the logs");
        assert_eq!(everything.find(&items(self.folder.path())), [""; 0], "in the table");
        let shown = self.walk.show(&self.id).await.unwrap().to_string();
        assert_eq!(everything.find(&shown), [""; 0], "in the operator's answer");
        let mut answers = 0;
        for heard in self
            .walk
            .browser
            .tape()
            .iter()
            .filter(|heard| heard.url.origin() == self.stack.url.origin())
        {
            answers += 1;
            search_answer(&self.sack, heard);
        }
        let carried = |name: &header::HeaderName, what: &str| {
            let but: Vec<_> = self.sack.kinds().into_iter().filter(|kind| *kind != what).collect();
            let only = self.sack.searcher(&but);
            let headers = self
                .walk
                .browser
                .tape()
                .iter()
                .flat_map(|heard| heard.headers.get_all(name));
            headers
                .filter(|value| !only.find(&String::from_utf8_lossy(value.as_bytes())).is_empty())
                .count()
        };
        let (states, sessions) = (
            carried(&header::LOCATION, "state"),
            carried(&header::SET_COOKIE, "session"),
        );
        assert!(
            states > 10 && sessions > 0,
            "what must carry a secret was seen to: {states}, {sessions}"
        );
        assert!(answers > 60, "{answers} answers were searched");
    }
}

/// One answer of the service, with what each of its parts may carry.
fn search_answer(sack: &Sack, heard: &Heard) {
    let link = heard.url.path().strip_prefix("/setup/").unwrap_or_default();
    let landing = link.len() == 43 && !link.contains('/');
    let handed_off = heard.url.path() == "/setup/handoff";
    let may: &[&str] = if landing {
        &["invitation"]
    } else if handed_off {
        &["hand-off link"]
    } else {
        &[]
    };
    let found = sack.searcher(may).find(&heard.body);
    assert_eq!(found, [""; 0], "in the page {}", heard.url.path());
    for (name, value) in &heard.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let away = value.starts_with("http");
        let may: &[&str] = match name.as_str() {
            "set-cookie" => &["session", "browser"],
            // To the PIM or the login host with a state; to the org with whatever code and state is not ours.
            "location" if away => &["state", "code", "stray code", "stray state"],
            _ => &[],
        };
        assert_eq!(
            sack.searcher(may).find(&value),
            [""; 0],
            "in {name} of {}",
            heard.url.path()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_gets_out() {
    let mut canary = Canary::begin().await;
    canary.strangers().await;
    hand_off(&mut canary).await;
    canary.walk.connect_salesforce("production", "Deny").await.unwrap();
    canary.walk.connect_salesforce("production", "Allow").await.unwrap();
    canary.note();
    let id = canary.id.clone();
    let (client_id, secret) = canary.walk.create_app(&id).await.unwrap();
    canary.failures_at_the_pim(&client_id, &secret).await;
    let _loop = tokio::spawn(wire(canary.stack.services.clone()));
    let back = canary.callback_in_hand(&client_id, &secret).await;
    canary.walk.browser.open(back.clone()).await.unwrap();
    canary.walk.browser.open(back).await.unwrap();
    canary.reach("authorize_principal").await;
    canary.walk.authorize_principal().await.unwrap();
    canary.reach("connected").await;
    picklists::add(&mut canary.walk, &canary.stack, &id).await;
    own_app::add(&mut canary.walk, &canary.stack).await;
    canary.reach("connected").await;
    canary.knock("/setup").await;
    canary.knock("/setup/progress").await;
    // An org whose session is over, and one that refuses everything: the refresh, and errors of the wiring.
    let faults =
        json!([{ "path_prefix": "/services/data/", "kind": "status", "canned": "session_expired", "count": 3 }]);
    for fault in serde_json::from_value::<Vec<salesforce_simulator::Fault>>(faults).unwrap() {
        canary.stack.org.control().add_fault(fault);
    }
    canary.strangers().await;
    let event = lambda_runtime::LambdaEvent::new(json!({ "connection": id }), lambda_runtime::Context::default());
    salesforce_patch::handle(&canary.stack.services, event).await.ok();
    canary.note();

    let kinds = canary.sack.kinds();
    for what in [
        "access_token",
        "browser",
        "client_secret",
        "code",
        "code_challenge",
        "code_identifier",
        "code_verifier",
        "invitation",
        "refresh_token",
        "session",
        "state",
        "token",
    ] {
        assert!(kinds.contains(what), "no {what} was in play: {kinds:?}");
    }
    canary.search().await;
    let revoked = reqwest::Client::new()
        .post(canary.at(&format!("/operator/connections/{id}/revoke")))
        .send()
        .await
        .unwrap();
    let revoked: Value = revoked.json().await.unwrap();
    assert_eq!(canary.sack.searcher(&[]).find(&revoked.to_string()), [""; 0]);
}

/// Plays the table's stream.
async fn wire(services: Services) {
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        salesforce_patch::wire_due(&services, Deadline::after(Duration::from_secs(110)))
            .await
            .ok();
    }
}

/// A colleague's link is shown once, on the page that made it.
async fn hand_off(canary: &mut Canary) {
    let form = canary
        .walk
        .journey()
        .await
        .unwrap()
        .form_to("/setup/handoff")
        .unwrap()
        .with("leg", "akeneo");
    let page = canary.walk.browser.submit(form).await.unwrap();
    let link = page.html.split("/setup/").find_map(|rest| {
        let token: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            .collect();
        (token.len() == 43).then_some(token)
    });
    canary.sack.add("hand-off link", &link.unwrap());
}
