//! The gate, versions, limits and sessions (facts/salesforce 10.2, 12).

use reqwest::Method;
use salesforce_simulator::{Action, Preset};
use serde_json::{Value, json};

use super::stage::{Stage, answer, refused};

#[tokio::test]
async fn versions_need_no_session_and_are_a_switch() {
    let stage = Stage::new(Preset::Ready).await;
    let list: Value = stage.get("services/data/").await.json().await.unwrap();
    let newest = list.as_array().unwrap().last().unwrap();
    assert_eq!(
        newest,
        &json!({ "label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0" })
    );
    stage.set(json!({ "version_max": 62 }));
    let list: Value = stage.get("services/data").await.json().await.unwrap();
    assert_eq!(list.as_array().unwrap().last().unwrap()["version"], "62.0");
    let tokens = stage.connect().await;
    refused(
        &stage.call(&tokens, Method::GET, "limits", None).await,
        404,
        "NOT_FOUND",
    );
}

#[tokio::test]
async fn the_gate_wants_a_live_session() {
    let stage = Stage::new(Preset::Ready).await;
    let (status, body) = answer(stage.get("services/data/v66.0/limits").await).await;
    assert_eq!(
        (status, body),
        (
            401,
            json!([{ "message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID" }])
        )
    );
    let tokens = stage.connect().await;
    stage.control().advance_clock(7199);
    assert_eq!(stage.call(&tokens, Method::GET, "limits", None).await.0, 200);
    stage.control().advance_clock(7199);
    assert_eq!(
        stage.call(&tokens, Method::GET, "limits", None).await.0,
        200,
        "use prolongs a session"
    );
    stage.control().advance_clock(7200);
    refused(
        &stage.call(&tokens, Method::GET, "limits", None).await,
        401,
        "INVALID_SESSION_ID",
    );
    let tokens = stage.connect().await;
    stage.control().act(&Action::ExpireSessions {}).unwrap();
    refused(
        &stage.call(&tokens, Method::GET, "limits", None).await,
        401,
        "INVALID_SESSION_ID",
    );
}

#[tokio::test]
async fn every_reply_counts_and_the_quota_ends() {
    let stage = Stage::new(Preset::Ready).await;
    stage.set(json!({ "api_requests_max": 2 }));
    let tokens = stage.connect().await;
    let response = stage.api(&tokens, Method::GET, "nothing").send().await.unwrap();
    assert_eq!(response.headers()["sforce-limit-info"], "api-usage=1/2");
    refused(&answer(response).await, 404, "NOT_FOUND");
    let limits = stage.call(&tokens, Method::GET, "limits", None).await.1;
    assert_eq!(limits["DailyApiRequests"], json!({ "Max": 2, "Remaining": 0 }));
    let over = stage.call(&tokens, Method::GET, "limits", None).await;
    refused(&over, 403, "REQUEST_LIMIT_EXCEEDED");
    assert_eq!(over.1[0]["message"], "TotalRequests Limit exceeded.");
    stage.control().advance_clock(86_400);
    let tokens = stage.connect().await;
    assert_eq!(stage.call(&tokens, Method::GET, "limits", None).await.0, 200);
}

#[tokio::test]
async fn permissions_are_checked_where_they_matter() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    let set = |patch: Value| {
        stage
            .control()
            .act(&Action::SetPermissions {
                username: None,
                permissions: patch,
            })
            .unwrap()
    };
    set(json!({ "view_setup": false }));
    refused(
        &stage.call(&tokens, Method::GET, "limits", None).await,
        403,
        "INSUFFICIENT_ACCESS",
    );
    set(json!({ "api_enabled": false }));
    refused(
        &stage.call(&tokens, Method::GET, "limits", None).await,
        403,
        "API_DISABLED_FOR_ORG",
    );
    let wrong = Action::SetPermissions {
        username: None,
        permissions: json!({ "fly": true }),
    };
    assert!(stage.control().act(&wrong).is_err());
}

#[tokio::test]
async fn wrong_methods_and_media_types() {
    let stage = Stage::new(Preset::Ready).await;
    let tokens = stage.connect().await;
    refused(
        &stage.call(&tokens, Method::DELETE, "limits", None).await,
        405,
        "METHOD_NOT_ALLOWED",
    );
    let path = "named-credentials/external-auth-identity-provider-credentials/akeneo_pim__Akeneo";
    let response = stage.api(&tokens, Method::POST, path).body("{}").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.text().await.unwrap().as_str()),
        (415, "")
    );
}
