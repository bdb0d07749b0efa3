//! Which problem a failure of the `connection` room is to the person in front of the page.

use super::Problem;
use crate::connection::{DepartureFault, InvitationFault, LedgerError};

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(error) => Self::Store(error),
            LedgerError::Contended => Self::Contended,
        }
    }
}

impl From<DepartureFault> for Problem {
    fn from(fault: DepartureFault) -> Self {
        match fault {
            DepartureFault::TooMany => Self::TooManyAttempts,
            DepartureFault::Ledger(error) => error.into(),
        }
    }
}

impl From<InvitationFault> for Problem {
    fn from(fault: InvitationFault) -> Self {
        match fault {
            InvitationFault::NotValid | InvitationFault::Offboarded => Self::LinkNotValid,
            InvitationFault::Ledger(error) => error.into(),
        }
    }
}
