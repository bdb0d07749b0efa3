//! The frame of all pages.

use axum::response::Html;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f3f3;color:#181818}\
main{max-width:46rem;margin:2rem auto;padding:1.5rem 2rem;background:#fff;border:1px solid #ccc;border-radius:4px}\
header{background:#0b5cab;color:#fff;padding:.6rem 2rem}header a{color:#fff;margin-left:1.5rem}\
label{display:block;margin:.8rem 0 .2rem}input{font:inherit;padding:.4rem;width:100%;max-width:24rem;box-sizing:border-box}\
button{font:inherit;padding:.45rem 1rem;margin-top:1rem;border:1px solid #747474;border-radius:4px;background:#fff}\
button.primary{background:#0176d3;border-color:#0176d3;color:#fff}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #ddd;vertical-align:top;overflow-wrap:anywhere}\
.note{color:#444}.error{color:#8e030f}";

/// Text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A whole page; `body` is HTML already.
pub(crate) fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{} | Salesforce (simulated)</title>\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><style>{STYLE}</style></head>\
         <body><header>Salesforce (simulated)<nav><a href=\"/lightning/setup/SetupOneHome/home\">Setup Home</a>\
         <a href=\"/lightning/setup/NamedCredential/home\">Named Credentials</a>\
         <a href=\"/lightning/setup/ManageExternalClientApplication/home\">External Client Apps</a></nav></header><main>{body}</main></body></html>",
        escape(title)
    ))
}
