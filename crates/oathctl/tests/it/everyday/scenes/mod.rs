//! Everyday cases, told from the first command to the sign-in that proves how they end. Each is held against its text
//! in `transcripts/scenes/`, which is meant to be read: commands with what they say, what was done by hand beside
//! them, how much time went by, and every sign-in of a true device.
//!
//! Owns: the cases. [`scene`] has their language. Does not own: each verb's own tests ([`super`]).

mod byhand;
mod devices;
mod leaving;
mod lost;
mod many;
mod places;
mod scene;
mod starting;

/// Every case there is, in the order in which one might read them.
pub const ALL: &[&str] = &[
    "starter_on_monday",
    "two_tokens",
    "sixth_token",
    "administrator",
    "bulk_with_a_wrong_name",
    "lost",
    "lost_and_found_again",
    "lost_and_the_stock_is_empty",
    "broken_in_hand",
    "clock_astray",
    "wrong_box",
    "parental_leave",
    "leaver_with_two_tokens",
    "leaver_restored",
    "new_name",
    "handed_on",
    "other_site",
    "user_deleted_it",
    "claimed_by_the_wrong_person",
    "deleted_by_hand",
    "changed_in_between",
    "serial_at_somebody",
    "reseed_after_a_leak",
    "two_helpdesks",
    "ctrl_c_in_a_release",
    "sha256_and_a_minute",
];
