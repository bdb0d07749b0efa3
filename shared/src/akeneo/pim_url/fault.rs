//! What can be wrong with a typed address, and what to do about it.

use super::PimUrl;

/// Why what was typed is not the base URL of a PIM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PimUrlFault {
    /// Nothing was typed.
    #[error("no address was given")]
    Empty,
    /// Not an address at all, or a host name that cannot exist.
    #[error("the text is not an address")]
    NotAnAddress,
    /// An IP address, in whatever spelling.
    #[error("the host is an ip address")]
    IpAddress,
    /// A name that can only exist in a private network.
    #[error("the host is a local name")]
    LocalName,
    /// A port other than 443.
    #[error("the address names a port")]
    Port(PimUrl),
    /// A user name or a password.
    #[error("the address carries credentials")]
    Credentials(PimUrl),
    /// Another scheme than https.
    #[error("the address does not begin with https")]
    Insecure(PimUrl),
    /// A path, a query or a fragment.
    #[error("the address is that of a page")]
    Page(PimUrl),
}

impl PimUrlFault {
    /// The address that was probably meant, if that is clear.
    #[must_use]
    pub fn suggestion(&self) -> Option<&PimUrl> {
        match self {
            Self::Port(meant) | Self::Credentials(meant) | Self::Insecure(meant) | Self::Page(meant) => Some(meant),
            Self::Empty | Self::NotAnAddress | Self::IpAddress | Self::LocalName => None,
        }
    }

    /// What is wrong and what to do, in sentences for the person who typed.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Empty => "Type the address of your PIM, for example https://acme.cloud.akeneo.com.".to_owned(),
            Self::NotAnAddress => {
                "This is not a web address. Copy it from the browser’s address bar while your PIM is open, for example \
                 https://acme.cloud.akeneo.com."
                    .to_owned()
            }
            Self::IpAddress => {
                "This is an IP address. Use the host name of your PIM, for example https://acme.cloud.akeneo.com.".to_owned()
            }
            Self::LocalName => {
                "This name only works inside a private network. Type the full name under which your PIM can be reached from the \
                 internet, for example https://acme.cloud.akeneo.com."
                    .to_owned()
            }
            Self::Port(meant) => {
                format!("Your PIM must answer on the standard https port. Leave the port out: {meant}")
            }
            Self::Credentials(meant) => {
                format!("Never put a user name or a password into the address. Use only: {meant}")
            }
            Self::Insecure(meant) => format!("The address must begin with https. Use: {meant}"),
            Self::Page(meant) => format!("This is the address of a page inside your PIM. Use only the beginning: {meant}"),
        }
    }
}
