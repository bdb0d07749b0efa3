//! The users that run transfers, sorted by what can be done for them; by name, or by id where the org does not know them.

use super::Finding;
use crate::connection::{RunnerRefusal, RunnerTrouble};
use crate::salesforce::UserId;
use crate::salesforce::grant::Grants;

/// Who was asked about, and what they have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runners<'a> {
    asked: &'a [UserId],
    /// Nothing where there is no principal yet that access could be given to.
    grants: Option<&'a Grants>,
}

/// The same, sorted.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) with_access: usize,
    pub(super) without_access: Vec<String>,
    pub(super) in_trouble: Vec<(String, RunnerTrouble)>,
}

impl<'a> Runners<'a> {
    /// Of users, and of their access as it was read.
    pub(super) fn of(asked: &'a [UserId], grants: Option<&'a Grants>) -> Self {
        Self { asked, grants }
    }

    /// Sorts them.
    pub(super) fn sorted(self, refusals: &[RunnerRefusal]) -> Sorted {
        let mut sorted = Sorted::default();
        let Some(grants) = self.grants else {
            let ids = self.asked.iter().map(|id| id.as_str().to_owned());
            sorted.without_access = ids.collect();
            return sorted;
        };
        for runner in &grants.runners {
            let name = runner.user.username.clone();
            let refusal = refusals.iter().find(|refusal| refusal.user_id == runner.user.id);
            match refusal {
                _ if !runner.user.is_active => sorted.in_trouble.push((name, RunnerTrouble::Inactive)),
                _ if runner.is_complete() => sorted.with_access += 1,
                Some(refusal) => sorted.in_trouble.push((name, refusal.why)),
                None => sorted.without_access.push(name),
            }
        }
        let gone = grants
            .unknown
            .iter()
            .map(|id| (id.as_str().to_owned(), RunnerTrouble::Gone));
        sorted.in_trouble.extend(gone);
        sorted
    }

    /// What is amiss with their access.
    pub(super) fn findings(self, refusals: &[RunnerRefusal], read_lost: bool) -> Vec<Finding> {
        let Sorted {
            with_access,
            without_access,
            in_trouble,
        } = self.sorted(refusals);
        findings(&without_access, &in_trouble, with_access, read_lost)
    }

    /// Notes users that the org did not let have access, and why.
    pub(super) fn note_refused(self, refusals: &mut Vec<RunnerRefusal>, users: &[UserId]) {
        let known = self.grants.iter().flat_map(|grants| &grants.runners);
        for runner in known.filter(|runner| users.contains(&runner.user.id)) {
            refusals.retain(|former| former.user_id != runner.user.id);
            refusals.push(RunnerRefusal {
                user_id: runner.user.id.clone(),
                // The Platform Integration User and its like (facts/salesforce 6).
                why: if runner.user.username.starts_with("cloud@") {
                    RunnerTrouble::Machine
                } else {
                    RunnerTrouble::Licence
                },
            });
        }
    }

    /// Forgets refusals of users that have access now, or run no transfers any more.
    pub(super) fn forget_settled(self, refusals: &mut Vec<RunnerRefusal>) {
        let has = |user: &UserId| {
            let mut runners = self.grants.iter().flat_map(|grants| &grants.runners);
            runners.any(|runner| runner.user.id == *user && runner.is_complete())
        };
        refusals.retain(|refusal| self.asked.contains(&refusal.user_id) && !has(&refusal.user_id));
    }
}

/// What is amiss with access. `read_lost`: whether the packaged permission set does not give Read on stored credentials.
pub(super) fn findings(
    without_access: &[String],
    in_trouble: &[(String, RunnerTrouble)],
    with_access: usize,
    read_lost: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !without_access.is_empty() {
        findings.extend(read_lost.then_some(Finding::ReadLost));
        findings.push(Finding::AccessMissing {
            users: without_access.to_vec(),
        });
    }
    findings.extend(in_trouble.iter().map(|(user, why)| Finding::RunnerWithoutAccess {
        user: user.clone(),
        why: *why,
    }));
    if with_access == 0 && without_access.is_empty() {
        findings.push(Finding::NobodyHasAccess);
    }
    findings
}
