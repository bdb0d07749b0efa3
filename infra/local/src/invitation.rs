//! The setup link that the demo prints: a new one at the first start, the same one after a restart as long as it works.
//!
//! It asks the service over HTTP, as Customer Success and a person would. Opening a link consumes nothing (mail
//! scanners open links too), so the kept one may be tried.

use http::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::folder::{Folder, FolderFault, KeptLink};
use crate::stack::Stack;
use crate::walk::{Walk, WalkFault};

/// The customer of the demo.
const CUSTOMER: &str = "Acme Corporation";

/// A setup link to print.
#[derive(Debug)]
pub struct Invitation {
    /// The link.
    pub link: String,
    /// What came before it.
    pub past: Past,
}

/// What the folder had.
#[derive(Debug, PartialEq)]
pub enum Past {
    /// No connection: this link begins one.
    None,
    /// This connection, as Customer Success sees it, and this very link to it.
    SameLink(Value),
    /// This connection, to which this is a new link because the former one does not work, or is not known.
    NewLink(Value),
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum InvitationFault {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderFault),
    /// The service does not answer as it should.
    #[error(transparent)]
    Walk(#[from] WalkFault),
}

/// The link for this start.
///
/// # Errors
/// [`InvitationFault`].
pub async fn invitation(stack: &Stack, folder: Option<&Folder>) -> Result<Invitation, InvitationFault> {
    let mut person = Walk::new(&stack.url, stack.pim.url())?;
    let kept = folder.map(Folder::link).transpose()?.flatten();
    let known = match &kept {
        Some(kept) => Some(person.show(&kept.connection).await?),
        None => person.newest().await?,
    };
    let known = known.filter(|shown| shown["connection"].is_string());
    if let (Some(kept), Some(shown)) = (kept, &known)
        && let Some(link) = here(&kept.link, &stack.url)
        && works(&mut person, &link).await?
    {
        return Ok(Invitation {
            link: link.into(),
            past: Past::SameLink(shown.clone()),
        });
    }
    let made = person.invite(&order(known.as_ref())).await?;
    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    let link = text("link");
    if let Some(folder) = folder {
        folder.keep_link(&KeptLink {
            link: link.clone(),
            connection: text("connection"),
        })?;
    }
    Ok(Invitation {
        link,
        past: known.map_or(Past::None, Past::NewLink),
    })
}

/// What Customer Success would send: a new connection, or the known one on its own terms.
fn order(known: Option<&Value>) -> Value {
    let Some(shown) = known else {
        return json!({ "customer": CUSTOMER });
    };
    let mut order = json!({ "customer": shown["customer"], "connection": shown["connection"] });
    for term in ["pim_host", "org_type", "callback"] {
        if shown["terms"][term].is_string() {
            order[term] = shown["terms"][term].clone();
        }
    }
    order
}

/// The link at the service's present address.
fn here(link: &str, service: &Url) -> Option<Url> {
    service.join(Url::parse(link).ok()?.path()).ok()
}

async fn works(person: &mut Walk, link: &Url) -> Result<bool, WalkFault> {
    Ok(person.browser.open(link.clone()).await?.status == StatusCode::OK)
}
