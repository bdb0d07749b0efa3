//! Signatures, computed again from what arrives by the rules of AWS Signature Version 4.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::program::with;
use super::server::{Answer, Arrived, serve};

const SECRET: &str = "secret-of-the-test";
const SESSION: &str = "session+token/of=the test";

/// The signature that belongs to this request, by the reference: canonical request, string to sign, derived key.
fn signature(arrived: &Arrived, signed: &str, region: &str) -> String {
    let (path, query) = arrived.target.split_once('?').unwrap_or((&arrived.target, ""));
    let mut pairs: Vec<_> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    let headers: String = signed
        .split(';')
        .map(|name| format!("{name}:{}\n", arrived.header(name)))
        .collect();
    let body = hex::encode(Sha256::digest(&arrived.body));
    let canonical = format!(
        "{}\n{path}\n{}\n{headers}\n{signed}\n{body}",
        arrived.method,
        pairs.join("&")
    );
    let at = arrived.header("x-amz-date");
    let scope = format!("{}/{region}/execute-api/aws4_request", &at[..8]);
    let digest = hex::encode(Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}");
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in [&at[..8], region, "execute-api", "aws4_request", &text] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(part.as_bytes());
        key = mac.finalize().into_bytes().to_vec();
    }
    hex::encode(key)
}

const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
    ("AWS_SESSION_TOKEN", SESSION),
];

#[tokio::test]
async fn every_request_is_signed() {
    const LIST: &[Answer] = &[("200 OK", r#"{"connections": [], "found": 0, "next_cursor": null}"#)];
    const MADE: &[Answer] = &[("200 OK", r#"{"connection": "00000000000000000000", "link": "x"}"#)];
    let check = async |answers: &'static [Answer], arguments: &[&str], target: &str| {
        let (endpoint, served) = serve(answers);
        let all = [&["--endpoint", &endpoint, "--region", "eu-west-3"], arguments].concat();
        let ended = with(&KEYS, &all).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        let arrived = &served.join().unwrap()[0];
        assert_eq!(arrived.target, target);
        let authorization = arrived.header("authorization").to_owned();
        let at = arrived.header("x-amz-date")[..8].to_owned();
        let begin =
            format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{at}/eu-west-3/execute-api/aws4_request, SignedHeaders=");
        let rest = authorization
            .strip_prefix(&begin)
            .unwrap_or_else(|| panic!("{authorization}"));
        let (signed, given) = rest.split_once(", Signature=").unwrap();
        for name in ["host", "x-amz-date", "x-amz-security-token"] {
            assert!(signed.split(';').any(|header| header == name), "{signed}");
        }
        assert_eq!(arrived.header("x-amz-security-token"), SESSION);
        assert_eq!(given, signature(arrived, signed, "eu-west-3"), "{target}");
    };
    let words = "/operator/connections?text=%C3%84%20%2B%26b~%2A&limit=500";
    check(LIST, &["list", "--text", "Ä +&b~*"], words).await;
    check(MADE, &["invite", "Ärzte & Co"], "/operator/invitations").await;
}

#[tokio::test]
async fn who_is_not_allowed_is_told_what_is_missing() {
    let (endpoint, served) = serve(&[("403 Forbidden", r#"{"message": "Forbidden"}"#)]);
    let ended = with(&KEYS, &["--endpoint", &endpoint, "--region", "eu-west-3", "sweep"]).await;
    assert_eq!((ended.code, ended.said.as_str()), (4, ""));
    assert!(ended.complaint.contains("OperatorAccess"), "{}", ended.complaint);
    assert!(!ended.complaint.contains(SECRET) && !ended.complaint.contains(SESSION));
    served.join().unwrap();
}

#[tokio::test]
async fn nobody_is_led_elsewhere() {
    let (endpoint, served) = serve(&[("302 Found\r\nLocation: http://127.0.0.1:9/", "")]);
    let ended = with(&KEYS, &["--endpoint", &endpoint, "--region", "eu-west-3", "sweep"]).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.complaint.contains("sends elsewhere"), "{}", ended.complaint);
    served.join().unwrap();
}
