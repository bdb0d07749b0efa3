//! Every call to the org, exactly, for each state that it can be in: method, path and body, in the order of facts/salesforce 13.A, and
//! of 13.C for packages before 3.0.
//!
//! `calls/{preset}.txt` has one line for each call: the step of the facts' sequence, what became of it where it was refused, method,
//! path and body; of a deploy the files that are in its archive. Ids, secrets and addresses, which differ each time, have names. Reads
//! are written out for `ready`; elsewhere, where they are the same, a row of them is one line that names their steps. A
//! second run makes no write.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

use salesforce_simulator::{JournalEntry, Preset};
use serde_json::Value;

use super::story::Carried;
use crate::attended::place;

/// Where the expected calls are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("integration/wiring/calls")
}

/// What differs each time, by its name.
struct Names {
    known: Vec<(String, String)>,
    ids: HashMap<String, String>,
    /// What the deploys held, in their order.
    deploys: VecDeque<Value>,
}

impl Names {
    fn of(carried: &Carried) -> Self {
        let attended = &carried.attended;
        let text = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
        let (client_id, client_secret) = attended.app.clone().unwrap();
        let mut known = vec![
            (text(attended.stack.pim.url()), "{pim}".to_owned()),
            (text(attended.stack.org.url()), "{org}".to_owned()),
            (client_id, "{client id}".to_owned()),
            (client_secret, "{client secret}".to_owned()),
        ];
        for row in attended.provider()["parameters"].as_array().into_iter().flatten() {
            let name = row["name"].as_str().unwrap();
            if matches!(name, "code_identifier" | "code_challenge") {
                known.push((row["value"].as_str().unwrap().to_owned(), format!("{{{name}}}")));
            }
        }
        let tokens = attended.pim().state().live_tokens;
        known.extend(tokens.into_iter().map(|token| (token.value, "{token}".to_owned())));
        let deploys = attended.org().state()["deploys"].as_array().unwrap().clone();
        Self {
            known,
            ids: HashMap::new(),
            deploys: deploys.into_iter().map(|deploy| deploy["files"].clone()).collect(),
        }
    }

    fn told(&mut self, text: &str) -> String {
        let mut told = text.to_owned();
        for (value, name) in &self.known {
            told = told.replace(value, name);
        }
        self.without_ids(&told)
    }

    /// Record ids, 18 characters, as their prefix and the order in which they came.
    fn without_ids(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut word = String::new();
        for character in text.chars().chain(['\n']) {
            if character.is_ascii_alphanumeric() {
                word.push(character);
                continue;
            }
            out.push_str(&self.word(&word));
            word.clear();
            out.push(character);
        }
        out.pop();
        out
    }

    fn word(&mut self, word: &str) -> String {
        // A pair that the package's own Set Up has replaced meanwhile.
        if matches!(word.len(), 32 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return format!("{{{} hex}}", word.len());
        }
        const PREFIXES: [&str; 10] = ["0XA", "0pt", "0so", "0pu", "0PS", "005", "00D", "04t", "0Af", "0pv"];
        let prefix = PREFIXES
            .iter()
            .find(|prefix| word.len() == 18 && word.starts_with(**prefix));
        let Some(prefix) = prefix else {
            return word.to_owned();
        };
        let next = self
            .ids
            .values()
            .filter(|name| name.starts_with(&format!("{{{prefix} ")))
            .count()
            + 1;
        self.ids
            .entry(word.to_owned())
            .or_insert_with(|| format!("{{{prefix} {next}}}"))
            .clone()
    }
}

/// The step of facts/salesforce 13.A, and before 3.0 of 13.C, that a call belongs to. Calls that the sequences do not have are not made.
fn step(entry: &JournalEntry) -> &'static str {
    let (method, place, query) = (entry.method.as_str(), place(&entry.path), entry.query.as_str());
    let asks = |object: &str| query.contains(&format!("FROM+{object}+")) || query.ends_with(&format!("FROM+{object}"));
    match (method, place.as_str()) {
        ("POST", _) if entry.path == "/services/oauth2/token" => "1 token",
        ("GET", _) if entry.path == "/services/data/" => "1 versions",
        ("GET", "query" | "query/") if asks("UserPermissionAccess") => "1 permissions",
        ("GET", "query" | "query/") if asks("Organization") || asks("User") => "1 who",
        ("GET", "tooling/query" | "tooling/query/") => "2 discover",
        ("GET", "query" | "query/") if asks("AuthProvider") || asks("EntityDefinition") || query.contains("__mdt") => {
            "C look"
        }
        ("GET", place) if place.starts_with("sobjects/") && place.ends_with("__mdt/describe") => "C look",
        ("GET", "tooling/executeAnonymous" | "tooling/executeAnonymous/") => "C smoke",
        ("GET", "query" | "query/") => "8 grants",
        ("GET", place) if place.starts_with("named-credentials/") => "3 read",
        ("GET", "tooling/sobjects/NamedCredential" | "tooling/sobjects/ExternalAuthIdentityProvider") => "3 read",
        (_, place) if place.starts_with("named-credentials/external-auth-identity-providers/") => "5 provider",
        (_, "tooling/sobjects/ExternalAuthIdentityProvider") => "5 provider",
        (_, place) if place.starts_with("named-credentials/external-auth-identity-provider-credentials/") => {
            "6 credentials"
        }
        // facts/salesforce 4.7, instead of 13.C.
        ("POST", "named-credentials/external-credentials") => "1 of 4.7",
        ("POST", "named-credentials/credential") => "2 of 4.7",
        ("POST", "named-credentials/named-credential-setup") => "3 of 4.7",
        (_, "tooling/sobjects/NamedCredential") => "7 endpoint",
        (_, place) if place.starts_with("named-credentials/named-credential-setup/") => "7 endpoint",
        (_, place) if place.starts_with("sobjects/") => "8 grants",
        ("POST", "metadata/deployRequest") => "  deploy",
        ("GET", place) if place.starts_with("metadata/deployRequest") => "  deploy",
        ("POST", "named-credentials/credential/auth-url/o-auth") => "9 hop",
        _ => panic!(
            "a call that facts/salesforce 13.A does not have: {method} {} {query}",
            entry.path
        ),
    }
}

/// One call as a line.
fn line(entry: &JournalEntry, names: &mut Names) -> String {
    let step = step(entry);
    let path = entry.path.strip_prefix("/services/data/").unwrap_or(&entry.path);
    let pairs = url::form_urlencoded::parse(entry.query.as_bytes()).map(|(name, value)| format!("{name}={value}"));
    let query = pairs.collect::<Vec<_>>().join("&");
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let body = match entry.content_type.as_deref() {
        Some(kind) if kind.starts_with("application/json") => entry.body.clone(),
        Some(kind) if kind.starts_with("multipart/") => names.deploys.pop_front().unwrap_or_default().to_string(),
        _ => String::new(),
    };
    let refused = entry
        .status
        .filter(|status| *status >= 300)
        .map(|status| format!(" {status}"))
        .unwrap_or_default();
    let call = names.told(&format!("{} {path}{query} {body}", entry.method));
    format!("{step}{refused} | {}", call.trim_end())
}

/// A row of reads as one line.
fn end_reads(reads: &mut Vec<&str>, lines: &mut Vec<String>) {
    if !reads.is_empty() {
        lines.push(format!("reads: {}", reads.join(", ")));
        reads.clear();
    }
}

/// Compares the calls of a preset's story with what is expected; what was found instead is left in the test's own folder.
async fn check(preset: Preset) {
    let mut carried = Carried::through(preset).await;
    let mut names = Names::of(&carried);
    let whole = preset == Preset::Ready;
    let made = carried.attended.org().requests();
    let is_call =
        |entry: &&JournalEntry| entry.path.starts_with("/services/data/") || entry.path == "/services/oauth2/token";
    let mut lines = vec![format!("# {}: {}", preset.name(), preset.story().special)];
    if !carried.told.is_empty() {
        lines.push(format!("# told: {}", carried.told.join(", ")));
    }
    for (stage, what) in &carried.stops {
        lines.push(format!("# a person acts at {stage}: {}", names.told(what)));
    }
    let mut reads: Vec<&str> = Vec::new();
    for (index, entry) in made.iter().enumerate() {
        if index == carried.first_connected && !preset.story().later.is_empty() {
            end_reads(&mut reads, &mut lines);
            lines.push("# connected; later:".to_owned());
        }
        if !is_call(&entry) {
            continue;
        }
        let (step, call) = (step(entry), line(entry, &mut names));
        if whole || step != "1 token" && entry.method != "GET" {
            end_reads(&mut reads, &mut lines);
            lines.push(call);
        } else if !reads.contains(&step) {
            reads.push(step);
        }
    }
    end_reads(&mut reads, &mut lines);
    let found = lines.join("\n") + "\n";
    let file = format!("{}.txt", preset.name());
    let expected = std::fs::read_to_string(folder().join(&file)).unwrap_or_default();
    if found != expected {
        let left = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&file);
        std::fs::write(&left, &found).unwrap();
        let differs = found
            .lines()
            .zip(expected.lines())
            .find(|(found, expected)| found != expected);
        panic!(
            "{file} has other calls; the first is {differs:#?}; all that were made are in {}",
            left.display()
        );
    }
    assert!(names.deploys.is_empty(), "deploys that nobody called for");
    carried.must_rest().await;
    if preset == Preset::LegacyHeadless {
        crate::legacy::headless::must_be_headless(&carried.attended).await;
    } else if carried.attended.provider().is_null() {
        crate::legacy::must_be_wired(&carried.attended);
    } else {
        carried.attended.must_be_wired();
    }
}

macro_rules! presets {
    ($($name:ident: $preset:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $name() {
                check(Preset::$preset).await;
            }
        )+
    };
}

presets! {
    ready: Ready,
    wired_elsewhere: WiredElsewhere,
    half_set_up: HalfSetUp,
    duplicate_rows: DuplicateRows,
    namesakes: Namesakes,
    rows_deleted: RowsDeleted,
    package_upgraded: PackageUpgraded,
    package_missing: PackageMissing,
    package_broken: PackageBroken,
    sandbox_refreshed: SandboxRefreshed,
    callouts_switched_off: CalloutsSwitchedOff,
    callouts_fall_off: CalloutsFallOff,
    read_lost: ReadLost,
    developer_controlled: DeveloperControlled,
    connect_refused: ConnectRefused,
    tooling_refused: ToolingRefused,
    deploy_only: DeployOnly,
    callouts_refused: CalloutsRefused,
    no_permission: NoPermission,
    no_view_setup: NoViewSetup,
    sandbox: Sandbox,
    sandbox_refreshed_later: SandboxRefreshedLater,
    access_missing: AccessMissing,
    package_2: Package2,
    legacy: Legacy,
    legacy_headless: LegacyHeadless,
    legacy_upgraded: LegacyUpgraded,
    legacy_foreign_provider: LegacyForeignProvider,
}

/// Presets whose calls are asserted where their whole subject is, because a person or another sequence than 13.A and 13.C makes them.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "writes-refused",
        "by_hand/refused.rs",
        "every write is refused, and a person enters what the page shows",
    ),
    (
        "legacy-writes-refused",
        "by_hand/older_refused.rs",
        "every write is refused, and a person enters what the page shows",
    ),
    (
        "legacy-by-hand",
        "by_hand/older_alone.rs",
        "no access is given: the org is not called",
    ),
    (
        "package-install-by-service",
        "salesforce_leg/install.rs",
        "facts/salesforce 9: the request for the installation, then the calls of ready",
    ),
    (
        "runner-inactive",
        "by_hand/users.rs",
        "the calls of ready; what is special is who is chosen",
    ),
    (
        "app-not-installed",
        "salesforce_leg/arrival.rs",
        "ends at the login: the org is not called",
    ),
    (
        "denied",
        "salesforce_leg/arrival.rs",
        "ends at the login: the org is not called",
    ),
    (
        "own-app",
        "salesforce_leg/own_app.rs",
        "the calls of ready with another app's token",
    ),
    (
        "self",
        "self_callout/records.rs",
        "sequence 13.B, which starts after 13.A",
    ),
    (
        "self-by-hand",
        "self_callout/records.rs",
        "sequence 13.B, which starts after 13.A",
    ),
    (
        "self-not-packaged",
        "self_callout/records.rs",
        "sequence 13.B, which starts after 13.A",
    ),
];

#[test]
fn every_preset_has_its_calls() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for preset in Preset::all() {
        let file = files.iter().position(|file| *file == format!("{}.txt", preset.name()));
        let named = ELSEWHERE.iter().any(|(name, ..)| *name == preset.name());
        assert!(
            file.is_some() != named,
            "{} has a file, or a reason why not",
            preset.name()
        );
        if let Some(file) = file {
            files.remove(file);
        }
    }
    assert_eq!(files, [""; 0], "calls of no preset");
    for (name, suite, reason) in ELSEWHERE {
        assert!(
            Preset::all().any(|preset| preset.name() == *name) && !reason.is_empty(),
            "{name}"
        );
        let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("integration").join(suite);
        assert!(suite.is_file(), "{}", suite.display());
    }
}
