//! Picklist synchronisation on the way: an app that the service makes and whose secret it reads, and one whose secret is pasted, first a
//! wrong one.

use connector_local::stack::Stack;
use connector_local::walk::Walk;
use salesforce_simulator::Action;
use serde_json::json;

const HERE: &str = "/setup/org/self";

/// Sets it up in both ways.
pub(super) async fn add(walk: &mut Walk, stack: &Stack, connection: &str) {
    walk.press_on(HERE, HERE, &[("action", "deploy")]).await.unwrap();
    walk.picklists_work(connection).await.unwrap();
    let fields = json!({ "consumer_key": "canary-key-4711", "consumer_secret": "canary-consumer-secret-4711" });
    let name = "Canary".to_owned();
    stack
        .org
        .control()
        .act(&Action::MakeClientApp { name, fields })
        .unwrap();
    for secret in ["canary-wrong-secret-4711", "canary-consumer-secret-4711"] {
        let fields = [
            ("action", "paste"),
            ("client_id", "canary-key-4711"),
            ("client_secret", secret),
        ];
        walk.press_on(HERE, HERE, &fields).await.unwrap();
    }
    walk.picklists_work(connection).await.unwrap();
}
