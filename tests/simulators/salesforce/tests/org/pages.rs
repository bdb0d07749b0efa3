//! The pages of a person.

use reqwest::StatusCode;
use salesforce_simulator::{Action, Preset};
use serde_json::json;

use super::stage::{Stage, hidden, location, query};

#[tokio::test]
async fn a_person_installs_the_package_from_the_link() {
    let stage = Stage::new(Preset::PackageMissing).await;
    let link = "packaging/installPackage.apexp?p0=04tKX000000ABCDYA4";
    let login = location(&stage.get(link).await);
    assert_eq!(query(&login)["startURL"], format!("/{link}"));
    let cookie = stage.log_in().await;
    let page = stage
        .http
        .get(stage.url(link))
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("Install</button>"));
    let install = |cookie: String, id: String| {
        stage
            .http
            .post(stage.url("packaging/installPackage.apexp"))
            .header("cookie", cookie)
            .form(&[("p0", id)])
            .send()
    };
    let sales = stage.log_in_as("sales@acme.example").await;
    assert_eq!(
        install(sales, hidden(&page, "p0")).await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(stage.control().state()["package"], json!(null));
    assert_eq!(
        install(cookie.clone(), "../x".to_owned()).await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
    let done = install(cookie, hidden(&page, "p0")).await.unwrap();
    assert!(done.text().await.unwrap().contains("Installation Complete!"));
    assert_eq!(stage.control().state()["package"]["version_id"], "04tKX000000ABCDYA4");
    assert_eq!(
        stage.control().state()["named_credentials"][0]["full_name"],
        "akeneo_pim__Akeneo"
    );
}

#[tokio::test]
async fn a_person_switches_callouts_and_authenticates_in_setup() {
    let stage = Stage::new(Preset::Ready).await;
    let setup = Action::InAppSetup {
        base_url: "https://pim.example".into(),
        client_id: "c".into(),
        client_secret: "s".into(),
    };
    stage.control().act(&setup).unwrap();
    let home = "lightning/setup/NamedCredential/home";
    assert_eq!(location(&stage.get(home).await).path(), "/login");
    let cookie = stage.log_in().await;
    let page = || async {
        stage
            .http
            .get(stage.url(home))
            .header("cookie", &cookie)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    let shown = page().await;
    assert!(shown.contains("Switch on Enabled for Callouts") && shown.contains("Not Configured"));
    let form = [("id", hidden(&shown, "id")), ("enabled", hidden(&shown, "enabled"))];
    let toggle = stage
        .http
        .post(stage.url("lightning/setup/NamedCredential/callouts"))
        .header("cookie", &cookie)
        .form(&form);
    assert_eq!(
        location(&toggle.send().await.unwrap()).path(),
        "/lightning/setup/NamedCredential/home"
    );
    assert_eq!(
        stage.control().state()["named_credentials"][0]["callout_status"],
        "Enabled"
    );
    assert!(page().await.contains("Switch off Enabled for Callouts"));
    let form = [("principal", hidden(&shown, "principal"))];
    let start = stage
        .http
        .post(stage.url("lightning/setup/NamedCredential/authenticate"))
        .header("cookie", &cookie)
        .form(&form);
    let authorize = location(&start.send().await.unwrap());
    assert!(
        authorize
            .as_str()
            .starts_with("https://pim.example/connect/apps/v1/authorize?")
    );
    assert_eq!(
        query(&authorize)["redirect_uri"],
        stage.url("services/authcallback/akeneo_pim__Akeneo").as_str()
    );
}

#[tokio::test]
async fn logging_out_ends_the_session_and_markup_is_escaped() {
    let stage = Stage::new(Preset::Ready).await;
    let cookie = stage.log_in().await;
    stage
        .control()
        .act(&Action::EditUrl {
            url: "https://x.example/?a=\"><script>".into(),
        })
        .unwrap();
    let home = stage.url("lightning/setup/NamedCredential/home");
    let page = stage
        .http
        .get(home.clone())
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!page.contains("<script>"));
    stage
        .http
        .get(stage.url("secur/logout.jsp"))
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(
        location(&stage.http.get(home).header("cookie", &cookie).send().await.unwrap()).path(),
        "/login"
    );
}

#[tokio::test]
async fn login_can_be_automatic() {
    let stage = Stage::new(Preset::Ready).await;
    stage.set(json!({ "login": "automatic", "approval": "allow" }));
    let response = stage.http.get(stage.authorize_url(&[])).send().await.unwrap();
    assert!(
        response.headers()["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("sim_sid=")
    );
    assert_eq!(location(&response).path(), "/services/oauth2/authorize");
}
