//! What the file permits a key to do (RFC 6030 §5), and until when.
//!
//! Owns: usage, PIN policy, dates. An element nobody knows permits nothing: RFC 6030 §5 demands that, unless the caller
//! says otherwise.

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;

use super::dates;
use super::package::Item;
use crate::cells::shown::shown;
use crate::options::ReadOptions;
use crate::xml::Element;

const PIN_ATTRIBUTES: [&str; 6] =
    ["PINKeyId", "PINUsageMode", "MaxFailedAttempts", "MinLength", "MaxLength", "PINEncoding"];
/// What the `Usage` of drafts may permit.
const USAGES: [&str; 5] = ["OTP", "CR", "Integrity", "Encrypt", "Unlock"];

type Faults = Vec<(Severity, Reason)>;

/// What a policy says against a key.
enum Verdict {
    Forbids(String),
    Unknown(String),
}

/// Everything a policy says against a key.
pub(super) fn judge(
    item: Item<'_, '_>,
    device: Option<&Element<'_>>,
    options: &ReadOptions,
    faults: &mut Faults,
) {
    let policies = item.all_at(&["Policy"]);
    let said = policies.iter().flat_map(|policy| &policy.children).flat_map(element);
    let usage = item.at(&["Usage"]).and_then(only_others).map(Verdict::Forbids);
    for verdict in said.chain(usages(&policies)).chain(usage) {
        faults.push(match verdict {
            Verdict::Forbids(what) => (Severity::Error, Reason::PolicyForbids { what }),
            Verdict::Unknown(what) if options.allow_unknown_policy => {
                (Severity::Warning, Reason::PolicySkipped { what })
            }
            Verdict::Unknown(what) => (Severity::Error, Reason::PolicyUnknown { what }),
        });
    }
    let places = || policies.iter().copied().chain([item.own]).chain(device);
    for place in places() {
        for date in &place.children {
            let past = match date.name {
                "StartDate" => false,
                "ExpiryDate" | "Expiry" => true,
                _ => continue,
            };
            faults.extend(by_date(date, past, options).map(|reason| (Severity::Warning, reason)));
        }
    }
}

fn element(child: &Element<'_>) -> Vec<Verdict> {
    match child.name {
        "StartDate" | "ExpiryDate" | "Expiry" | "NumberOfTransactions" | "KeyUsage" => Vec::new(),
        "PINPolicy" => pin(child),
        unknown => vec![Verdict::Unknown(shown(unknown))],
    }
}

/// `KeyUsage` names what a key may do; `OTP` must be among it.
fn usages(policies: &[&Element<'_>]) -> Option<Verdict> {
    let all = policies.iter().flat_map(|policy| &policy.children).filter(|child| child.name == "KeyUsage");
    let named: Vec<&str> = all.map(Element::text).collect();
    let permitted = named.is_empty() || named.iter().any(|usage| usage.eq_ignore_ascii_case("OTP"));
    (!permitted).then(|| Verdict::Forbids(format!("KeyUsage {}", shown(&named.join(" ")))))
}

/// The `Usage` of drafts where it permits something, but no codes.
fn only_others(usage: &Element<'_>) -> Option<String> {
    let is_on = |name: &&str| matches!(usage.attribute(name), Some("true" | "1"));
    let on: Vec<&str> = USAGES.iter().filter(|name| is_on(name)).copied().collect();
    (!on.is_empty() && !on.contains(&"OTP")).then(|| format!("Usage {}", on.join(" ")))
}

/// A PIN that the device asks for itself changes nothing; one that goes into the code can't be typed where Entra asks.
fn pin(policy: &Element<'_>) -> Vec<Verdict> {
    let attributes = policy.attribute_names().filter(|name| !PIN_ATTRIBUTES.contains(name));
    let unknown = attributes.chain(policy.children.iter().map(|child| child.name));
    let mut verdicts: Vec<Verdict> =
        unknown.map(|name| Verdict::Unknown(format!("PINPolicy {}", shown(name)))).collect();
    let mode = policy.attribute("PINUsageMode").unwrap_or("Local").trim();
    if !mode.eq_ignore_ascii_case("local") {
        verdicts.push(Verdict::Forbids(format!("PINPolicy {}", shown(mode))));
    }
    verdicts
}

fn by_date(element: &Element<'_>, past: bool, options: &ReadOptions) -> Option<Reason> {
    let text = Some(element.text()).filter(|text| !text.is_empty())?;
    let Some(at) = dates::parse(text) else {
        let field = if past { "expiry date" } else { "start date" };
        return Some(Reason::DateUnreadable { field: field.into(), shown: shown(text) });
    };
    let now = options.now?;
    let date = shown(text.get(..10).unwrap_or(text));
    match past {
        true if at < now => Some(Reason::KeyExpired { date }),
        false if at > now => Some(Reason::KeyNotYetValid { date }),
        _ => None,
    }
}
