//! What people type as the base URL, and what they read at the field.

use std::sync::Arc;

use akeneo_simulator::{Fault, FaultKind};
use connector_local::browser::Page;
use connector_local::stack::Options;
use serde_json::{Value, json};

use crate::journey::{Journey, says};

const CLIENT_ID: &str = "0e5f2a31-7c55-4b0e-8a1d-2f6f3f9f3a10";
const SECRET: &str = "cLiEnT-sEcReT-cAnArY";

impl Journey {
    /// Sends the form with this address and stays where that leads.
    async fn type_address(&mut self, typed: &str) -> Page {
        self.walk.enter_akeneo(typed, CLIENT_ID, SECRET).await.unwrap()
    }

    /// The address is refused in these words, and everything but the secret is still there.
    async fn refuses(&mut self, typed: &str, shown: &str, words: &str) {
        let page = self.type_address(typed).await;
        assert_eq!(page.status, 422, "{typed}: {}", page.text());
        says(&page, &[words]);
        assert_eq!(page.value("#base-url").as_deref(), Some(shown), "{typed}");
        assert_eq!(
            page.value("#base-url[aria-invalid=true][aria-describedby~=base-url-fault]")
                .as_deref(),
            Some(shown)
        );
        assert_eq!(page.value("#client-id").as_deref(), Some(CLIENT_ID), "{typed}");
        assert_eq!(page.value("#client-secret").as_deref(), Some(""), "{typed}");
        assert!(!page.html.contains(SECRET), "{typed}");
    }
}

/// An origin on which nobody listens.
fn closed() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// An https origin whose certificate nobody trusts.
fn untrusted() -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let (config, listener) = (Arc::new(config), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            while session.is_handshaking() && session.complete_io(&mut stream).is_ok() {}
        }
    });
    format!("https://localhost:{port}")
}

#[tokio::test]
async fn an_address_that_cannot_be_a_pims_is_refused_with_its_remedy() {
    let mut journey = Journey::begin().await;
    for (typed, words) in [
        ("", "Type the address of your PIM"),
        ("our pim", "This is not a web address."),
        (
            "http://acme.cloud.akeneo.com",
            "The address must begin with https. Use: https://acme.cloud.akeneo.com",
        ),
        (
            "ftp://acme.cloud.akeneo.com",
            "The address must begin with https. Use: https://acme.cloud.akeneo.com",
        ),
        ("https://10.1.2.3", "This is an IP address."),
        ("https://2130706433", "This is an IP address."),
        ("https://0x7f.0.0.1", "This is an IP address."),
        ("https://[::ffff:10.0.0.1]", "This is an IP address."),
        ("https://169.254.169.254", "This is an IP address."),
        ("https://localhost", "This name only works inside a private network."),
        ("https://pim", "This name only works inside a private network."),
        (
            "https://pim.corp.internal",
            "This name only works inside a private network.",
        ),
        (
            "https://acme.cloud.akeneo.com:8443",
            "Leave the port out: https://acme.cloud.akeneo.com",
        ),
        (
            "https://acme.cloud.akeneo.com/#/dashboard",
            "Use only the beginning: https://acme.cloud.akeneo.com",
        ),
        (
            "https://acme.cloud.akeneo.com/user/login?x=1",
            "Use only the beginning: https://acme.cloud.akeneo.com",
        ),
    ] {
        journey.refuses(typed, typed, words).await;
    }
    let asked = journey.stack.pim.control().requests();
    assert!(asked.is_empty(), "nobody was called: {asked:?}");
    assert_eq!(
        journey.shown().await["akeneo"]["credentials"],
        Value::Null,
        "nothing is kept of a refused entry"
    );
}

#[tokio::test]
async fn a_host_that_nobody_vouches_for_is_confirmed_before_it_is_called() {
    let mut journey = Journey::begin().await;
    let typed = "https://pim.acme.example";
    let unconfirmed = "This is not an address of Akeneo’s cloud.";
    journey.refuses(typed, typed, unconfirmed).await;
    let page = journey.walk.journey().await.unwrap();
    assert!(
        page.value("[name=own_host]").is_none(),
        "only who typed such a host is asked"
    );

    for (confirmed, asked_again) in [("pim.other.example", true), ("pim.acme.example", false)] {
        let form = page.form_to("/setup/akeneo").unwrap();
        let form = form
            .with("base_url", typed)
            .with("client_id", CLIENT_ID)
            .with("client_secret", SECRET)
            .with("own_host", confirmed);
        let answer = journey.walk.browser.submit(form).await.unwrap();
        // The second is looked for, and there is none: `example` is reserved (RFC 6761).
        assert_eq!(answer.status, 422);
        assert_eq!(answer.text().contains(unconfirmed), asked_again, "{}", answer.text());
        assert_eq!(answer.value("[name=own_host]").as_deref(), Some("pim.acme.example"));
    }
}

#[tokio::test]
async fn credentials_in_the_address_do_not_come_back() {
    let mut journey = Journey::begin().await;
    let words = "Never put a user name or a password into the address. Use only: https://acme.cloud.akeneo.com";
    journey
        .refuses(
            "https://julia:pa55-canary@acme.cloud.akeneo.com",
            "https://acme.cloud.akeneo.com",
            words,
        )
        .await;
    for typed in [
        "https://julia:pa55-canary@10.0.0.1/",
        "julia:pa55-canary@ pim",
        "https://julia:pa55/canary@acme.example.com",
    ] {
        let page = journey.type_address(typed).await;
        assert_eq!(page.status, 422, "{typed}");
        assert!(!page.html.contains("pa55") && !page.html.contains("canary@"), "{typed}");
    }
}

#[tokio::test]
async fn what_answers_at_the_address_is_looked_at_before_anybody_is_sent_there() {
    let (closed, untrusted) = (closed(), untrusted());
    let options = Options {
        permit: vec![closed.clone(), untrusted.clone()],
        ..Options::default()
    };
    let mut journey = Journey::with(options, &json!({ "customer": "Acme" })).await;
    let org = journey.stack.org.url().origin().ascii_serialization();
    journey
        .refuses(&org, &org, "There is no Akeneo PIM at this address.")
        .await;
    journey
        .refuses(&closed, &closed, "Nothing answers at this address.")
        .await;
    journey
        .refuses(
            &untrusted,
            &untrusted,
            "The certificate of this address is not trusted.",
        )
        .await;

    let (pim, control) = (journey.pim(), journey.stack.pim.control());
    control.add_fault(Fault::new(FaultKind::ResetBefore, "/api/").times(1));
    journey.refuses(&pim, &pim, "Nothing answers at this address.").await;
    let fence = Fault {
        status: Some(401),
        body: Some("<h1>Who are you?</h1>".to_owned()),
        ..Fault::new(FaultKind::Status, "/api/")
    };
    control.add_fault(fence.times(2));
    journey.refuses(&pim, &pim, "Something in front of this address").await;
    control.change_settings(|settings| settings.api_redirects_to_login = true);
    journey
        .refuses(&pim, &pim, "redirects API calls instead of answering them")
        .await;
    control.change_settings(|settings| settings.api_redirects_to_login = false);
    assert!(
        control.requests_to("/connect/apps/v1/authorize").is_empty(),
        "nobody was sent there"
    );

    let page = journey.walk.journey().await.unwrap();
    assert_eq!(
        page.value("#base-url").as_deref(),
        Some(""),
        "a refused entry is not kept"
    );
    journey.connect_pim().await;
    assert_eq!(
        journey.shown().await["akeneo"]["proven"]["credentials"]["pim"],
        pim.trim_end_matches('/')
    );
}

#[tokio::test]
async fn a_pim_that_is_busy_for_a_moment_stops_nobody() {
    let mut journey = Journey::begin().await;
    let control = journey.stack.pim.control();
    control.add_fault(Fault {
        status: Some(503),
        ..Fault::new(FaultKind::Status, "/api/").times(2)
    });
    journey.connect_pim().await;
    assert_ne!(journey.shown().await["akeneo"]["proven"], Value::Null);
}

#[tokio::test]
async fn an_address_is_tidied_and_what_is_unambiguous_is_put_right() {
    let mut journey = Journey::begin().await;
    let (client_id, secret) = journey.walk.create_app(&journey.id.clone()).await.unwrap();
    let typed = format!("  \u{201c}{}\u{201d},", journey.pim());
    let wizard = journey
        .walk
        .enter_akeneo(&typed, &format!(" {client_id} "), &format!("{secret}\n"))
        .await
        .unwrap();
    journey.walk.consent(wizard).await.unwrap();
    let shown = journey.shown().await;
    assert_eq!(
        shown["akeneo"]["proven"]["credentials"]["pim"],
        journey.pim().trim_end_matches('/')
    );
    assert_eq!(shown["akeneo"]["proven"]["credentials"]["client_id"], client_id);
}
