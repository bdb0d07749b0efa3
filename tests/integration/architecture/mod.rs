//! The rules of the house (design section 9), read off the repository's own files. Each rule names what it protects; where a
//! rule has exceptions they are listed with their reasons, and an exception that is no longer needed fails too.

mod bindings;
mod boundaries;
mod disclosure;
mod rooms;
mod source;
mod tidiness;
