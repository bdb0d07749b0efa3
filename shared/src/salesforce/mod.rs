//! Salesforce: one org, reached with one access token, and the packaged `Akeneo` records in it (facts/salesforce).
//!
//! This room speaks Salesforce's protocols and nothing else: it reads records into plain values and writes explicit
//! desired values, each write read back. It decides nothing (that is `wiring`), stores nothing, takes no lease, and
//! refreshes no token on its own. [`api::ApiError::SessionInvalid`] goes to the caller, who holds the lease and the
//! refresh token.
//!
//! # The rooms
//!
//! ```text
//! who is asked
//!   host                 OrgUrl::parse(text, &Permit) -> Result<OrgUrl, HostFault>; origin, host, url, same_origin, is_allowed
//!   login                LoginHost::typed(text, &Permit) -> Result<LoginHost, LoginFault>, LoginFault::remedy
//!                        LoginHosts{production, sandbox}.base(&LoginHost) -> Url
//!   record_id            RecordId, OrgId, UserId, PrincipalId, PackageVersionId: parse(text), 15 or 18 characters -> 18
//! getting in
//!   pkce                 verifier(&dyn Random) -> CodeVerifier; challenge(&CodeVerifier) -> String
//!   oauth                App{client_id, client_secret}; AuthorizeRequest{..}.url(&login) -> Url; callback_fault(error) -> CallbackFault
//!                        TokenEndpoint::new(&Outbound, base, &App, Deadline)
//!                          exchange(&code, verifier, &redirect_uri), refresh(&RefreshToken) -> Result<TokenAnswer, TokenError>
//!                          revoke_refresh(&RefreshToken), revoke_access(&AccessToken) -> Result<(), TokenError>
//!   version              discover(&Outbound, &OrgUrl, Deadline) -> Result<ApiVersion, VersionError>
//!   api                  Org::new(&Outbound, OrgUrl, AccessToken, ApiVersion, Deadline); get, post, ask, create, put, patch, delete,
//!                        query, tooling_query, usage -> ApiError
//! looking around
//!   permission           preflight(&Org) -> Result<Preflight{missing, missing_for_legacy, undetermined}, ApiError>
//!   organization         read(&Org) -> Organization{id, name, is_sandbox}; user(&Org, &UserId); platform_integration_username(&OrgId)
//!   record               discover(&Org, expected_namespace) -> Discovery{Found(PackagedRecords) | Incomplete | Missing | Ambiguous}
//!   package              detect(&Org, &Discovery, expected_namespace) -> Package{Missing | Legacy | Current | Incomplete | Ambiguous}
//!                        install_link(&host, &PackageVersionId) -> Url
//!   package_install      validate(&Org, &PackageVersionId) -> Option<Obstacle>; under_way, request -> id; poll(&Org, id) -> Progress
//! reading and writing
//!   identity_provider    read(&Org, &PackagedRecord) -> ProviderReading{provider: IdentityProvider, pair: PairInOrg}
//!                        write(&Org, &IdentityProvider, &ProviderDesired{authorize_url, token_url, pair}) -> Result<ProviderReading, ChangeError>
//!   provider_credential  read(&Org, &FullName) -> ProviderCredentials
//!                        write(&Org, &FullName, client_id, &ClientSecret) -> Result<ProviderCredentials, ChangeError>
//!   external_credential  read(&Org, &PackagedRecord) -> ExternalCredential{principals, identity_provider, scopes, ..}
//!   grant                runners(&Org, usernames) -> Vec<User>; observe(&Org, &PrincipalId, &[UserId]) -> Grants
//!                        grant_access(&Org, &PrincipalId, namespace, &[UserId]) -> Result<Grants, ChangeError>
//!   named_credential     read(&Org, &PackagedRecord) -> NamedCredential; manageability(&Org, &PackagedRecord) -> Manageability
//!                        write(&Org, &NamedCredential, &Url, Callouts) -> Result<NamedCredential, ChangeError>
//!   principal            authorization_url(&Org, &FullName, principal, return_url, &authorize_url) -> Result<SecretUrl, PrincipalError>
//!   deploy               run(&Org, &[Component{kind, full_name, path, xml}]) -> Result<(), DeployError>; xml::{document, parent, text}
//!   client_app           settings, app, policy(&Plan) -> Vec<Component>; find(&Org, mark) -> Option<FoundApp>; read_keys(&Org, &FoundApp) -> AppKeys
//!   self_records         discover(&Org, namespace) -> SelfDiscovery; find_own(&Org) -> OwnRecords; write_external_credential, write_credential, ..
//!   loopback             preflight(&Outbound, (&OrgUrl, org_id), &App, ApiVersion, Deadline) -> Result<(), LoopbackError>
//!   legacy               plugin::discover(&Org, namespace) -> Option<Plugin>; settings, auth_provider, classic: read and component
//!                        token_credential: read(&Org, namespace) -> TokenRecords; write_credential, write_token, write_named, remove
//!   smoke                callout(&Org, named_credential, path) -> Smoke{Passed | Answered | Unanswered | NotSent | Refused}
//!   capability           Capabilities: parse, of(Capability) -> Known, may(Capability), has(Capability); Org::capabilities
//!   change               ChangeError{Api(ApiError) | Unsuitable | NotApplied{fields: Vec<Field>}}
//! requested_scopes(&IdentityProvider, &ExternalCredential) -> Option<BTreeSet<String>>
//! ```

mod absence;
pub mod api;
pub mod capability;
pub mod change;
pub mod client_app;
pub mod deploy;
pub mod external_credential;
pub mod grant;
pub mod host;
pub mod identity_provider;
pub mod legacy;
pub mod login;
pub mod loopback;
pub mod named_credential;
pub mod oauth;
pub mod organization;
mod own_record;
pub mod package;
pub mod package_install;
mod parameter;
pub mod permission;
pub mod pkce;
pub mod principal;
pub mod provider_credential;
pub mod record;
pub mod record_id;
mod requested_scopes;
#[cfg(test)]
mod scripted_org;
pub mod self_records;
pub mod smoke;
mod tooling;
pub mod version;

pub use change::ChangeError;
pub use host::OrgUrl;
pub use login::{LoginHost, LoginHosts};
pub use package::Package;
pub use permission::Permission;
pub use record_id::{PackageVersionId, UserId};
pub use requested_scopes::requested_scopes;
