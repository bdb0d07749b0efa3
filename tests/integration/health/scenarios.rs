//! The demo's scenarios: each ends where it says.

use connector_local::scenario::{run, scenarios};

#[tokio::test]
async fn every_scenario_ends_where_it_says() {
    let mut plays = tokio::task::JoinSet::new();
    for scenario in scenarios() {
        plays.spawn(async move {
            let mut lines = Vec::new();
            let ended = run(scenario.name, &mut |line: &connector_local::scenario::Line| {
                lines.push(line.to_string())
            })
            .await;
            (
                scenario.name,
                ended.map_err(|fault| format!("{fault}\n{}", lines.join("\n"))),
            )
        });
    }
    let mut failed = Vec::new();
    while let Some(played) = plays.join_next().await {
        if let (name, Err(fault)) = played.unwrap() {
            failed.push(format!("{name}: {fault}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[tokio::test]
async fn a_scenario_that_is_not_there_is_refused() {
    assert!(
        run("no-such-state", &mut |_: &connector_local::scenario::Line| {})
            .await
            .is_err()
    );
}
