//! The customer's own External Client App on the canary's way: its secret is one more that may not get out.

use connector_local::stack::Stack;
use connector_local::walk::Walk;
use salesforce_simulator::Action;

const PAGE: &str = "/setup/org/client";
const KEY: &str = "3MVG9.canary-own-app";

/// Enters it with a wrong secret first, which stays pending, and then with the right one.
pub(super) async fn add(walk: &mut Walk, stack: &Stack) {
    let secret = "canary-own-app-consumer-secret";
    let made = Action::MakeLocalApp {
        client_id: KEY.to_owned(),
        client_secret: secret.to_owned(),
        redirect_uri: stack.url.join("/salesforce/callback").unwrap().to_string(),
    };
    stack.org.control().act(&made).unwrap();
    let org = stack.org.url().to_string();
    for (tried, ends_at) in [
        ("canary-wrong-consumer-secret", "/salesforce/callback"),
        (secret, "/setup"),
    ] {
        let fields = [
            ("client_id", KEY),
            ("client_secret", tried),
            ("my_domain", org.as_str()),
        ];
        let page = walk.press_on(PAGE, PAGE, &fields).await.unwrap();
        assert_eq!(page.url.path(), ends_at, "{}", page.text());
    }
}
