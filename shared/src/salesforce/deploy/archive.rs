//! The bytes of a deploy: a zip with its `package.xml`, and the multipart form around it.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::Component;
use super::xml::{document, parent, text};
use crate::salesforce::version::ApiVersion;

/// The API version that the components are written for.
const WRITTEN_FOR: ApiVersion = ApiVersion::new(64);

/// The archive, for an org that is spoken to in `version`: it refuses a newer one than its own. The same components make the same bytes.
pub(super) fn zip(files: &[Component], version: ApiVersion) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let package = package(files, version);
    let all = files.iter().map(|file| (file.path.as_str(), file.xml.as_str()));
    for (path, text) in all.chain([("package.xml", package.as_str())]) {
        writer.start_file(path, SimpleFileOptions::default()).ok()?;
        writer.write_all(text.as_bytes()).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn package(files: &[Component], version: ApiVersion) -> String {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in files {
        kinds.entry(file.kind).or_default().push(&file.full_name);
    }
    let types = kinds.into_iter().map(|(kind, names)| {
        let members: String = names.into_iter().map(|name| text("members", name)).collect();
        parent("types", &format!("{members}{}", text("name", kind)))
    });
    document(
        "Package",
        &format!(
            "{}{}",
            types.collect::<String>(),
            text("version", &version.min(WRITTEN_FOR).number())
        ),
    )
}

/// The form: content type and body. Its boundary is made of the archive's own digest, which cannot be found inside of it.
pub(super) fn form(part: &str, options: &str, zip: &[u8]) -> (String, Bytes) {
    let boundary = hex::encode(Sha256::digest(zip));
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{part}\"\r\nContent-Type: application/json\r\n\r\n{options}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"deploy.zip\"\r\n\
         Content-Type: application/zip\r\n\r\n"
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    let body = [head.as_bytes(), zip, tail.as_bytes()].concat();
    (format!("multipart/form-data; boundary={boundary}"), body.into())
}
