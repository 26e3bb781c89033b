//! The other side's own words, made safe to show.
//!
//! Owns: finding status, code, message and request id in an error reply, and stripping what could drive a
//! terminal. Does not own: what they mean.

use http::HeaderMap;
use oathctl_core::tenant::Remote;
use serde_json::Value;

/// The longest message kept, in characters.
const LONGEST: usize = 500;

/// The words of an error reply: Graph's `{"error":{…}}`
/// (<https://learn.microsoft.com/en-us/graph/errors>) or sign-in's flat form.
pub(crate) fn words(status: u16, body: &Value, header_id: Option<&str>) -> Remote {
    let error = field(body, "error").unwrap_or(&Value::Null);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(clean);
    let code = match error {
        Value::String(word) => Some(clean(word)),
        _ => text(field(error, "code")),
    };
    let message = text(field(error, "message")).or_else(|| text(field(body, "error_description")));
    let inner = field(error, "innerError").unwrap_or(&Value::Null);
    let request_id = text(field(inner, "request-id"))
        .or_else(|| header_id.map(clean))
        .or_else(|| text(field(body, "trace_id")));
    Remote { status: Some(status), code, message, request_id }
}

/// The request id in a reply's headers.
pub(crate) fn header_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("request-id").or_else(|| headers.get("x-ms-request-id"))?.to_str().ok()
}

/// A member of an object; an exact name first, then any case.
pub(crate) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v))
        .filter(|v| !v.is_null())
}

/// Foreign text without control and direction characters, at most [`LONGEST`] characters (H23).
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '\r' | '\n' | '\t') { ' ' } else { c })
        .filter(|c| !hidden(*c))
        .take(LONGEST)
        .collect()
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn graph_and_sign_in_forms() {
        let graph = json!({"error": {"code": "badRequest", "message": "No.",
            "innererror": {"request-id": "r-1"}}});
        let remote = words(400, &graph, Some("from-header"));
        assert_eq!(remote.code.as_deref(), Some("badRequest"));
        assert_eq!(remote.request_id.as_deref(), Some("r-1"));
        let login =
            json!({"error": "invalid_client", "error_description": "AADSTS7000215: x", "trace_id": "t"});
        let remote = words(401, &login, None);
        assert_eq!(remote.code.as_deref(), Some("invalid_client"));
        assert_eq!(remote.message.as_deref(), Some("AADSTS7000215: x"));
        assert_eq!(remote.request_id.as_deref(), Some("t"));
    }

    #[test]
    fn h23_foreign_text_is_stripped_and_cut() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\r\nd"), "a[31mbc  d");
        assert_eq!(clean(&"ä".repeat(900)).chars().count(), 500);
    }

    #[test]
    fn a_body_that_is_no_object_gives_only_the_status() {
        assert_eq!(words(502, &Value::Null, None), Remote { status: Some(502), ..Remote::default() });
    }
}
