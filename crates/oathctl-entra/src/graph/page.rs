//! Listings, to the last page.
//!
//! Owns: following `@odata.nextLink` verbatim, and only home (H20).
//! <https://learn.microsoft.com/en-us/graph/paging>. Does not own: what the items are.

use std::collections::BTreeSet;

use http::Uri;
use oathctl_core::tenant::{Remote, TenantError};
use oathctl_core::time::ServerTime;
use serde_json::Value;

use super::GraphBackend;
use super::read::Get;
use super::step::Got;
use crate::fault::foreign;
use crate::remote::field;

/// How a listing ended.
pub(super) enum Listed {
    /// With its last page.
    Whole,
    /// With a refusal of one of its pages.
    Refused(Got),
}

impl GraphBackend {
    /// Reads page after page and shows each item. Empty pages are no end; a missing link is.
    pub(super) async fn pages(
        &self,
        first: Get,
        each: &mut (dyn FnMut(&Value, Option<ServerTime>) + Send),
    ) -> Result<Listed, TenantError> {
        let got = self.read(first.clone()).await?;
        self.further_pages(got, &first, each).await
    }

    /// The same when the first page is there already.
    pub(super) async fn further_pages(
        &self,
        mut got: Got,
        first: &Get,
        each: &mut (dyn FnMut(&Value, Option<ServerTime>) + Send),
    ) -> Result<Listed, TenantError> {
        let mut seen = BTreeSet::new();
        loop {
            if !got.is_ok() {
                return Ok(Listed::Refused(got));
            }
            items(&got)?.iter().for_each(|item| each(item, got.at));
            let Some(link) = self.next_link(&got)? else { return Ok(Listed::Whole) };
            if !seen.insert(link.clone()) {
                return Err(foreign("next_link_loop", got.remote()));
            }
            got = self.read(first.next(link)).await?;
        }
    }

    /// The first items of a listing, in as few pages as that takes; `Err` inside is the refusal of a page.
    pub(super) async fn first_items(
        &self,
        first: Get,
        most: usize,
    ) -> Result<Result<Vec<Value>, Got>, TenantError> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        let mut got = self.read(first.clone()).await?;
        loop {
            if !got.is_ok() {
                return Ok(Err(got));
            }
            found.extend(items(&got)?.iter().take(most - found.len()).cloned());
            let link = self.next_link(&got)?.filter(|_| found.len() < most);
            let Some(link) = link.filter(|link| seen.insert(link.clone())) else { return Ok(Ok(found)) };
            got = self.read(first.next(link)).await?;
        }
    }

    /// The link to the next page. It carries the access token, so it must not lead elsewhere.
    fn next_link(&self, got: &Got) -> Result<Option<String>, TenantError> {
        let Some(link) = field(&got.body, "@odata.nextLink").and_then(Value::as_str) else { return Ok(None) };
        let home = link.parse::<Uri>().is_ok_and(|uri| self.endpoint.is_same_origin(&uri));
        if home {
            return Ok(Some(link.to_owned()));
        }
        let host = link.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        let remote = Remote { message: host, ..got.remote() };
        Err(foreign("foreign_next_link", remote))
    }
}

/// The items of one page.
fn items(got: &Got) -> Result<&Vec<Value>, TenantError> {
    let items = field(&got.body, "value").and_then(Value::as_array);
    items.ok_or_else(|| foreign("not_json", got.remote()))
}
