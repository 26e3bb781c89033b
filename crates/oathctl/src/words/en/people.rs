//! What is said about a person: account, role, tokens, methods, room.
//!
//! Owns: these words; what could not be read is *unknown*. Does not own: reading it ([`crate::looks::people`]).

use oathctl_core::tenant::{Known, MethodKind, Methods, ROOM, Remote, User};
use oathctl_store::Person;

use super::page::{count, list};
use super::remote;

const UNKNOWN: &str = "unknown";

/// Whether the account may sign in, and since when this store has seen it disabled or gone.
pub fn account(user: &User, remembered: Option<&Person>) -> String {
    if let Some(at) = remembered.and_then(|person| person.gone_since) {
        return format!("gone, seen so since {at}");
    }
    let since = remembered.and_then(|person| person.disabled_since);
    let account = match (user.enabled, since) {
        (Some(true), _) => "enabled".to_owned(),
        (Some(false), None) => "disabled".to_owned(),
        (Some(false), Some(at)) => format!("disabled, seen so since {at}"),
        (None, _) => UNKNOWN.to_owned(),
    };
    match user.guest {
        Some(true) => format!("{account}, a guest"),
        Some(false) => account,
        None => format!("{account}; whether a guest is {UNKNOWN}"),
    }
}

/// The same in a table.
pub fn account_short(user: &User) -> &'static str {
    match (user.enabled, user.guest) {
        (Some(true), Some(true)) => "guest",
        (Some(true), _) => "enabled",
        (Some(false), _) => "disabled",
        (None, _) => UNKNOWN,
    }
}

/// Whether the person has a directory role.
pub fn role(admin: &Known<bool>) -> &'static str {
    match admin.known() {
        Some(true) => "has one: nothing happens to this person's tokens without `--include-admins`",
        Some(false) => "none",
        None => UNKNOWN,
    }
}

/// How many tokens; `all`: the tenant showed all of them.
pub fn tokens(held: usize, all: bool) -> String {
    match (held, all) {
        (0, true) => "none".to_owned(),
        (0, false) => UNKNOWN.to_owned(),
        (n, true) => n.to_string(),
        (n, false) => format!("{UNKNOWN}; this store remembers {n}"),
    }
}

/// What else the person signs in with; hardware tokens stand apart.
pub fn methods(known: &Known<Methods>) -> String {
    let Some(methods) = known.known() else { return UNKNOWN.to_owned() };
    let others = methods.kinds.iter().filter(|(kind, _)| **kind != MethodKind::HardwareToken);
    let others: Vec<String> = others.map(|(kind, n)| counted(*kind, *n)).collect();
    if others.is_empty() { "none".to_owned() } else { list(&others) }
}

fn counted(kind: MethodKind, n: u32) -> String {
    let noun = match kind {
        MethodKind::HardwareToken => "hardware token",
        MethodKind::MicrosoftAuthenticator => "Microsoft Authenticator app",
        MethodKind::SoftwareOath => "other authenticator app",
        MethodKind::Phone => "phone number",
        MethodKind::Fido2 => "security key",
        MethodKind::WindowsHello => "Windows Hello device",
        MethodKind::PlatformCredential => "platform credential",
        MethodKind::Certificate => "certificate",
        MethodKind::External => "external method",
        MethodKind::Password => return "a password".to_owned(),
        MethodKind::Email => "e-mail address for self-service",
        MethodKind::AccessPass => return "a Temporary Access Pass".to_owned(),
        MethodKind::Other => "method of another kind",
    };
    count(n, noun)
}

/// Room left among the hardware tokens and authenticator apps one person may have.
pub fn room(left: Option<u32>) -> String {
    match left {
        None => UNKNOWN.to_owned(),
        Some(left) => {
            format!("{left} more; {ROOM} hardware tokens and authenticator apps together are the most")
        }
    }
}

/// The same in a table.
pub fn room_short(left: Option<u32>) -> String {
    left.map_or_else(|| UNKNOWN.to_owned(), |left| left.to_string())
}

/// Why something is unknown, and what to do.
pub fn why_unknown(what: &str, words: &Remote) -> Option<String> {
    let (name, permission) = match what {
        "tokens" => ("The tokens", "UserAuthenticationMethod.Read.All"),
        "methods" => ("The methods", "UserAuthenticationMethod.Read.All"),
        _ => ("Directory roles", "Directory.Read.All"),
    };
    let said = remote::remote(words)?;
    Some(format!(
        "{name} could not be read (the tenant answered {said}); the app registration needs {permission} for it."
    ))
}

/// What a search covers.
pub const COVERS_TENANT: &str = "Searched: words of the display name, and user principal names, that begin like this. The tenant's \
     index may be some minutes behind.";

/// What a search in this store covers.
pub const COVERS_STORE: &str =
    "Searched: people this store has seen whose display name or user principal name begins like this.";

/// Under a search.
pub fn found(people: usize, more: bool) -> String {
    match (people, more) {
        (0, _) => "Nobody fits.".to_owned(),
        (1, false) => "1 person.".to_owned(),
        (n, false) => format!("{n} people."),
        (n, true) => format!("The first {n}; more fit: say more of the name, or `--limit N`."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_never_none() {
        assert_eq!(methods(&Known::Unknown(Remote::default())), "unknown");
        assert_eq!(methods(&Known::Yes(Methods::default())), "none");
        assert_eq!((tokens(0, false), tokens(0, true)), ("unknown".into(), "none".into()));
        assert_eq!((room(None), room_short(Some(0))), ("unknown".into(), "0".into()));
        assert_eq!(role(&Known::Unknown(Remote::default())), "unknown");
    }

    #[test]
    fn kinds_are_counted_in_words() {
        let mut known = Methods::default();
        [MethodKind::Phone, MethodKind::Phone, MethodKind::Password, MethodKind::HardwareToken]
            .into_iter()
            .for_each(|kind| known.add(kind));
        assert_eq!(methods(&Known::Yes(known)), "2 phone numbers and a password");
    }
}
