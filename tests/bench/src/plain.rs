//! The plain HTTP limit: the same calls to the same listeners with the same client, and nothing else around them. No store, no rules, no
//! documents that are understood: what the machine and the simulators allow.

use std::sync::Arc;
use std::time::{Duration, Instant};

use connector::clock::Deadline;
use connector::outbound::{Body, Call, Outbound, Retry};
use health_check::ABREAST;
use http::{HeaderValue, Method, header};
use serde::Serialize;
use tokio::task::JoinSet;
use url::Url;

use crate::cast::Cast;
use crate::fault::BenchFault;
use crate::fleet::Recorded;
use crate::gauge;
use crate::mould::Mould;

/// For all calls of one connection.
const EACH: Duration = Duration::from_secs(45);

/// What the plain client did.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Plain {
    pub(crate) connections: usize,
    pub(crate) calls: usize,
    pub(crate) failed: usize,
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
}

/// Makes the calls of `script` for each connection, one after the other, many connections side by side.
pub(crate) async fn run(
    outbound: &Outbound,
    casts: Vec<Cast>,
    script: Vec<Recorded>,
    mould: &Mould,
) -> Result<Plain, BenchFault> {
    let (script, session) = (Arc::new(script), Arc::<str>::from(mould.session.as_str()));
    let mut plain = Plain {
        connections: casts.len(),
        ..Plain::default()
    };
    let (began, before) = (Instant::now(), gauge::usage()?);
    let mut under_way = JoinSet::new();
    for cast in casts {
        if under_way.len() == ABREAST {
            count(under_way.join_next().await, &mut plain);
        }
        let (outbound, script, session) = (outbound.clone(), script.clone(), session.clone());
        under_way.spawn(async move { one(&outbound, &cast, &script, &session).await });
    }
    while let Some(done) = under_way.join_next().await {
        count(Some(done), &mut plain);
    }
    plain.seconds = began.elapsed().as_secs_f64();
    plain.cpu_seconds = gauge::usage()?.cpu_seconds - before.cpu_seconds;
    Ok(plain)
}

fn count(done: Option<Result<(usize, usize), tokio::task::JoinError>>, plain: &mut Plain) {
    if let Some(Ok((calls, failed))) = done {
        plain.calls += calls;
        plain.failed += failed;
    }
}

async fn one(outbound: &Outbound, cast: &Cast, script: &[Recorded], session: &str) -> (usize, usize) {
    let (mut calls, mut failed) = (0, 0);
    let deadline = Deadline::after(EACH);
    for recorded in script {
        let Some(call) = call(cast, recorded, session) else {
            continue;
        };
        calls += 1;
        let answered = outbound.send(&call, deadline).await;
        failed += usize::from(!answered.is_ok_and(|answer| !answer.status.is_server_error()));
    }
    (calls, failed)
}

fn call(cast: &Cast, recorded: &Recorded, session: &str) -> Option<Call> {
    let (origin, token) = if recorded.to_pim {
        (&cast.pim_origin, cast.token.as_str())
    } else {
        (&cast.org_origin, session)
    };
    let url = Url::parse(&format!("{origin}{}", recorded.target)).ok()?;
    let mut call = Call::new("bench.plain", Method::from_bytes(recorded.method.as_bytes()).ok()?, url);
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
    call.headers.insert(header::AUTHORIZATION, bearer);
    call.retry = Retry::Never;
    if !recorded.body.is_empty() {
        call.body = Body::Json(serde_json::from_str(&recorded.body).ok()?);
    }
    Some(call)
}
