//! One request, taken apart: method, path without regard to case, query, headers, body.

use axum::http::HeaderMap;
use axum::http::request::Parts;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::answer::{Answer, bad_request};

/// Whose request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Realm {
    Graph,
    Login,
    Control,
    Nothing,
}

/// A request or an inner request of a batch. `segments` are decoded, `low` are the same in lower case; Graph's
/// `/beta` is taken off both.
pub(super) struct Call {
    pub method: String,
    pub segments: Vec<String>,
    pub low: Vec<String>,
    pub version: String,
    pub raw_path: String,
    pub raw_query: String,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Scheme and authority under which the client reached us.
    pub origin: String,
}

impl Call {
    pub fn new(parts: &Parts, body: Bytes) -> Self {
        let host = parts.headers.get("host").and_then(|h| h.to_str().ok());
        let authority = parts.uri.authority().map(ToString::to_string);
        let origin = format!(
            "{}://{}",
            parts.uri.scheme_str().unwrap_or("http"),
            authority.as_deref().or(host).unwrap_or("localhost")
        );
        let mut call = Self {
            method: parts.method.as_str().to_owned(),
            segments: Vec::new(),
            low: Vec::new(),
            version: String::new(),
            raw_path: String::new(),
            raw_query: String::new(),
            query: Vec::new(),
            headers: parts.headers.clone(),
            body,
            origin,
        };
        call.locate(parts.uri.path(), parts.uri.query().unwrap_or_default());
        if matches!(call.low.first().map(String::as_str), Some("beta" | "v1.0")) {
            call.version = call.low.remove(0);
            call.segments.remove(0);
            let after = call.raw_path.trim_start_matches('/').find('/');
            call.raw_path = after.map_or_else(String::new, |at| call.raw_path[at + 1..].to_owned());
        }
        call
    }

    /// An inner request of a batch; `url` is relative to the version.
    pub fn inner(outer: &Self, method: &str, url: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut call = Self {
            method: method.to_uppercase(),
            segments: Vec::new(),
            low: Vec::new(),
            version: outer.version.clone(),
            raw_path: String::new(),
            raw_query: String::new(),
            query: Vec::new(),
            headers,
            body,
            origin: outer.origin.clone(),
        };
        call.locate(path, query);
        call
    }

    fn locate(&mut self, path: &str, query: &str) {
        self.raw_path = format!("/{}", path.trim_matches('/'));
        self.raw_query = query.to_owned();
        self.segments = segments(path);
        self.low = self.segments.iter().map(|s| s.to_lowercase()).collect();
        self.query = pairs(query);
    }

    pub fn realm(&self) -> Realm {
        let first = self.low.first().map(String::as_str);
        let second = self.low.get(1).map(String::as_str);
        match (self.version.is_empty(), first, second) {
            (false, ..) => Realm::Graph,
            (true, Some("_sim"), _) => Realm::Control,
            (true, Some(_), Some("oauth2" | "v2.0")) => Realm::Login,
            _ => Realm::Nothing,
        }
    }

    pub fn low(&self) -> Vec<&str> {
        self.low.iter().map(String::as_str).collect()
    }

    /// A query option, by name without regard to case, with or without `$`.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key.trim_start_matches('$').eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// `$select` as a list; empty if absent.
    pub fn select(&self) -> Vec<String> {
        let list = self.option("select").unwrap_or_default();
        list.split(',').map(|s| s.trim().to_lowercase()).filter(|s| !s.is_empty()).collect()
    }

    pub fn expands(&self, name: &str) -> bool {
        let list = self.option("expand").unwrap_or_default();
        list.split(',')
            .any(|part| part.trim().split('(').next().unwrap_or_default().eq_ignore_ascii_case(name))
    }

    pub fn eventual(&self) -> bool {
        self.header("consistencylevel").is_some_and(|v| v.eq_ignore_ascii_case("eventual"))
    }

    /// The body as a JSON object.
    pub fn json(&self) -> Result<Value, Answer> {
        let kind = self.header("content-type").unwrap_or_default().to_lowercase();
        if !kind.starts_with("application/json") {
            return Err(bad_request("A content type of application/json is required."));
        }
        match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) if value.is_object() => Ok(value),
            _ => Err(bad_request("Unable to read JSON request payload.")),
        }
    }
}

pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// `/users('o''brien')/x` and `/users/o%27brien/x` become the same segments.
fn segments(path: &str) -> Vec<String> {
    let mut out = Vec::new();
    for raw in path.split('/').filter(|s| !s.is_empty()) {
        let text = decoded(raw);
        let key = text.strip_suffix("')").and_then(|head| head.split_once("('"));
        match key {
            Some((name, key)) => out.extend([name.to_owned(), key.replace("''", "'")]),
            None => out.push(text),
        }
    }
    out
}

/// Names and values of a query or form, `+` read as a space.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(&key.replace('+', " ")), decoded(&value.replace('+', " ")))
        })
        .collect()
}
