//! [`Secrets`] in Secrets Manager, named `{prefix}/{connection}/{side}`.
//!
//! A pending document is a version labelled `AWSPENDING`, a proven one `AWSCURRENT`. The labels are always given: what a
//! call without one does is a matter of history. Writing needs no permission to read, so that `setup-start` can have none.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        RequestId, create_secret::CreateSecretError, delete_secret::DeleteSecretError,
        get_secret_value::GetSecretValueError, put_secret_value::PutSecretValueError,
    },
};
use backon::{ExponentialBuilder, Retryable};

use super::fault::{Fault, store_error};
use crate::{
    secret::{SecretDocument, Sensitive},
    store::{SecretName, Secrets, Stage, StoreError, bounds},
};

/// A secret that was made a moment ago may not be found at once; these pauses give it a second and a half.
const SETTLING: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(100))
    .with_factor(2.0)
    .with_max_times(4);

/// The secret store.
#[derive(Debug, Clone)]
pub struct ManagerSecrets {
    client: Client,
    prefix: String,
}

/// The secret waits for its deletion, by someone's hand or since it was deleted a moment ago.
#[derive(Debug, thiserror::Error)]
#[error("the secret is scheduled for deletion; restore it, or wait until it is gone")]
struct ScheduledForDeletion(#[source] Fault);

/// A value that is not text was put by someone else.
#[derive(Debug, thiserror::Error)]
#[error("the secret has no text")]
struct NoText;

impl ManagerSecrets {
    pub(super) fn new(client: Client, prefix: &str) -> Self {
        Self {
            client,
            prefix: prefix.to_owned(),
        }
    }

    /// Puts a version. `Ok(false)` when there is no such secret yet.
    async fn put(&self, id: &str, stage: Stage, document: &SecretDocument) -> Result<bool, StoreError> {
        let request = self
            .client
            .put_secret_value()
            .secret_id(id)
            .version_stages(label(stage));
        match request.secret_string(document.expose()).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutSecretValueError::ResourceNotFoundException(_)) => Ok(false),
                _ => Err(refusal("PutSecretValue", &error)),
            },
        }
    }

    /// Makes the secret with an empty current document, unless someone else just did.
    async fn create(&self, id: &str) -> Result<(), StoreError> {
        match self
            .client
            .create_secret()
            .name(id)
            .secret_string(bounds::EMPTY_DOCUMENT)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(CreateSecretError::ResourceExistsException(_)) => Ok(()),
                _ => Err(refusal("CreateSecret", &error)),
            },
        }
    }
}

#[async_trait]
impl Secrets for ManagerSecrets {
    async fn read(&self, name: &SecretName, stage: Stage) -> Result<Option<SecretDocument>, StoreError> {
        let id = bounds::readable(&self.prefix, name)?;
        let answer = match self
            .client
            .get_secret_value()
            .secret_id(id)
            .version_stage(label(stage))
            .send()
            .await
        {
            Ok(answer) => answer,
            Err(error) => {
                return match error.as_service_error() {
                    Some(GetSecretValueError::ResourceNotFoundException(_)) => Ok(None),
                    _ => Err(refusal("GetSecretValue", &error)),
                };
            }
        };
        let document = SecretDocument::new(
            answer
                .secret_string
                .ok_or_else(|| StoreError::Malformed(Box::new(NoText)))?,
        );
        Ok(bounds::written(stage, document))
    }

    async fn write(&self, name: &SecretName, stage: Stage, document: &SecretDocument) -> Result<(), StoreError> {
        let id = bounds::writable(&self.prefix, name)?;
        bounds::check_document(document)?;
        if self.put(&id, stage, document).await? {
            return Ok(());
        }
        self.create(&id).await?;
        let again = || async {
            if self.put(&id, stage, document).await? {
                Ok(())
            } else {
                Err(NotYet::Missing)
            }
        };
        let settled = again
            .retry(SETTLING)
            .when(|error| matches!(error, NotYet::Missing))
            .await;
        settled.map_err(|error| match error {
            NotYet::Missing => StoreError::Unavailable(Box::new(error)),
            NotYet::Failed(error) => error,
        })
    }

    async fn delete(&self, name: &SecretName) -> Result<(), StoreError> {
        let id = bounds::writable(&self.prefix, name)?;
        match self
            .client
            .delete_secret()
            .secret_id(id)
            .force_delete_without_recovery(true)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteSecretError::ResourceNotFoundException(_)) => Ok(()),
                _ => Err(refusal("DeleteSecret", &error)),
            },
        }
    }
}

/// Why a put after a create did not succeed.
#[derive(Debug, thiserror::Error)]
enum NotYet {
    #[error("the secret was made but cannot be found yet")]
    Missing,
    #[error(transparent)]
    Failed(#[from] StoreError),
}

fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Current => "AWSCURRENT",
        Stage::Pending => "AWSPENDING",
    }
}

/// Tells a secret that is being deleted, which Secrets Manager reports as one of many invalid requests, from other failures.
fn refusal<E, R>(operation: &'static str, error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: RequestId,
{
    let metadata = error.as_service_error().map(ProvideErrorMetadata::meta);
    let deletion = metadata.is_some_and(|meta| {
        meta.code() == Some("InvalidRequestException") && meta.message().is_some_and(|text| text.contains("delet"))
    });
    if deletion {
        StoreError::Unavailable(Box::new(ScheduledForDeletion(Fault::of(operation, error))))
    } else {
        store_error(operation, error)
    }
}
