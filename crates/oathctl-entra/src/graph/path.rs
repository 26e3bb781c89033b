//! Paths and query texts, encoded.
//!
//! Owns: every path we use, and the quoting of foreign text in them (a user principal name may hold `'`, `#`,
//! `$`). Does not own: hosts ([`crate::endpoint`]).
//! <https://learn.microsoft.com/en-us/graph/query-parameters>, <https://learn.microsoft.com/en-us/graph/api/user-get>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The tenant's devices.
pub(super) const INVENTORY: &str = "/directory/authenticationMethodDevices/hardwareOathDevices";
/// The method policy for hardware tokens.
pub(super) const POLICY: &str =
    "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/hardwareOath";
/// Several requests in one.
pub(super) const BATCH: &str = "/$batch";

/// Everything but RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// In a path `@` may stand.
const SEGMENT: &AsciiSet = &QUERY.remove(b'@');

fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A query value, encoded as a whole.
pub(super) fn query(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

/// An OData string literal, not yet encoded: quoted, with apostrophes doubled.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// One clause of a `$search`, not yet encoded: quoted, with quotes and backslashes escaped by a backslash
/// (<https://learn.microsoft.com/en-us/graph/search-query-parameter>).
pub(super) fn clause(property: &str, text: &str) -> String {
    format!("\"{property}:{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// One device.
pub(super) fn device(id: &str) -> String {
    format!("{INVENTORY}/{}", segment(id))
}

/// The devices that carry a serial.
pub(super) fn devices_with_serial(serial: &str) -> String {
    format!("{INVENTORY}?$filter={}", query(&format!("serialNumber eq {}", literal(serial))))
}

/// One person, by object id or user principal name. A name that begins with `$` is only taken in key form.
pub(super) fn user(key: &str) -> String {
    match key.strip_prefix('$') {
        Some(_) => format!("/users({})", segment(&literal(key))),
        None => format!("/users/{}", segment(key)),
    }
}

/// A person's hardware tokens.
pub(super) fn methods(user_id: &str) -> String {
    format!("{}/authentication/hardwareOathMethods", user(user_id))
}

/// One hardware token of a person; with Graph the method's id is the device's.
pub(super) fn method(user_id: &str, device_id: &str) -> String {
    format!("{}/{}", methods(user_id), segment(device_id))
}

/// A person's hardware tokens, each with its device if the tenant can be brought to show it.
pub(super) fn methods_with_device(user_id: &str) -> String {
    format!("{}?$expand=device", methods(user_id))
}

/// All methods of a person, of every kind.
pub(super) fn all_methods(user_id: &str) -> String {
    format!("{}/authentication/methods", user(user_id))
}

/// A person among the deleted.
pub(super) fn deleted(user_id: &str) -> String {
    format!("/directory/deletedItems/{}?$select=id", segment(user_id))
}

/// The end of a person's sign-in sessions.
pub(super) fn revoke_sessions(user_id: &str) -> String {
    format!("{}/revokeSignInSessions", user(user_id))
}

/// Everybody in a group, members of members included.
pub(super) fn members(group: &str) -> String {
    format!("/groups/{}/transitiveMembers?$select=id&$top=999", segment(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_marks() {
        assert_eq!(user("o'brien@x.example"), "/users/o%27brien@x.example");
        assert_eq!(user("a_b.example#EXT#@x.example"), "/users/a_b.example%23EXT%23@x.example");
        assert_eq!(user("$x'y@x.example"), "/users(%27%24x%27%27y@x.example%27)");
        assert_eq!(user("zoë+1@x.example"), "/users/zo%C3%AB%2B1@x.example");
        assert_eq!(user("../me"), "/users/..%2Fme");
    }

    #[test]
    fn filters_are_doubled_then_encoded() {
        let path = devices_with_serial("A'1&2#3+4%");
        assert!(path.ends_with("?$filter=serialNumber%20eq%20%27A%27%271%262%233%2B4%25%27"), "{path}");
    }
}
