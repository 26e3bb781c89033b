//! The tenant's own words.
//!
//! Owns: [`remote`]. Does not own: our reading of them.

use oathctl_core::tenant::Remote;

use super::foreign::{clean, clean_message};

/// Status, code, message and request id in one line without a full stop (a request id ends it); `None` when the
/// tenant said nothing.
pub fn remote(remote: &Remote) -> Option<String> {
    let Remote { status, code, message, request_id } = remote;
    let head: Vec<String> =
        [status.map(|status| status.to_string()), code.as_deref().map(clean)].into_iter().flatten().collect();
    let said: Vec<String> = [Some(head.join(" ")), message.as_deref().map(clean_message)]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    let id = request_id.as_deref().map(clean).filter(|id| !id.is_empty());
    match (said.is_empty(), id) {
        (true, None) => None,
        (true, Some(id)) => Some(format!("request id {id}")),
        (false, None) => Some(said.join(": ")),
        (false, Some(id)) => Some(format!("{}; request id {id}", said.join(": "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_or_those_there_are() {
        let full = Remote {
            status: Some(403),
            code: Some("accessDenied".into()),
            message: Some("Request Authorization failed".into()),
            request_id: Some("r-1".into()),
        };
        assert_eq!(remote(&full).unwrap(), "403 accessDenied: Request Authorization failed; request id r-1");
        assert_eq!(remote(&Remote { status: Some(503), ..Remote::default() }).unwrap(), "503");
        assert_eq!(remote(&Remote::default()), None);
    }
}
