//! How the program ends, and what is left of it.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;

use super::demo::{run, start, start_until};

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[tokio::test]
async fn ctrl_c_and_a_request_to_end_leave_nothing() {
    for signal in ["INT", "TERM", "HUP"] {
        let demo = start(&["--port", "0"]);
        // A connection that is kept open, as browsers do, holds nothing up.
        let mut person = demo.person();
        person.start(&demo.link()).await.unwrap();
        let ports = ["service", "Akeneo PIM", "Salesforce"].map(|line| demo.address(line).port().unwrap());
        demo.signal(signal);
        let ended = demo.end();
        assert_eq!(ended.status.code(), Some(0), "{signal}: {}", ended.complaint);
        assert_eq!((ended.left, ended.complaint.as_str()), (0, ""), "{signal}");
        assert!(ports.into_iter().all(is_free), "{signal}");
    }
}

#[test]
fn a_folder_has_what_is_needed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new").join("one");
    let demo = start(&["--port", "0", "--data", data.to_str().unwrap()]);
    demo.signal("INT");
    let ended = demo.end();
    assert_eq!((ended.status.code(), ended.left), (Some(0), 0), "{}", ended.complaint);
    let mut files: Vec<_> = std::fs::read_dir(&data)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        ["connector.db", "link.txt", "org.json", "pim.json", "ports.json"]
    );
    for file in files {
        let mode = std::fs::metadata(data.join(&file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} is for its owner only");
    }
}

#[test]
fn a_taken_port_is_named_with_the_remedy() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = run(&["--port", &port]);
    assert_eq!((ended.status.code(), ended.left), (Some(1), 0));
    assert!(
        ended
            .complaint
            .contains(&format!("port {port} of the service is taken")),
        "{}",
        ended.complaint
    );
    assert!(ended.complaint.contains("--port"), "{}", ended.complaint);
}

#[test]
fn an_interrupted_walk_is_no_success_and_leaves_nothing() {
    let demo = start_until(&["--auto"], "setup link");
    demo.signal("INT");
    let ended = demo.end();
    assert_eq!((ended.status.code(), ended.left), (Some(130), 0), "{}", ended.complaint);
}

#[test]
fn help_names_every_choice() {
    let ended = run(&["--help"]);
    assert!(ended.status.success());
    for word in [
        "cargo demo -- [OPTIONS]",
        "--auto",
        "--json",
        "--data <DIR>",
        "--port <PORT>",
        "8600",
        "--org <PRESET>",
        "package-missing",
    ] {
        assert!(ended.said.contains(word), "{word} is not in: {}", ended.said);
    }
}
