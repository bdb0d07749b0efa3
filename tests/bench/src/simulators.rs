//! The simulators, seen from the benchmark: as many processes as it takes, each of this very program, each told what to do.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::fault::BenchFault;
use crate::fleet::{Answer, Order, Recorded};
use crate::gauge;
use crate::mould::Mould;
use crate::plan::Plan;

/// Files that a process has open besides sockets.
const SPARE: usize = 200;
/// Sockets of one simulator: the one that it listens at, and connections that are under way or kept for a moment.
const SOCKETS: usize = 3;
/// More processes than this make no sense.
const MOST: usize = 32;

/// All processes.
pub(crate) struct Simulators(Vec<Process>);

struct Process {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// Runs this program with a word that makes it another one.
fn ourselves(word: &str) -> Result<Child, BenchFault> {
    Ok(Command::new(std::env::current_exe()?)
        .arg(word)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?)
}

/// Has the mould made by a process of its own.
pub(crate) async fn mould() -> Result<Mould, BenchFault> {
    let output = ourselves("mould")?.wait_with_output().await?;
    if !output.status.success() {
        return Err(BenchFault::Simulators("the journey could not be walked".to_owned()));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl Simulators {
    /// Starts every org and every PIM of the plan.
    pub(crate) async fn begin(plan: &Plan, mould: &Mould) -> Result<Self, BenchFault> {
        let of = processes(plan.connections * 2)?;
        let mut all = Vec::with_capacity(of);
        for rest in 0..of {
            let mut child = ourselves("simulators")?;
            let missing = || BenchFault::Simulators("a pipe is missing".to_owned());
            let mut process = Process {
                orders: child.stdin.take().ok_or_else(missing)?,
                answers: BufReader::new(child.stdout.take().ok_or_else(missing)?).lines(),
                child,
            };
            let order = Order::Begin {
                mould: Box::new(mould.clone()),
                plan: *plan,
                rest,
                of,
            };
            process.tell(&order).await?;
            all.push(process);
        }
        for process in &mut all {
            process.hear().await?;
        }
        Ok(Self(all))
    }

    /// Tells all processes, and collects what they answer.
    pub(crate) async fn tell(&mut self, order: &Order) -> Result<Answer, BenchFault> {
        for process in &mut self.0 {
            process.tell(order).await?;
        }
        let mut all = Answer::default();
        for process in &mut self.0 {
            let answer = process.hear().await?;
            all.orgs.extend(answer.orgs);
            all.pims.extend(answer.pims);
            all.calls.extend(answer.calls);
        }
        Ok(all)
    }

    /// The calls in the journals of one connection.
    pub(crate) async fn calls(&mut self, number: usize, pim: usize) -> Result<Vec<Recorded>, BenchFault> {
        Ok(self.tell(&Order::Calls { number, pim }).await?.calls)
    }

    /// How many processes there are.
    pub(crate) fn processes(&self) -> usize {
        self.0.len()
    }

    /// Ends them.
    pub(crate) async fn end(self) -> Result<(), BenchFault> {
        for process in self.0 {
            let Process { mut child, orders, .. } = process;
            drop(orders);
            child.wait().await?;
        }
        Ok(())
    }
}

impl Process {
    async fn tell(&mut self, order: &Order) -> Result<(), BenchFault> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        self.orders.write_all(&line).await?;
        Ok(self.orders.flush().await?)
    }

    async fn hear(&mut self) -> Result<Answer, BenchFault> {
        let line = self.answers.next_line().await?;
        let line = line.ok_or_else(|| BenchFault::Simulators("it ended".to_owned()))?;
        let answer: Answer = serde_json::from_str(&line)?;
        match answer.fault {
            Some(fault) => Err(BenchFault::Simulators(fault)),
            None => Ok(answer),
        }
    }
}

/// So many that each may have its sockets open.
fn processes(simulators: usize) -> Result<usize, BenchFault> {
    let limit = gauge::open_files_limit()?;
    let sockets = simulators * SOCKETS;
    let needed = sockets.div_ceil(limit.saturating_sub(SPARE).max(1)).max(2);
    if needed > MOST {
        return Err(BenchFault::OpenFiles {
            wanted: sockets.div_ceil(MOST) + SPARE,
            processes: MOST,
            limit,
        });
    }
    Ok(needed)
}
