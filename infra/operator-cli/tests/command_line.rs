//! The `connector` program from outside: against the local stack, and against a server that checks its signatures.

#[cfg(test)]
mod command_line {
    mod documents;
    mod operations;
    mod pages;
    mod program;
    mod refusals;
    mod server;
    mod signatures;
}
