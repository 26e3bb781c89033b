//! What the file permits a key to do (RFC 6030 §5), and until when.
//!
//! Owns: usage, PIN policy, dates. An element nobody knows permits nothing: RFC 6030 §5 demands that.

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::time::Utc;

use super::dates;
use super::package::Item;
use crate::cells::shown::shown;
use crate::xml::Element;

const PIN_ATTRIBUTES: [&str; 6] =
    ["PINKeyId", "PINUsageMode", "MaxFailedAttempts", "MinLength", "MaxLength", "PINEncoding"];
/// What the `Usage` of drafts may permit.
const USAGES: [&str; 5] = ["OTP", "CR", "Integrity", "Encrypt", "Unlock"];

type Faults = Vec<(Severity, Reason)>;

/// Everything a policy says against a key.
pub(super) fn judge(item: Item<'_, '_>, device: Option<&Element<'_>>, now: Option<Utc>, faults: &mut Faults) {
    let policy = item.at(&["Policy"]);
    let mut forbid = |what: String| faults.push((Severity::Error, Reason::PolicyForbids { what }));
    if let Some(policy) = policy {
        for child in &policy.children {
            match child.name {
                "StartDate" | "ExpiryDate" | "NumberOfTransactions" | "KeyUsage" => {}
                "PINPolicy" => pin(child).into_iter().for_each(&mut forbid),
                unknown => forbid(shown(unknown)),
            }
        }
        let usages = || policy.children.iter().filter(|child| child.name == "KeyUsage").map(Element::text);
        if usages().next().is_some() && !usages().any(|usage| usage.eq_ignore_ascii_case("OTP")) {
            let named: Vec<&str> = usages().collect();
            forbid(format!("KeyUsage {}", shown(&named.join(" "))));
        }
    }
    if let Some(usage) = item.at(&["Usage"]).and_then(only_others) {
        forbid(usage);
    }
    let start = ["StartDate"];
    let end = ["ExpiryDate", "Expiry"];
    let places = [policy, Some(item.own), device];
    for (names, past) in [(start.as_slice(), false), (end.as_slice(), true)] {
        let mut found = places.into_iter().flatten().filter_map(|place| place.any_child(names));
        if let (Some(date), Some(now)) = (found.next(), now) {
            faults.extend(by_date(date.text(), past, now).map(|reason| (Severity::Warning, reason)));
        }
    }
}

/// The `Usage` of drafts where it permits something, but no codes.
fn only_others(usage: &Element<'_>) -> Option<String> {
    let is_on = |name: &&str| matches!(usage.attribute(name), Some("true" | "1"));
    let on: Vec<&str> = USAGES.iter().filter(|name| is_on(name)).copied().collect();
    (!on.is_empty() && !on.contains(&"OTP")).then(|| format!("Usage {}", on.join(" ")))
}

/// A PIN that the device asks for itself changes nothing; one that goes into the code can't be typed where Entra asks.
fn pin(policy: &Element<'_>) -> Option<String> {
    if let Some(unknown) = policy.attribute_names().find(|name| !PIN_ATTRIBUTES.contains(name)) {
        return Some(format!("PINPolicy {}", shown(unknown)));
    }
    if let Some(unknown) = policy.children.first() {
        return Some(format!("PINPolicy {}", shown(unknown.name)));
    }
    let mode = policy.attribute("PINUsageMode").unwrap_or("Local").trim();
    (!mode.eq_ignore_ascii_case("local")).then(|| format!("PINPolicy {}", shown(mode)))
}

fn by_date(text: &str, past: bool, now: Utc) -> Option<Reason> {
    let at = dates::parse(text)?;
    let date = shown(text.get(..10).unwrap_or(text));
    match past {
        true if at < now => Some(Reason::KeyExpired { date }),
        false if at > now => Some(Reason::KeyNotYetValid { date }),
        _ => None,
    }
}
