//! What can be said on the command line.

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use connector::connection::ConnectionId;
use url::Url;

/// Makes setup links, says who is stuck and whose turn it is, and stops what has to stop.
///
/// Every request is signed (AWS Signature Version 4) with the credentials that the AWS SDK finds: environment, profile, web
/// identity, container or instance role. The role needs the stack's OperatorAccess policy. For a profile of IAM Identity Center:
///
///   eval "$(aws configure export-credentials --profile NAME --format env)"
///
/// Against the demo on this machine nothing is signed:
///
///   cargo operator -- --endpoint http://127.0.0.1:8600 --unsigned list
///
/// Exit codes: 0 done; 1 the service was not reached or failed; 2 the command line is wrong; 3 the service refused; 4 not allowed.
#[derive(Debug, Parser)]
#[command(name = "connector", version, verbatim_doc_comment)]
pub struct Arguments {
    /// Where the API is: the stack's PublicUrl.
    #[arg(long, global = true, value_name = "URL", env = "CONNECTOR_PUBLIC_URL")]
    pub endpoint: Option<Url>,
    /// Region of the stack; otherwise as the AWS SDK finds it.
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// Send requests without a signature: for the demo.
    #[arg(long, global = true)]
    pub unsigned: bool,
    /// Print the API's JSON instead of tables.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a setup link for a new connection, or a fresh one for an existing connection.
    Invite(Invite),
    /// Make a new link to the same connection; the former one stops working, what was done stays.
    Resend {
        /// The connection's id.
        #[arg(value_parser = connection)]
        connection: ConnectionId,
        /// Print the e-mail in this language, too.
        #[arg(long, value_name = "LANGUAGE", value_parser = LANGUAGES)]
        letter: Option<String>,
    },
    /// List connections: who is stuck, where, and whose turn it is.
    List(List),
    /// Show one connection with the latest entries of its timeline.
    Show(One),
    /// Show the timeline of a connection, newest first.
    Timeline {
        /// The connection's id.
        #[arg(value_parser = connection)]
        connection: ConnectionId,
        /// At most so many entries; all otherwise.
        #[arg(long, value_name = "ENTRIES", value_parser = rows)]
        limit: Option<usize>,
    },
    /// Look at both sides again now.
    Check(One),
    /// Look at both sides again now and bring the org to what it should be.
    Repair(One),
    /// Stop regular checks and repairs of a connection.
    Pause(One),
    /// Let regular checks and repairs go on.
    Resume(One),
    /// Ask the customer for a new client secret of the Custom App.
    Rotate(One),
    /// Stop every link and session of a connection at once.
    Revoke(One),
    /// Take a connection apart, for good: links and sessions, what we wrote in the org, our access to it, and both secrets.
    Offboard {
        /// The connection's id.
        #[arg(value_parser = connection)]
        connection: ConnectionId,
        /// Whether the customer agreed that what we wrote in the org is taken away.
        #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
        blank_org: bool,
        /// Leave an org that does not answer as it is instead of waiting for it.
        #[arg(long)]
        without_org: bool,
    },
    /// Show what was taken away with a connection, when, and what could not be.
    Certificate(One),
    /// Change what is laid down for a connection. What is not named stays as it is.
    Terms(Terms),
    /// Show how the sweep keeps up and what waits in each queue.
    Sweep,
    /// Export the audit trail of one connection, or of all.
    Audit(Audit),
    /// Stop every link and session of every connection.
    RevokeAll {
        /// The word REVOKE-ALL, to show that it is meant.
        #[arg(long, value_name = "REVOKE-ALL", value_parser = ["REVOKE-ALL"])]
        yes: String,
    },
    /// Print the completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// One connection.
#[derive(Debug, Args)]
pub struct One {
    /// The connection's id.
    #[arg(value_parser = connection)]
    pub connection: ConnectionId,
}

/// A new link.
#[derive(Debug, Args)]
pub struct Invite {
    /// The customer's name as pages show it.
    pub customer: String,
    /// Expected host of the PIM, such as acme.cloud.akeneo.com.
    #[arg(long, value_name = "HOST")]
    pub pim_host: Option<String>,
    /// Expected type of the org.
    #[arg(long, value_parser = ["production", "sandbox"])]
    pub org_type: Option<String>,
    /// Whose callback the Custom App has.
    #[arg(long, value_parser = ["service", "salesforce"])]
    pub callback: Option<String>,
    /// How long the link works.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=90))]
    pub expires_in_days: Option<u64>,
    /// An existing connection, for a fresh link with these pins.
    #[arg(long, value_name = "ID", value_parser = connection)]
    pub connection: Option<ConnectionId>,
    /// Print the e-mail in this language, too.
    #[arg(long, value_name = "LANGUAGE", value_parser = LANGUAGES)]
    pub letter: Option<String>,
}

/// Which connections, in which order.
#[derive(Debug, Args)]
pub struct List {
    /// Only at these stages, separated by commas, such as wiring_blocked.
    #[arg(long)]
    pub stage: Option<String>,
    /// Only in these states of health, separated by commas, such as callouts_off.
    #[arg(long)]
    pub health: Option<String>,
    /// Only where it is their turn, separated by commas: salesforce_admin, pim_admin, customer_success, service, nobody.
    #[arg(long)]
    pub who: Option<String>,
    /// Only orgs of this type.
    #[arg(long, value_parser = ["production", "sandbox"])]
    pub org_type: Option<String>,
    /// Only those that are paused, or are not.
    #[arg(long, value_parser = ["true", "false"], num_args = 0..=1, default_missing_value = "true")]
    pub paused: Option<String>,
    /// Only this customer; the whole name.
    #[arg(long)]
    pub customer: Option<String>,
    /// Only where a name, host or id contains this text.
    #[arg(long)]
    pub text: Option<String>,
    /// What to sort by; `queue` does not sort, and is quick for any number of connections.
    #[arg(long, value_parser = ["created", "customer", "stage", "health", "since", "checked", "queue"])]
    pub sort: Option<String>,
    /// Up or down.
    #[arg(long, value_parser = ["asc", "desc"])]
    pub order: Option<String>,
    /// At most so many; all otherwise.
    #[arg(long, value_name = "CONNECTIONS", value_parser = rows)]
    pub limit: Option<usize>,
}

/// What is laid down for a connection.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Laid {
    /// What the service may mend in the org by itself.
    #[arg(long, value_parser = ["off", "callouts", "callouts_and_grants"])]
    pub heal: Option<String>,
    /// Seconds between two looks at its health, or `usual`.
    #[arg(long, value_name = "SECONDS", value_parser = period)]
    pub health_period_seconds: Option<Setting<u64>>,
    /// Whether the Salesforce token is given up after wiring.
    #[arg(long, value_name = "BOOL")]
    pub drop_salesforce_token: Option<bool>,
    /// Expected type of the org, or `any`.
    #[arg(long, value_parser = ["production", "sandbox", "any"])]
    pub org_type: Option<String>,
    /// Expected host of the PIM, or `any`.
    #[arg(long, value_name = "HOST")]
    pub pim_host: Option<String>,
}

/// A change of what is laid down.
#[derive(Debug, Args)]
pub struct Terms {
    /// The connection's id.
    #[arg(value_parser = connection)]
    pub connection: ConnectionId,
    /// The changes.
    #[command(flatten)]
    pub laid: Laid,
}

/// A value of one's own, or the usual one.
#[derive(Debug, Clone, Copy)]
pub enum Setting<T> {
    /// As for all connections.
    Usual,
    /// For this one.
    Own(T),
}

/// Which entries of the audit trail, and how.
#[derive(Debug, Args)]
pub struct Audit {
    /// Only of this connection.
    #[arg(long, value_name = "ID", value_parser = connection)]
    pub connection: Option<ConnectionId>,
    /// Not before this instant, such as 2026-11-24T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub since: Option<String>,
    /// Not after this instant.
    #[arg(long, value_name = "INSTANT")]
    pub until: Option<String>,
    /// CSV (RFC 4180) or JSON.
    #[arg(long, value_parser = ["csv", "json"], default_value = "csv")]
    pub format: String,
}

/// Languages of the e-mails.
const LANGUAGES: [&str; 4] = ["en", "de", "fr", "es"];

fn connection(text: &str) -> Result<ConnectionId, String> {
    ConnectionId::parse(text).ok_or_else(|| "the id of a connection has 20 hex digits; `list` shows it".to_owned())
}

fn rows(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "a whole number from 1".to_owned())
}

fn period(text: &str) -> Result<Setting<u64>, String> {
    if text == "usual" {
        return Ok(Setting::Usual);
    }
    let seconds = text
        .parse()
        .map_err(|_| "a whole number of seconds, or `usual`".to_owned());
    seconds.map(Setting::Own)
}
