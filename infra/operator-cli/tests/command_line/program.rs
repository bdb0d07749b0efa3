//! The program with an environment of its own: no credentials, no settings of the person who runs the tests.

use std::process::{Command, Stdio};

use serde_json::Value;

/// How a run of the program ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) said: String,
    pub(super) complaint: String,
}

impl Ended {
    /// What a run that went well printed, as JSON.
    pub(super) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.said).unwrap()
    }
}

/// Runs the program with these variables and arguments.
pub(super) async fn with(variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connector"));
    command
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .envs(variables.iter().copied())
        .args(arguments)
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    Ended {
        code: output.status.code().unwrap(),
        said: String::from_utf8(output.stdout).unwrap(),
        complaint: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the program against an endpoint that takes unsigned requests.
pub(super) async fn unsigned(endpoint: &str, arguments: &[&str]) -> Ended {
    let mut all = vec!["--endpoint", endpoint, "--unsigned"];
    all.extend(arguments);
    with(&[], &all).await
}
