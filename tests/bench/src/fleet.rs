//! A process full of simulators: it is told what to do by lines of JSON on its standard input and answers each with one line. When the
//! input ends, so does it.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use akeneo_simulator::FaultKind as PimFault;
use salesforce_simulator::{Action, FaultKind as OrgFault};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::cast::{self, Cast};
use crate::fault::BenchFault;
use crate::mould::Mould;
use crate::plan::{Place, Plan, org_address, pim_address};
use crate::trouble::{Deed, org_fault, pim_fault};

/// What a process is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Order {
    /// Start every org and PIM whose number leaves `rest` when divided by `of`.
    Begin {
        mould: Box<Mould>,
        plan: Plan,
        rest: usize,
        of: usize,
    },
    /// Break what the plan breaks.
    Break,
    /// Mend what can be mended without a person.
    Mend,
    /// Tell how much each was asked for.
    Load,
    /// Count that anew, and empty the journals.
    Forget,
    /// Tell the calls in the journals of one connection.
    Calls { number: usize, pim: usize },
}

/// What it answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// What went wrong, if anything did.
    pub(crate) fault: Option<String>,
    pub(crate) orgs: BTreeMap<usize, Asked>,
    pub(crate) pims: BTreeMap<usize, Asked>,
    pub(crate) calls: Vec<Recorded>,
}

/// How much one simulator was asked for.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) calls: u64,
    pub(crate) most_at_once: usize,
}

/// One call in a journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) to_pim: bool,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body: String,
}

#[derive(Default)]
struct Fleet {
    plan: Option<Plan>,
    scopes: Vec<String>,
    places: BTreeMap<usize, (Place, Cast)>,
    orgs: BTreeMap<usize, salesforce_simulator::Running>,
    pims: BTreeMap<usize, akeneo_simulator::Running>,
}

/// Does what it is told until nobody is there any more.
pub(crate) async fn serve() -> Result<(), BenchFault> {
    let mut fleet = Fleet::default();
    let mut orders = orders();
    while let Some(line) = orders.recv().await {
        let order = serde_json::from_str(&line?)?;
        let answer = match fleet.obey(order).await {
            Ok(answer) => answer,
            Err(fault) => Answer {
                fault: Some(fault.to_string()),
                ..Answer::default()
            },
        };
        writeln!(io::stdout(), "{}", serde_json::to_string(&answer)?)?;
        io::stdout().flush()?;
    }
    Ok(())
}

/// The lines of the standard input, read by a thread that may wait for them.
fn orders() -> mpsc::Receiver<io::Result<String>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in io::stdin().lines() {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

impl Fleet {
    async fn obey(&mut self, order: Order) -> Result<Answer, BenchFault> {
        let mut answer = Answer::default();
        match order {
            Order::Begin { mould, plan, rest, of } => self.begin(&mould, plan, rest, of).await?,
            Order::Break => self.change(|place| place.trouble.map(crate::trouble::Trouble::breaks))?,
            Order::Mend => self.change(|place| place.trouble?.mends())?,
            Order::Load => self.load(&mut answer),
            Order::Forget => self.forget(),
            Order::Calls { number, pim } => self.calls(number, pim, &mut answer),
        }
        Ok(answer)
    }

    async fn begin(&mut self, mould: &Mould, plan: Plan, rest: usize, of: usize) -> Result<(), BenchFault> {
        (self.plan, self.scopes) = (Some(plan), mould.scopes.clone());
        let mut members: BTreeMap<usize, Vec<Cast>> = BTreeMap::new();
        for place in plan.places() {
            let cast = Cast::of(&place, &plan, mould);
            if place.number % of == rest {
                let options = salesforce_simulator::Options {
                    address: Some(org_address(place.number)),
                    port: plan.port,
                    content: Some(cast.org(mould)),
                    ..Default::default()
                };
                let org = salesforce_simulator::start(options).await?;
                self.orgs.insert(place.number, org);
            }
            if place.pim % of == rest {
                members.entry(place.pim).or_default().push(cast.clone());
            }
            self.places.insert(place.number, (place, cast));
        }
        for (number, casts) in members {
            let options = akeneo_simulator::Options {
                address: Some(pim_address(number)),
                port: plan.port,
                content: Some(cast::pim(&casts, mould)?),
                ..Default::default()
            };
            self.pims.insert(number, akeneo_simulator::start(options).await?);
        }
        for org in self.orgs.values() {
            self.faults_of_org(org, None);
        }
        for pim in self.pims.values() {
            self.faults_of_pim(pim, None);
        }
        Ok(())
    }

    /// The only faults of an org from now on; the network's own delay comes last.
    fn faults_of_org(&self, org: &salesforce_simulator::Running, fault: Option<salesforce_simulator::Fault>) {
        org.control().clear_faults();
        let latency = self
            .latency()
            .map(|delay| org_fault(OrgFault::Delay, None, Some(delay)));
        for fault in fault.into_iter().chain(latency) {
            org.control().add_fault(fault);
        }
    }

    /// The same for a PIM.
    fn faults_of_pim(&self, pim: &akeneo_simulator::Running, fault: Option<akeneo_simulator::Fault>) {
        pim.control().clear_faults();
        let latency = self
            .latency()
            .map(|delay| pim_fault(PimFault::Delay, None, Some(delay)));
        for fault in fault.into_iter().chain(latency) {
            pim.control().add_fault(fault);
        }
    }

    fn latency(&self) -> Option<u64> {
        self.plan.map(|plan| plan.latency_ms).filter(|delay| *delay > 0)
    }

    fn change(&self, deed: impl Fn(&Place) -> Option<Deed>) -> Result<(), BenchFault> {
        for (place, cast) in self.places.values() {
            if let Some(deed) = deed(place) {
                self.perform(place, cast, deed)
                    .map_err(|error| BenchFault::Simulators(format!("{:?}: {error}", place.trouble)))?;
            }
        }
        Ok(())
    }

    fn perform(&self, place: &Place, cast: &Cast, deed: Deed) -> Result<(), String> {
        // Each process knows the whole plan and does its part of it.
        let (org, pim) = (self.orgs.get(&place.number), self.pims.get(&place.pim));
        let act = |action: Action| match org {
            Some(org) => org.control().act(&action).map_err(|error| error.to_string()),
            None => Ok(()),
        };
        let on_pim = |done: Result<(), akeneo_simulator::ControlError>| done.map_err(|error| error.to_string());
        match (deed, org, pim) {
            (Deed::Org(action), ..) => act(action)?,
            (Deed::GiveToken, ..) => act(Action::SetPrincipalToken {
                access_token: cast.token.clone(),
            })?,
            (Deed::PointBack, ..) => {
                act(Action::EditUrl {
                    url: cast.pim_origin.clone(),
                })?;
                act(Action::CalloutsOn {})?;
            }
            (Deed::OrgFault(kind, canned), Some(org), _) => {
                self.faults_of_org(org, Some(org_fault(kind, canned, None)));
            }
            (Deed::PimFault(kind, status), _, Some(pim)) => {
                self.faults_of_pim(pim, Some(pim_fault(kind, status, None)));
            }
            (Deed::PimSettings(patch), _, Some(pim)) => on_pim(pim.control().patch_settings(patch).map(drop))?,
            (Deed::Disconnect, _, Some(pim)) => on_pim(pim.control().disconnect(&cast.client_id))?,
            (Deed::ReplaceToken, _, Some(pim)) => {
                on_pim(
                    pim.control()
                        .second_consumer(&cast.client_id, &["read_products"])
                        .map(drop),
                )?;
            }
            (Deed::NoFaults, org, pim) => {
                org.into_iter().for_each(|org| self.faults_of_org(org, None));
                pim.into_iter().for_each(|pim| self.faults_of_pim(pim, None));
            }
            _ => {}
        }
        Ok(())
    }

    fn load(&self, answer: &mut Answer) {
        for (number, org) in &self.orgs {
            let salesforce_simulator::Load { calls, most_at_once } = org.control().load();
            answer.orgs.insert(*number, Asked { calls, most_at_once });
        }
        for (number, pim) in &self.pims {
            let akeneo_simulator::Load { calls, most_at_once } = pim.control().load();
            answer.pims.insert(*number, Asked { calls, most_at_once });
        }
    }

    fn forget(&self) {
        for org in self.orgs.values() {
            org.control().forget_load();
            org.control().clear_requests();
        }
        for pim in self.pims.values() {
            pim.control().forget_load();
            pim.control().clear_requests();
        }
    }

    fn calls(&self, number: usize, pim: usize, answer: &mut Answer) {
        let requests = self.orgs.get(&number).map(|org| org.control().requests());
        answer.calls.extend(requests.into_iter().flatten().map(|request| {
            let query = if request.query.is_empty() { "" } else { "?" };
            Recorded {
                to_pim: false,
                method: request.method,
                target: format!("{}{query}{}", request.path, request.query),
                body: request.body,
            }
        }));
        let requests = self.pims.get(&pim).map(|pim| pim.control().requests());
        answer.calls.extend(requests.into_iter().flatten().map(|request| {
            let mut target = request.path;
            for (count, (name, value)) in request.query.iter().enumerate() {
                target = format!("{target}{}{name}={value}", if count == 0 { "?" } else { "&" });
            }
            Recorded {
                to_pim: true,
                method: request.method,
                target,
                body: String::new(),
            }
        }));
    }
}
