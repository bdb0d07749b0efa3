//! What tired people type, and what becomes of it.

use proptest::prelude::*;

use super::typed::LONGEST;
use super::*;
use crate::outbound::check_url;

fn parse(typed: &str) -> Result<String, PimUrlFault> {
    PimUrl::parse(typed, &Permit::none()).map(|url| url.to_string())
}

fn pim(text: &str) -> PimUrl {
    PimUrl::parse(text, &Permit::none()).unwrap()
}

#[test]
fn what_is_unambiguous_is_put_right() {
    for typed in [
        "https://acme.cloud.akeneo.com",
        "https://acme.cloud.akeneo.com/",
        "https://acme.cloud.akeneo.com///",
        "https://acme.cloud.akeneo.com/./?",
        "  https://acme.cloud.akeneo.com \r\n",
        "HTTPS://ACME.Cloud.Akeneo.COM",
        "acme.cloud.akeneo.com",
        "Acme.cloud.akeneo.com/",
        "//acme.cloud.akeneo.com",
        "https//acme.cloud.akeneo.com",
        "https:acme.cloud.akeneo.com",
        "https:\\\\acme.cloud.akeneo.com\\",
        "https://https://acme.cloud.akeneo.com",
        "https://acme.cloud.akeneo.com.",
        "https://acme.cloud.akeneo.com,",
        "\"https://acme.cloud.akeneo.com\";",
        "<https://acme.cloud.akeneo.com>",
        "\u{201c}https://acme.cloud.akeneo.com\u{201d}",
        "\u{feff}\u{a0}https://acme.cloud.akeneo.com\u{200b}",
        "https://acme.cloud.akeneo.com:443",
        "https://acme.cloud.akeneo.com#",
        "ａｃｍｅ。cloud.akeneo.com",
    ] {
        assert_eq!(
            parse(typed).as_deref(),
            Ok("https://acme.cloud.akeneo.com"),
            "{typed:?}"
        );
    }
    assert_eq!(
        parse("bücher.example.com").unwrap(),
        "https://xn--bcher-kva.example.com"
    );
}

#[test]
fn each_fault_has_its_remedy() {
    let base = || pim("https://acme.cloud.akeneo.com");
    let check = |fault: PimUrlFault, typed: &[&str]| {
        for typed in typed {
            assert_eq!(parse(typed).unwrap_err(), fault, "{typed:?}");
        }
        let remedy = fault.remedy();
        assert!(remedy.contains("https"), "{remedy}");
        assert_eq!(
            fault.suggestion().is_some_and(|meant| remedy.ends_with(meant.as_str())),
            fault.suggestion().is_some()
        );
    };
    check(PimUrlFault::Empty, &["", " ", "\t\n", "\"\"", "\u{200b}"]);
    check(
        PimUrlFault::NotAnAddress,
        &[
            "acme cloud akeneo com",
            "https:// acme.com",
            "https://",
            "a@",
            "https://a..com",
            "https://a\nb.com",
            "https://256.1.1.1",
            "javascript:alert(1)",
            "{acme}",
        ],
    );
    check(
        PimUrlFault::IpAddress,
        &[
            "192.168.1.5",
            "https://8.8.8.8",
            "http://127.0.0.1:8080/",
            "https://[::1]",
            "https://2130706433",
            "0x7f.1",
            "user:pw@10.0.0.1",
        ],
    );
    check(
        PimUrlFault::LocalName,
        &[
            "localhost",
            "http://localhost:8080",
            "acme",
            "pim.local",
            "https://pim.internal/x",
            "file:///etc/passwd",
        ],
    );
    check(
        PimUrlFault::Port(base()),
        &[
            "acme.cloud.akeneo.com:8443",
            "https://acme.cloud.akeneo.com:80/",
            "http://acme.cloud.akeneo.com:8080/x",
        ],
    );
    check(
        PimUrlFault::Credentials(base()),
        &[
            "https://me:secret@acme.cloud.akeneo.com",
            "me@acme.cloud.akeneo.com",
            "http://:secret@acme.cloud.akeneo.com/x",
            "mailto:me@acme.cloud.akeneo.com",
        ],
    );
    check(
        PimUrlFault::Insecure(base()),
        &[
            "http://acme.cloud.akeneo.com",
            "HTTP://acme.cloud.akeneo.com/",
            "http//acme.cloud.akeneo.com",
            "ftp://acme.cloud.akeneo.com",
            "htps://acme.cloud.akeneo.com",
            "http://acme.cloud.akeneo.com/user/login",
        ],
    );
    check(
        PimUrlFault::Page(base()),
        &[
            "https://acme.cloud.akeneo.com/#/dashboard",
            "acme.cloud.akeneo.com/user/login",
            "https://acme.cloud.akeneo.com?x=1",
            "https://acme.cloud.akeneo.com/#/connect/app-store",
            "acme.cloud.akeneo.com//x",
        ],
    );
    let long = format!("https://acme.cloud.akeneo.com/{}", "x".repeat(LONGEST));
    assert_eq!(parse(&long).unwrap_err(), PimUrlFault::NotAnAddress);
}

#[test]
fn a_permitted_origin_is_taken_as_it_is() {
    let permit = Permit::parse("http://127.0.0.1:8080,https://pim.lan:8443").unwrap();
    let parse = |typed: &str| PimUrl::parse(typed, &permit).map(|url| url.to_string());
    assert_eq!(parse("http://127.0.0.1:8080/").as_deref(), Ok("http://127.0.0.1:8080"));
    assert_eq!(parse("pim.lan:8443").as_deref(), Ok("https://pim.lan:8443"));
    assert_eq!(parse("http://127.0.0.1:8081"), Err(PimUrlFault::IpAddress));
    assert_eq!(parse("https://127.0.0.1:8080"), Err(PimUrlFault::IpAddress));
    assert_eq!(
        parse("http://pim.lan:8443").unwrap_err().suggestion().unwrap().as_str(),
        "https://pim.lan:8443"
    );
    let page = parse("http://127.0.0.1:8080/#/dashboard").unwrap_err();
    assert_eq!(page.suggestion().unwrap().as_str(), "http://127.0.0.1:8080");
}

#[test]
fn an_endpoint_stays_at_the_pim() {
    let pim = pim("acme.cloud.akeneo.com");
    let check = |path: &str, expect: &str| assert_eq!(pim.endpoint(path).as_str(), expect);
    check(
        "/api/rest/v1/channels",
        "https://acme.cloud.akeneo.com/api/rest/v1/channels",
    );
    check("//evil.example/x", "https://acme.cloud.akeneo.com//evil.example/x");
    check(
        "https://evil.example/",
        "https://acme.cloud.akeneo.com/https://evil.example/",
    );
    check("/a?b#c", "https://acme.cloud.akeneo.com/a%3Fb%23c");
}

#[test]
fn only_akeneos_cloud_is_akeneos_cloud() {
    for (host, expect) in [
        ("acme.cloud.akeneo.com", true),
        ("box.demo.cloud.akeneo.com", true),
        ("cloud.akeneo.com", false),
        ("evilcloud.akeneo.com", false),
        ("acme.cloud.akeneo.com.evil.example", false),
        ("pim.acme.com", false),
    ] {
        assert_eq!(pim(host).is_akeneo_cloud(), expect, "{host}");
    }
}

#[test]
fn only_the_normal_form_is_read_back() {
    let url = pim("acme.cloud.akeneo.com");
    let json = serde_json::to_string(&url).unwrap();
    assert_eq!(json, "\"https://acme.cloud.akeneo.com\"");
    assert_eq!(serde_json::from_str::<PimUrl>(&json).unwrap(), url);
    assert!(serde_json::from_str::<PimUrl>("\"http://127.0.0.1:8080\"").is_ok());
    for text in [
        "https://a.com/",
        "https://a.com/x",
        "https://A.com",
        "ftp://a.com",
        "https://a.com:443",
        "https://u@a.com",
        "https://a.com?",
        "https://a.com#",
        "a.com",
        "",
        "data:x",
    ] {
        assert!(serde_json::from_value::<PimUrl>(text.into()).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_passes_is_a_normal_form(typed in "(https?:)?[/\\\\]{0,2}[ -~éｌ\u{200b}]{0,30}(\\.com)?[ -~]{0,8}") {
        if let Ok(url) = PimUrl::parse(&typed, &Permit::none()) {
            prop_assert_eq!(check_url(&url.endpoint("/"), &Permit::none()), Ok(()));
            prop_assert_eq!(PimUrl::parse(url.as_str(), &Permit::none()).unwrap(), url.clone());
            prop_assert_eq!(PimUrl::stored(url.as_str()), Some(url));
        }
    }

    #[test]
    fn a_suggestion_is_itself_accepted(typed in "(http|https|ftp)://([a-z]{1,5}:[a-z]{0,5}@)?[a-z]{1,8}\\.com(:[0-9]{1,4})?(/[a-z?#]{0,8})?") {
        if let Err(fault) = PimUrl::parse(&typed, &Permit::none())
            && let Some(meant) = fault.suggestion()
        {
            prop_assert_eq!(&PimUrl::parse(meant.as_str(), &Permit::none()).unwrap(), meant);
        }
    }
}
