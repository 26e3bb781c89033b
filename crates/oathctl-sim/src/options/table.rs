//! The table itself. A line: field, type, default, values, certainty, meaning.

use super::values::*;
use super::{Certainty, OptionSpec};

macro_rules! options {
    ($($name:ident : $ty:ty = $default:expr, $values:literal, $certainty:ident, $meaning:literal;)+) => {
        /// Every switch of the practice tenant with its value.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Options { $(#[doc = $meaning] pub $name: $ty,)+ }

        impl Default for Options {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Options {
            /// All switches, in the order they are shown.
            #[must_use]
            pub fn table() -> &'static [OptionSpec] {
                &[$(OptionSpec {
                    name: stringify!($name),
                    values: $values,
                    certainty: Certainty::$certainty,
                    meaning: $meaning,
                    get: |o| o.$name.show(),
                    set: |o, text| match OptionValue::read(text) {
                        Some(value) => { o.$name = value; true }
                        None => false,
                    },
                },)+]
            }
        }
    };
}

/// What the app is granted unless told otherwise: what a whole run needs.
const ALL_NEEDED: &str = "Policy.ReadWrite.AuthenticationMethod,UserAuthenticationMethod.ReadWrite.All,User.Read.All,Directory.Read.All,User.RevokeSessions.All";

options! {
    bulk_max_items: AtLeastOne = AtLeastOne(20), "a whole number from 1", Unknown, "Most items in one bulk body; a larger body is refused with 400.";
    bulk_failure: BulkFailure = BulkFailure::PerItem, "all_or_nothing, stop_at_first or per_item", Inferred, "What a bulk body does when one item is refused.";
    bulk_status: BulkStatus = BulkStatus::Created, "200 or 201", Documented, "Status of a bulk reply (201 in the reference, 200 on screenshots).";
    bulk_item_shape: ItemShape = ItemShape::Flat, "flat or device", Unknown, "Whether bulk replies carry the device's properties directly or under `device`.";
    inventory_item_shape: ItemShape = ItemShape::Flat, "flat or device", Observed, "The same for the list and the single device.";
    echo_content_id: bool = false, "on or off", Documented, "Whether bulk replies repeat `@contentId`.";
    assign_visibility_delay_ms: u64 = 0, "milliseconds", Observed, "How long a new assignment is unseen and can't be activated.";
    status_lag_ms: u64 = 0, "milliseconds", Observed, "How long `status` lags behind what happened; `assignedTo` does not.";
    conflict_status: ConflictStatus = ConflictStatus::BadRequest, "400 or 409", Unknown, "Status of a duplicate serial, an assigned token, a sixth token, a delete while assigned.";
    wrong_code: WrongCode = WrongCode::Keeps, "keeps or failed_activation", Unknown, "What a wrong code does to `status`.";
    activation_range: ActivationRange = ActivationRange::Wide, "wide or narrow", Documented, "How far off a code may be at activation: one day (30 s) and two days (60 s), or one and two minutes.";
    activation_consumes_code: bool = false, "on or off", Unknown, "Whether the code used to activate is spent for signing in.";
    activation_quota: Quota = Quota::Off, "off, 429, 400 or silence", Unknown, "What happens beyond the quota of activations (documented for the portal; its form in Graph is not).";
    activation_quota_count: u64 = 200, "a whole number", Documented, "Activations the quota allows in one window.";
    activation_quota_window_s: u64 = 300, "seconds", Documented, "Length of the quota's window.";
    reactivate: Reactivate = Reactivate::Refuse, "refuse or relearn", Unknown, "What activating an activated token does.";
    policy_blocks_activation: bool = false, "on or off", Unknown, "Whether activation is refused for people the method policy leaves out.";
    admin_targets: Permit = Permit::Allow, "allow, forbid or ignore", Inferred, "Writes to the methods of people with a directory role.";
    assign_to_unpermitted: Permit = Permit::Forbid, "allow, forbid or ignore", Unknown, "`assignTo` in a create when the app lacks the permission to write methods.";
    deleted_holder: DeletedHolder = DeletedHolder::Gone, "gone, keep or release", Unknown, "What becomes of the token of a deleted person.";
    self_removal: SelfRemoval = SelfRemoval::Unassign, "unassign or deactivate", Unknown, "What is left of a token that its holder removes in Security info: nothing of the holder, or a token that is still his and inactive.";
    revoke_sessions: Permit = Permit::Allow, "allow, forbid or ignore", Documented, "Whether the app may end people's sign-in sessions; `ignore`: answered with success and left undone.";
    user_search: bool = true, "on or off", Documented, "Whether people can be searched by `$search`; off: 400, as in B2C tenants.";
    uniqueness: Uniqueness = Uniqueness::Serial, "serial or serial_manufacturer", Unknown, "What makes two tokens duplicates.";
    etags: bool = false, "on or off", Unknown, "Whether devices carry an ETag, and `If-Match` is honoured.";
    page_size: AtLeastOne = AtLeastOne(1000), "a whole number from 1", Observed, "Devices a page.";
    over_max_top: OverMaxTop = OverMaxTop::Cap, "cap, ignore or reject", Unknown, "A `$top` above the page size of devices.";
    users_page_size: AtLeastOne = AtLeastOne(100), "a whole number from 1", Documented, "People a page when no `$top` is given.";
    device_in_methods: Expand = Expand::Always, "always, on_request or never", Documented, "Whether a person's hardware OATH methods show `device`.";
    batch_order: BatchOrder = BatchOrder::Shuffled, "asked, reversed or shuffled", Documented, "Order of the answers in a `$batch` reply.";
    error_text: String = String::new(), "any text", Unknown, "Replaces the practice tenant's own wording where Microsoft's is unknown.";

    permissions: WordList = WordList::of(ALL_NEEDED), "permission names divided by commas", Practice, "What the app is granted.";
    client_secret: ClientSecret = ClientSecret::Valid, "valid or expired", Practice, "State of the client secret.";
    access_token_lifetime_s: u64 = 3599, "seconds", Documented, "How long an access token lives.";

    throttle: Throttle = Throttle::Off, "off, token_bucket or fixed_window", Unknown, "Limiter of operations: inner requests of a `$batch` and items of a bulk body count, not the outer call.";
    throttle_ops: u64 = 100, "a whole number", Practice, "Operations a window, and the size of the bucket.";
    throttle_window_ms: u64 = 10_000, "milliseconds", Practice, "Length of the limiter's window.";
    retry_after: RetryAfter = RetryAfter::Integer, "integer, decimal, date or none", Documented, "How `Retry-After` is spelled in throttled replies.";

    latency_ms: u64 = 0, "milliseconds", Practice, "Time one HTTP request takes, half of it before the effect.";
    latency_jitter_ms: u64 = 0, "milliseconds", Practice, "Up to so much more, at random.";
    fault_seed: u64 = 1, "a whole number", Practice, "Seed of the faults; setting it starts their sequence anew.";
    fault_scope: FaultScope = FaultScope::Graph, "graph, writes, reads, login or all", Practice, "Which requests faults can strike.";
    fault_inner: bool = false, "on or off", Practice, "Whether 429, 500 and 503 also strike inner requests of a `$batch`.";
    p_429: Probability = Probability(0.0), "0 to 1", Practice, "429 with `Retry-After`.";
    p_429_bare: Probability = Probability(0.0), "0 to 1", Practice, "429 without `Retry-After`.";
    fault_retry_after_ms: u64 = 2_128, "milliseconds", Practice, "The `Retry-After` of a 429 that is a fault.";
    p_500: Probability = Probability(0.0), "0 to 1", Practice, "500 before any effect.";
    p_503: Probability = Probability(0.0), "0 to 1", Practice, "503 before any effect.";
    p_504_after: Probability = Probability(0.0), "0 to 1", Practice, "504 although the effect took place.";
    p_reset_before: Probability = Probability(0.0), "0 to 1", Practice, "The connection breaks before the effect.";
    p_reset_after: Probability = Probability(0.0), "0 to 1", Practice, "The connection breaks after the effect.";
    p_lost: Probability = Probability(0.0), "0 to 1", Practice, "The effect happens, the reply never comes.";
    lost_hold_ms: u64 = 0, "milliseconds", Practice, "How long the connection stays open without a reply.";
    p_delayed: Probability = Probability(0.0), "0 to 1", Practice, "The reply is lost, and the effect happens later.";
    delayed_effect_s: f64 = 120.0, "seconds", Practice, "How much later.";
    p_duplicate: Probability = Probability(0.0), "0 to 1", Practice, "The request arrives twice; one of the two replies comes back.";
    p_stale: Probability = Probability(0.0), "0 to 1", Practice, "A read shows the tenant as it was.";
    stale_s: f64 = 3.0, "seconds", Practice, "How long ago.";
    p_html: Probability = Probability(0.0), "0 to 1", Practice, "A proxy answers 200 with HTML, before any effect.";
    p_redirect: Probability = Probability(0.0), "0 to 1", Practice, "A redirect to another host, before any effect.";
    p_foreign_next_link: Probability = Probability(0.0), "0 to 1", Practice, "A next link to another host.";
    clock_skew_s: i64 = 0, "seconds", Practice, "The tenant's clock minus true time; judges codes, and shows in `Date`.";
    date_skew_s: i64 = 0, "seconds", Practice, "What every `Date` header lies by, beside the tenant's clock.";
    p_lying_date: Probability = Probability(0.0), "0 to 1", Practice, "A single reply whose `Date` lies.";
    lying_date_s: i64 = -300, "seconds", Practice, "By how much.";
}
