//! The `demo` program from outside: killed, interrupted, started twice.

#[cfg(test)]
mod process {
    mod demo;
    mod ending;
    mod restart;
    mod walking;
}
