//! What a process uses, as the kernel counts it (proc(5)).

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::task::AbortHandle;

/// The kernel's clock ticks per second, on every Linux that this runs on.
const TICKS: f64 = 100.0;
/// How often open files are counted.
const LOOK: Duration = Duration::from_millis(100);

/// What this process used.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Usage {
    /// Seconds of CPU.
    pub(crate) cpu_seconds: f64,
    /// The most memory that was resident, in bytes.
    pub(crate) peak_bytes: u64,
    /// The memory that is resident, in bytes.
    pub(crate) resident_bytes: u64,
}

/// What this process has used by now.
pub(crate) fn usage() -> io::Result<Usage> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        number.unwrap_or_default() * 1024
    };
    Ok(Usage {
        cpu_seconds: cpu_seconds(&fs::read_to_string("/proc/self/stat")?),
        peak_bytes: kilobytes("VmHWM:"),
        resident_bytes: kilobytes("VmRSS:"),
    })
}

/// Fields 14 and 15; the second one is a name in brackets that can hold anything.
fn cpu_seconds(stat: &str) -> f64 {
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}

/// From now on the peak is counted anew.
pub(crate) fn forget_peak() -> io::Result<()> {
    fs::write("/proc/self/clear_refs", "5")
}

/// How many files this process may have open.
pub(crate) fn open_files_limit() -> io::Result<usize> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    soft.ok_or_else(|| io::Error::other("the kernel does not say how many files may be open"))
}

/// Counts open files while it lives.
pub(crate) struct OpenFiles {
    most: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl OpenFiles {
    /// Begins to count.
    pub(crate) fn watch() -> Self {
        let most = Arc::new(AtomicUsize::new(0));
        let seen = most.clone();
        let task = tokio::spawn(async move {
            loop {
                if let Ok(files) = fs::read_dir("/proc/self/fd") {
                    seen.fetch_max(files.count(), Ordering::Relaxed);
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        Self {
            most,
            task: task.abort_handle(),
        }
    }

    /// The most so far.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

impl Drop for OpenFiles {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_process_does_not_disturb() {
        let stat = "7 (a) b (c) S 1 1 1 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 2 0 100";
        assert!((cpu_seconds(stat) - 3.0).abs() < f64::EPSILON);
        assert!(cpu_seconds("").abs() < f64::EPSILON);
    }

    #[test]
    fn this_process_uses_something() {
        let used = usage().unwrap();
        assert!(used.peak_bytes >= used.resident_bytes && used.resident_bytes > 0);
        assert!(open_files_limit().unwrap() > 10);
    }
}
