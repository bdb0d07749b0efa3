//! What is known about points on which the public sources are silent (facts/salesforce 16). The probe finds it out in a real
//! org; an operator hands it over as `CONNECTOR_CAPABILITIES`. Ways that are known to be refused are then not tried, and a token is handed
//! over only where that is known to count.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer, ser::SerializeMap};

/// A point that changes what the service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Tooling PATCH of a managed Named Credential that changes `calloutStatus`.
    ToolingCalloutStatus,
    /// Connect PUT on a managed External Auth Identity Provider.
    ConnectPutManagedEaip,
    /// Tooling PATCH of a managed External Auth Identity Provider.
    ToolingPatchManagedEaip,
    /// Anonymous Apex that calls through the Named Credential.
    ExecuteAnonymous,
    /// A deployed `oauthToken` that authenticates a classic Named Credential (facts/salesforce 7).
    LegacyTokenInjection,
    /// The code of a package before 3.0 that calls out through an External Credential of ours (facts/salesforce 4.7, 7).
    LegacyCustomCredential,
}

/// Whether an org does it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Known {
    /// Nobody knows: it is tried.
    #[default]
    Unknown,
    /// It does.
    Accepted,
    /// It does not: it is not tried.
    Refused,
}

/// What is known of each point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities([Known; Capability::ALL.len()]);

/// Why a text names no capabilities.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CapabilityFault {
    /// Neither `name=value,…` nor a JSON object.
    #[error("it is neither `name=value,…` nor a JSON object of names and values")]
    Malformed,
    /// No such point.
    #[error("{0:?} is none of {names}", names = Capability::ALL.map(Capability::name).join(", "))]
    Name(String),
    /// No such value.
    #[error("{0:?} is neither `accepted` nor `refused` nor `unknown`")]
    Value(String),
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ToolingCalloutStatus,
        Self::ConnectPutManagedEaip,
        Self::ToolingPatchManagedEaip,
        Self::ExecuteAnonymous,
        Self::LegacyTokenInjection,
        Self::LegacyCustomCredential,
    ];

    /// Its name in the configuration and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ToolingCalloutStatus => "tooling_callout_status",
            Self::ConnectPutManagedEaip => "connect_put_managed_eaip",
            Self::ToolingPatchManagedEaip => "tooling_patch_managed_eaip",
            Self::ExecuteAnonymous => "execute_anonymous",
            Self::LegacyTokenInjection => "legacy_token_injection",
            Self::LegacyCustomCredential => "legacy_custom_credential",
        }
    }
}

impl Capabilities {
    /// What is known of a point.
    #[must_use]
    pub fn of(self, capability: Capability) -> Known {
        self.0.get(capability as usize).copied().unwrap_or_default()
    }

    /// Whether something is worth a try: everything that is not known to be refused.
    #[must_use]
    pub fn may(self, capability: Capability) -> bool {
        self.of(capability) != Known::Refused
    }

    /// Whether something is known to be done. For what is not worth a try: a token that is handed over for nothing.
    #[must_use]
    pub fn has(self, capability: Capability) -> bool {
        self.of(capability) == Known::Accepted
    }

    /// Notes what is known.
    pub fn set(&mut self, capability: Capability, known: Known) {
        if let Some(place) = self.0.get_mut(capability as usize) {
            *place = known;
        }
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), CapabilityFault> {
        let short = |text: &str| text.chars().take(60).collect::<String>();
        let capability = Capability::ALL.into_iter().find(|one| one.name() == name);
        let capability = capability.ok_or_else(|| CapabilityFault::Name(short(name)))?;
        let known = match value {
            "accepted" => Known::Accepted,
            "refused" => Known::Refused,
            "unknown" => Known::Unknown,
            other => return Err(CapabilityFault::Value(short(other))),
        };
        self.set(capability, known);
        Ok(())
    }
}

impl Known {
    fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

impl FromStr for Capabilities {
    type Err = CapabilityFault;

    fn from_str(text: &str) -> Result<Self, CapabilityFault> {
        let mut all = Self::default();
        let text = text.trim();
        if text.starts_with('{') {
            let map: std::collections::BTreeMap<String, String> =
                serde_json::from_str(text).map_err(|_| CapabilityFault::Malformed)?;
            for (name, value) in map {
                all.read(&name, &value)?;
            }
            return Ok(all);
        }
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(CapabilityFault::Malformed)?;
            all.read(name.trim(), value.trim())?;
        }
        Ok(all)
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = Capability::ALL
            .into_iter()
            .filter(|one| self.of(*one) != Known::Unknown)
            .map(|one| format!("{}={}", one.name(), self.of(one).name()))
            .collect();
        f.write_str(&known.join(","))
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Capability::ALL.len()))?;
        for one in Capability::ALL {
            map.serialize_entry(one.name(), self.of(one).name())?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_come_back() {
        let listed: Capabilities = "tooling_callout_status=refused, execute_anonymous=accepted"
            .parse()
            .unwrap();
        assert_eq!(listed.of(Capability::ToolingCalloutStatus), Known::Refused);
        assert_eq!(listed.of(Capability::ExecuteAnonymous), Known::Accepted);
        assert_eq!(listed.of(Capability::ConnectPutManagedEaip), Known::Unknown);
        assert!(listed.may(Capability::ConnectPutManagedEaip) && !listed.may(Capability::ToolingCalloutStatus));
        assert!(listed.has(Capability::ExecuteAnonymous) && !listed.has(Capability::LegacyTokenInjection));
        assert_eq!(listed.to_string().parse(), Ok(listed));
        assert_eq!(serde_json::to_string(&listed).unwrap().parse(), Ok(listed));
        assert_eq!("".parse(), Ok(Capabilities::default()));
    }

    #[test]
    fn a_slip_is_named() {
        for (text, words) in [
            ("tooling_callout_status", "neither `name=value"),
            ("{\"a\"", "neither `name=value"),
            (
                "callout_status=refused",
                "none of tooling_callout_status, connect_put_managed_eaip",
            ),
            ("execute_anonymous=no", "neither `accepted`"),
        ] {
            let fault = text.parse::<Capabilities>().unwrap_err().to_string();
            assert!(fault.contains(words), "{text}: {fault}");
        }
    }
}
