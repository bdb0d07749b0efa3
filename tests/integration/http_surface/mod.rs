//! The service as scanners, proxies, other sites and attackers meet it over HTTP (security, "Links and sessions" and "Pages").

mod answers;
mod forgery;
mod links;
mod operator;
mod visitor;
