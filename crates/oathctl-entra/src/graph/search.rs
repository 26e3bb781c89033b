//! Searching people by a piece of their name.
//!
//! Owns: the two ways to ask and what each is good for. Does not own: finding people by their whole name
//! ([`super::users`]).
//!
//! `$search` (<https://learn.microsoft.com/en-us/graph/search-query-parameter>) finds words within a name, but reads an
//! index that lags, does not exist in B2C tenants, and has trouble with `&`; `startswith` finds only how a name begins,
//! at once. So the second is asked where the first is refused or finds nobody.

use std::collections::BTreeSet;

use oathctl_core::tenant::{Known, TenantError, User};
use oathctl_core::token::UserId;
use serde_json::Value;

use super::read::Get;
use super::step::Got;
use super::users::{FULL, NARROW, ROUTE};
use super::{GraphBackend, path, shape};

/// The most people Graph gives on one page.
const TOP_MAX: usize = 999;
/// A typewriter's apostrophe and a typesetter's; names have either.
const APOSTROPHES: [char; 2] = ['\'', '\u{2019}'];

impl GraphBackend {
    pub(super) async fn search_users(
        &self,
        text: &str,
        most: usize,
    ) -> Result<Known<Vec<User>>, TenantError> {
        // A quotation mark, a line break or a control character begins nobody's name.
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let text = text.trim();
        if text.is_empty() || most == 0 {
            return Ok(Known::Yes(Vec::new()));
        }
        match self.search_with(text, most, FULL).await? {
            Err(got) if got.status == 403 => Ok(match self.search_with(text, most, NARROW).await? {
                Ok(found) => Known::Yes(found),
                Err(got) => Known::Unknown(got.remote()),
            }),
            Ok(found) => Ok(Known::Yes(found)),
            Err(got) => Ok(Known::Unknown(got.remote())),
        }
    }

    async fn search_with(
        &self,
        text: &str,
        most: usize,
        select: &str,
    ) -> Result<Result<Vec<User>, Got>, TenantError> {
        let by_words =
            self.first_items(ask("$search", &words(text), select, most).eventually(), most).await?;
        match by_words {
            Err(got) if got.status == 403 => return Ok(Err(got)),
            Ok(items) if !items.is_empty() => return Ok(Ok(people(&items))),
            _ => {}
        }
        let by_start = self.first_items(ask("$filter", &starts(text), select, most), most).await?;
        Ok(by_start.map(|items| people(&items)))
    }
}

fn ask(option: &str, value: &str, select: &str, most: usize) -> Get {
    let top = most.min(TOP_MAX);
    Get::path(format!("/users?{option}={}&$select={select}&$top={top}", path::query(value)), ROUTE)
}

/// `text` with either apostrophe; once where it has none.
fn spellings(text: &str) -> Vec<String> {
    match text.contains(APOSTROPHES) {
        true => APOSTROPHES.iter().map(|mark| text.replace(APOSTROPHES, &mark.to_string())).collect(),
        false => vec![text.to_owned()],
    }
}

/// A `$search` for words of the name, or the beginning of the user principal name.
fn words(text: &str) -> String {
    let names = spellings(text).into_iter().map(|text| path::clause("displayName", &text));
    let upn = path::clause("userPrincipalName", &text.replace(APOSTROPHES, "'"));
    names.chain([upn]).collect::<Vec<_>>().join(" OR ")
}

/// A `$filter` for the beginning of either.
fn starts(text: &str) -> String {
    let begins = |property: &str, text: &str| format!("startswith({property},{})", path::literal(text));
    let names = spellings(text).into_iter().map(|text| begins("displayName", &text));
    let upn = begins("userPrincipalName", &text.replace(APOSTROPHES, "'"));
    names.chain([upn]).collect::<Vec<_>>().join(" or ")
}

fn people(items: &[Value]) -> Vec<User> {
    let mut seen: BTreeSet<UserId> = BTreeSet::new();
    items.iter().filter_map(shape::user).filter(|user| seen.insert(user.id.clone())).collect()
}
