//! What is asked for and waited for beside the person's browser: Customer Success's view, and the inside of the simulators.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::{Walk, WalkFault, path, unexpected};

/// How long a stage is waited for, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

impl Walk {
    /// Customer Success makes a link.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn invite(&self, body: &Value) -> Result<Value, WalkFault> {
        let answer = self
            .client
            .post(path(&self.service, "/operator/invitations"))
            .json(body)
            .send()
            .await?;
        let status = answer.status();
        let invitation: Value = answer.json().await?;
        if status == http::StatusCode::CREATED {
            Ok(invitation)
        } else {
            Err(unexpected("an invitation", invitation))
        }
    }

    /// The connection that was made last, if there is one.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn newest(&self) -> Result<Option<Value>, WalkFault> {
        let answer: Value = self
            .client
            .get(path(&self.service, "/operator/connections"))
            .send()
            .await?
            .json()
            .await?;
        let Some(all) = answer["connections"].as_array() else {
            return Err(unexpected("the connections", answer));
        };
        Ok(all.iter().max_by_key(|one| one["created_at"].as_str()).cloned())
    }

    /// What Customer Success sees of a connection.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn show(&self, connection: &str) -> Result<Value, WalkFault> {
        let url = path(&self.service, &format!("/operator/connections/{connection}"));
        Ok(self.client.get(url).send().await?.json().await?)
    }

    /// What a simulator shows of its inside.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn simulator_state(&self, simulator: &Url) -> Result<Value, WalkFault> {
        Ok(self
            .client
            .get(path(simulator, "/_simulator/state"))
            .send()
            .await?
            .json()
            .await?)
    }

    /// Has the package's code in the simulated org read something from the PIM, as one active user after the other; the first for whom
    /// it works comes back.
    ///
    /// # Errors
    /// [`WalkFault::Unexpected`] with the org's words when it works for nobody.
    pub async fn transfer(&self, org: &Url, state: &Value) -> Result<String, WalkFault> {
        let users = state["users"].as_array().into_iter().flatten();
        let names = users
            .filter(|user| user["active"] == true)
            .filter_map(|user| user["username"].as_str());
        let mut found = Value::Null;
        for name in names {
            let asked = self.client.post(path(org, "/_simulator/transfer"));
            found = asked.json(&json!({ "username": name })).send().await?.json().await?;
            if found["status"] == 200 {
                return Ok(name.to_owned());
            }
        }
        Err(WalkFault::Unexpected {
            what: "a transfer by the package's code",
            found: found.to_string(),
        })
    }

    /// Waits until a connection is at one of these stages.
    ///
    /// # Errors
    /// [`WalkFault::Unexpected`] with the present stage after a minute.
    pub async fn wait_for(&self, connection: &str, stages: &[&str]) -> Result<Value, WalkFault> {
        self.wait_until(connection, "the stage did not come", |shown| {
            stages.iter().any(|stage| shown["stage"] == *stage)
        })
        .await
    }

    /// Waits until the service has done what was asked of it and it is somebody's turn, or nobody's.
    ///
    /// # Errors
    /// [`WalkFault::Unexpected`] after a minute.
    pub async fn settled(&self, connection: &str) -> Result<Value, WalkFault> {
        self.wait_until(connection, "the service did not come to an end", |shown| {
            let stage = shown["stage"].as_str().unwrap_or_default();
            let at_work = matches!(stage, "wiring" | "verifying")
                || stage.starts_with("package_") && shown["next_action"]["who"] == "service";
            !at_work && shown["wiring"]["requested_at"].is_null()
        })
        .await
    }

    /// Waits until a connection has left this stage.
    ///
    /// # Errors
    /// [`WalkFault::Unexpected`] after a minute.
    pub async fn wait_while(&self, connection: &str, stage: &str) -> Result<Value, WalkFault> {
        self.wait_until(connection, "the stage stays", |shown| shown["stage"] != stage)
            .await
    }

    /// Waits until picklist synchronisation works.
    ///
    /// # Errors
    /// [`WalkFault::Unexpected`] after a minute.
    pub async fn picklists_work(&self, connection: &str) -> Result<Value, WalkFault> {
        self.wait_until(connection, "picklist synchronisation does not work", |shown| {
            shown["self_callout"]["stage"] == "working"
        })
        .await
    }

    pub(super) async fn wait_until(
        &self,
        connection: &str,
        what: &'static str,
        there: impl Fn(&Value) -> bool,
    ) -> Result<Value, WalkFault> {
        let mut shown = Value::Null;
        for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
            shown = self.show(connection).await?;
            if there(&shown) {
                return Ok(shown);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(unexpected(
            what,
            json!({
                "stage": shown["stage"], "next": shown["next_action"], "wiring": shown["wiring"], "self_callout": shown["self_callout"],
            }),
        ))
    }

    /// What the simulated org tells of its preset: the stops to expect and what a person does about them.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn story(&self, org: &Url) -> Result<Value, WalkFault> {
        let url = path(org, "/_simulator/preset");
        Ok(self.client.get(url).send().await?.json().await?)
    }

    /// Does to the simulated org what a person or the package does behind the service's back.
    ///
    /// # Errors
    /// [`WalkFault`].
    pub async fn simulator_action(&self, org: &Url, mut action: Value) -> Result<(), WalkFault> {
        let name = action["action"].as_str().unwrap_or_default().to_owned();
        if let Some(fields) = action.as_object_mut() {
            fields.remove("action");
        }
        let url = path(org, &format!("/_simulator/actions/{name}"));
        let answer = self.client.post(url).json(&action).send().await?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(unexpected("an action of the simulated org", answer.text().await?))
    }
}
