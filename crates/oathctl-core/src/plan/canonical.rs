//! Canonical JSON (RFC 8785) of plans, and the digest over it.
//!
//! Owns: [`canonical_json`], [`digest_of`]. Numbers in a plan are integers, so RFC 8785 §3.2.2.3 (the spelling of
//! floating-point numbers) never applies.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Plan;

/// The canonical text of a value: no blanks, keys in the order of their UTF-16 code units (RFC 8785 §3.2.3).
pub fn canonical_json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by_cached_key(|key| key.encode_utf16().collect::<Vec<u16>>());
            out.push('{');
            for (n, key) in keys.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(&Value::String(key.clone()), out);
                out.push(':');
                write(&map[key], out);
            }
            out.push('}');
        }
        // serde_json escapes strings as RFC 8785 §3.2.2.2 asks: the short forms and lower-case \u00xx.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string())
        }
    }
}

/// SHA-256 over the canonical JSON of the plan without its digest, in lower-case hex.
pub fn digest_of(plan: &Plan) -> String {
    let mut value = serde_json::to_value(plan).unwrap_or(Value::Null);
    if let Some(map) = value.as_object_mut() {
        map.remove("digest");
    }
    let hash = Sha256::digest(canonical_json(&value).as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_by_utf16_and_no_blanks() {
        // The example of RFC 8785 §3.2.3, shortened: a surrogate pair sorts before U+FB33.
        let value = serde_json::json!({"\u{fb33}": 1, "\u{1f600}": 2, "b": [true, null, "\u{7}\n"], "a": 3});
        assert_eq!(
            canonical_json(&value),
            "{\"a\":3,\"b\":[true,null,\"\\u0007\\n\"],\"\u{1f600}\":2,\"\u{fb33}\":1}"
        );
    }
}
