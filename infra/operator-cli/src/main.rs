//! `connector`, or `cargo operator --` in this folder: the operator's command line.
#![expect(clippy::print_stderr, reason = "a program for a terminal")]

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use operator_cli::arguments::Arguments;
use operator_cli::{Fault, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse(), &mut io::stdout(), &mut io::stderr()).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has had enough, as `| head` does.
        Err(Fault::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("connector: {fault}");
            fault.code()
        }
    }
}
