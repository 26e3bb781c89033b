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
use super::read::{Get, Target};
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
        self.further_pages(got, first.route, each).await
    }

    /// The same when the first page is there already.
    pub(super) async fn further_pages(
        &self,
        mut got: Got,
        route: &'static str,
        each: &mut (dyn FnMut(&Value, Option<ServerTime>) + Send),
    ) -> Result<Listed, TenantError> {
        let mut seen = BTreeSet::new();
        loop {
            if !got.is_ok() {
                return Ok(Listed::Refused(got));
            }
            let Some(items) = field(&got.body, "value").and_then(Value::as_array) else {
                return Err(foreign("not_json", got.remote()));
            };
            items.iter().for_each(|item| each(item, got.at));
            let Some(link) = self.next_link(&got)? else { return Ok(Listed::Whole) };
            if !seen.insert(link.clone()) {
                return Err(foreign("next_link_loop", got.remote()));
            }
            got = self.read(Get { target: Target::Link(link), route }).await?;
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
