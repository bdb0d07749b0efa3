//! AWS Signature Version 4 for the HTTP API, with the credentials that the AWS SDK finds.

use std::time::SystemTime;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use connector::clock::{Clock as _, SystemClock};

use crate::fault::Fault;

/// What IAM knows the HTTP API as.
const SERVICE: &str = "execute-api";

/// Signs requests.
#[derive(Debug)]
pub(crate) struct Signer {
    provider: SharedCredentialsProvider,
    region: Region,
}

impl Signer {
    /// Finds region and credentials as the AWS SDK does.
    pub(crate) async fn find(region: Option<&str>) -> Result<Self, Fault> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        let found = loader.load().await;
        let provider = found.credentials_provider();
        Ok(Self {
            provider: provider.ok_or_else(|| Fault::NoCredentials("none are configured".to_owned()))?,
            region: found.region().cloned().ok_or(Fault::NoRegion)?,
        })
    }

    /// The headers that sign a request.
    pub(crate) async fn headers(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Vec<(String, String)>, Fault> {
        let unsigned = |error: &dyn std::error::Error| Fault::Unsigned(error.to_string());
        let credentials = self.provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| Fault::NoCredentials(error.to_string()))?;
        let identity = credentials.into();
        let now = SystemTime::try_from(SystemClock.now()).map_err(|error| unsigned(&error))?;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region.as_ref())
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unsigned(&error))?;
        let request = SignableRequest::new(method, uri, headers.iter().copied(), SignableBody::Bytes(body));
        let request = request.map_err(|error| unsigned(&error))?;
        let signed = sign(request, &parameters.into()).map_err(|error| unsigned(&error))?;
        let (instructions, _) = signed.into_parts();
        let headers = instructions.headers();
        Ok(headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }
}
