//! The guide's Part B, or Part D for a package before 3.0, made exact: each place in Salesforce Setup, each field, and the value to copy
//! into it.
//!
//! It serves orgs that refuse the service's writes and customers who give no API access. This is the only page that shows
//! values worth a secret (`code_identifier` and `code_challenge`), and only where a person has to enter them.

mod auth_provider;
mod words;

use askama::Template;

use super::instant::Instant;
use super::progress::{is_looking, progress};
use super::view::{FieldView, ManualView};
use crate::connection::{Connection, Evidence, GuidePart, Stage, Task, stage};
use crate::web::Html;
use crate::wiring::by_hand;
use words::{Value, notes, values, words};

/// Where a Setup page is, below the org's address. No public source confirms these paths, so the way by clicks stands beside
/// each link.
const CREDENTIALS: &str = "/lightning/setup/NamedCredential/home";
const AUTH_PROVIDERS: &str = "/lightning/setup/AuthProviders/home";
const PERMISSION_SETS: &str = "/lightning/setup/PermSets/home";

#[derive(Template)]
#[template(path = "manual.html")]
struct ManualPage<'a> {
    view: &'a ManualView<'a>,
    title: String,
    mark: String,
    /// Seconds between two questions whether the page is out of date.
    every: u64,
    looking: bool,
    /// Why the page shows nothing to do, where that is so.
    nothing: Option<&'static str>,
    /// Whether the service has no access to the org.
    alone: bool,
    /// Whether the package is older than 3.0.
    older: bool,
    /// Whether the plugin of such a package is not known to the service.
    unknown: bool,
    tasks: Vec<TaskView<'a>>,
    done: usize,
    looked_at: Option<Instant>,
}

/// One task as people read it.
struct TaskView<'a> {
    number: usize,
    id: &'static str,
    title: &'static str,
    /// The way by clicks.
    way: &'static str,
    /// The page in Setup, where the org's address is known.
    link: Option<String>,
    /// What to do there.
    steps: Vec<&'static str>,
    values: Vec<Value<'a>>,
    /// What else is worth knowing.
    notes: Vec<String>,
    evidence: Option<Evidence>,
    /// Whether a person ticks it.
    ticked: bool,
    /// Whether it is done from the setup page.
    in_setup: bool,
    /// The field for the Callback URL, where this task asks for it.
    paste: Option<&'a FieldView>,
}

/// The page for setting the org up by hand.
#[must_use]
pub fn manual(view: &ManualView<'_>) -> Html {
    let connection = view.connection;
    let tasks = tasks(view);
    let looking = is_looking(connection);
    super::html(&ManualPage {
        title: title(view),
        mark: progress(connection, view.now),
        every: if looking || tasks.iter().any(is_awaited) { 2 } else { 10 },
        looking,
        nothing: nothing(view),
        alone: connection.by_hand().is_some(),
        older: connection.guide_part() == GuidePart::AuthProvider,
        unknown: by_hand::is_plugin_unknown(connection),
        done: tasks.iter().filter(|task| task.evidence.is_some()).count(),
        tasks,
        looked_at: connection.org_looked_at().map(Instant::of),
        view,
    })
}

impl ManualPage<'_> {
    fn total(&self) -> usize {
        self.tasks.len()
    }

    fn is_complete(&self) -> bool {
        self.done == self.tasks.len()
    }
}

fn title(view: &ManualView<'_>) -> String {
    let faulty = view.callback_form.fault.is_some();
    let error = if faulty { "Error: " } else { "" };
    format!("{error}Set up Salesforce by hand – {}", view.connection.customer)
}

/// Whether something is waited for that this service sees by itself, at once.
fn is_awaited(task: &TaskView<'_>) -> bool {
    task.id == Task::Authorize.as_str() && task.evidence.is_none() && !task.ticked && !task.in_setup
}

/// Why there is nothing to do by hand now.
fn nothing(view: &ManualView<'_>) -> Option<&'static str> {
    let connection = view.connection;
    if connection.by_hand().is_none() && !by_hand::is_refused(connection) {
        return Some(
            "Nothing has to be done by hand: the service sets up Salesforce by itself, or shows on the setup page what it needs.",
        );
    }
    let known = match connection.guide_part() {
        GuidePart::Fallback => view.values.is_some(),
        GuidePart::AuthProvider => connection.wanted_credentials().is_some(),
    };
    if !known {
        return Some(
            "The values are not known yet. First create the Custom App in Akeneo, enter its credentials on the setup page and \
             authorize the connection. Then come back to this page.",
        );
    }
    None
}

fn tasks<'a>(view: &'a ManualView<'_>) -> Vec<TaskView<'a>> {
    if nothing(view).is_some() {
        return Vec::new();
    }
    let connection = view.connection;
    let listed = if connection.by_hand().is_some() {
        let tasks = connection.tasks_by_hand();
        tasks
            .into_iter()
            .map(|task| (task, connection.evidence_by_hand(task)))
            .collect()
    } else {
        by_hand::tasks(connection)
    };
    let numbered = listed.into_iter().enumerate();
    numbered
        .map(|(index, (task, evidence))| TaskView::of(view, index + 1, task, evidence))
        .collect()
}

impl<'a> TaskView<'a> {
    fn of(view: &'a ManualView<'_>, number: usize, task: Task, evidence: Option<Evidence>) -> Self {
        let words = words(view.connection, task);
        Self {
            number,
            id: task.as_str(),
            title: words.title,
            way: words.way,
            link: address(view.connection)
                .map(|origin| format!("{origin}{}", path(view.connection.guide_part(), task))),
            steps: words.steps,
            values: values(view, task),
            notes: notes(view.connection, task),
            evidence,
            ticked: is_ticked(view.connection, task),
            in_setup: task == Task::Authorize && view.connection.by_hand().is_none(),
            paste: (task == Task::Callback).then_some(&view.callback_form),
        }
    }
}

impl TaskView<'_> {
    /// The class of the style sheet.
    fn class(&self) -> &'static str {
        let pressable = self.ticked || self.in_setup || self.link.is_some() || self.paste.is_some();
        match self.evidence {
            Some(_) => "done",
            None if pressable => "turn",
            None => "later",
        }
    }
}

/// Where in Setup a task is done.
fn path(part: GuidePart, task: Task) -> &'static str {
    match task {
        Task::Access => PERMISSION_SETS,
        Task::AuthProvider => AUTH_PROVIDERS,
        Task::Callback if part == GuidePart::AuthProvider => AUTH_PROVIDERS,
        _ => CREDENTIALS,
    }
}

/// Where the org is, as far as that is known.
fn address(connection: &Connection) -> Option<String> {
    let side = &connection.salesforce;
    let copied = connection.by_hand().and_then(|manual| manual.callback.as_ref());
    let url = side.org.as_ref().map(|org| &org.instance).or(copied)?;
    Some(url.url().origin().ascii_serialization())
}

/// Whether a person says that a task is done, rather than that we see it.
fn is_ticked(connection: &Connection, task: Task) -> bool {
    if connection.by_hand().is_some() {
        connection.is_ticked_by_hand(task)
    } else {
        by_hand::is_ticked(connection, task)
    }
}

impl ManualView<'_> {
    /// Whether the whole connection is done, as far as it can be.
    fn is_connected(&self) -> bool {
        stage(self.connection) == Stage::Connected
    }
}
