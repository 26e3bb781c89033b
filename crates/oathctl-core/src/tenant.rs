//! The tenant port: what a back end can be asked and told. Reading and writing are different traits, so that
//! planning is given no way to write.
//!
//! Owns: the traits, their values, [`Reply`]. Does not own: any wire format, host name or retry; a back end
//! sends a write once and says what came back, the engine alone repeats.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::otp::Code;
use crate::seed::{SeedKey, SeedSource};
use crate::time::{Mono, ServerTime, Utc};
use crate::token::{DeviceId, GroupId, Hash, TenantId, UserId};

pub use crate::methods::{MethodKind, Methods, ROOM};

/// The other side's own words, kept as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Remote {
    /// HTTP status, of the inner request where there is one; `None` when no answer came.
    pub status: Option<u16>,
    /// The error's code, e.g. `Request_ResourceNotFound`.
    pub code: Option<String>,
    /// The error's message, verbatim but for control characters.
    pub message: Option<String>,
    /// The request id for Microsoft's support.
    pub request_id: Option<String>,
}

/// What a back end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// Microsoft Graph.
    Graph,
    /// The legacy portal.
    Portal,
}

/// What a back end can do, as data for planning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Which back end it is.
    pub backend: Backend,
    /// Most devices in one bulk creation.
    pub create_batch: usize,
    /// Most items in one call of every other kind.
    pub batch: usize,
    /// A creation can name the person, so that no assignment is needed.
    pub create_assigns: bool,
    /// Devices on one page of a listing, to weigh a listing against single reads.
    pub page: usize,
    /// Hashes it takes.
    pub hashes: Vec<Hash>,
    /// Periods it takes, in seconds.
    pub periods_secs: Vec<u32>,
    /// Digits it takes.
    pub digits: Vec<u8>,
    /// It can deactivate without unassigning.
    pub deactivate: bool,
}

/// Which tenant this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its GUID, from the access token and the organisation, which must agree.
    pub tenant: TenantId,
    /// Its display name; empty when it may not be read.
    pub name: String,
    /// Its verified domains, lower-cased; empty when they may not be read.
    pub domains: Vec<String>,
    /// The host everything goes to.
    pub host: String,
    /// True on loopback: the practice tenant.
    pub practice: bool,
    /// Who we are to the tenant (application or user id), as far as the access token says.
    pub signed_in_as: Option<String>,
}

/// A device's status. Unknown words are kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeviceStatus {
    /// In stock.
    Available,
    /// Somebody's, not active.
    Assigned,
    /// Somebody's and active.
    Activated,
    /// Microsoft's word for a failed activation; how it is entered and left is undocumented.
    FailedActivation,
    /// A word we do not know.
    Other(String),
}

/// A device as the tenant shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its serial.
    pub serial: String,
    /// Its manufacturer; empty when not given.
    pub manufacturer: String,
    /// Its model; empty when not given.
    pub model: String,
    /// Its hash; `None` when absent or unknown to us.
    pub hash: Option<Hash>,
    /// Its period in seconds; `None` when absent.
    pub period_secs: Option<u32>,
    /// Its status. `holder` is the truth about assignment; the status may lag behind it.
    pub status: DeviceStatus,
    /// Who holds it.
    pub holder: Option<Holder>,
    /// When somebody last signed in with it.
    pub last_used: Option<Utc>,
    /// The name people see.
    pub name: Option<String>,
    /// The tenant's time at which it looked so.
    pub seen_at: Option<ServerTime>,
    /// The version that was seen, where the tenant gives one (H18).
    pub etag: Option<ETag>,
}

/// A version of something in the tenant, as it names it (RFC 9110 §8.8.3); good for nothing but to be sent back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ETag(String);

impl ETag {
    /// Longer ones are no version of anything.
    const MOST_BYTES: usize = 1024;

    /// As it came; `None` for what can't be sent back in a header.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::MOST_BYTES).contains(&text.len());
        (fits && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))).then(|| Self(text.to_owned()))
    }

    /// As it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Device {
    /// True when somebody holds it and it is active.
    pub fn is_active(&self) -> bool {
        self.status == DeviceStatus::Activated
    }

    /// True when `user` holds it.
    pub fn is_held_by(&self, user: &UserId) -> bool {
        self.holder.as_ref().is_some_and(|h| h.id.as_str().eq_ignore_ascii_case(user.as_str()))
    }
}

/// Who holds a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Holder {
    /// Object id.
    pub id: UserId,
    /// Display name, where given.
    pub name: Option<String>,
}

/// Which devices to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceQuery {
    /// Every page of the listing.
    All,
    /// These, by id; the missing ones are simply absent from the answer.
    Ids(Vec<DeviceId>),
    /// These, by serial; several devices may carry one.
    Serials(Vec<String>),
    /// Every device these people hold, active or not; people without any, and people the tenant does not have, are
    /// simply absent. The holder stands in each. What stands with nobody asked for by the time it is read is left out.
    HeldBy(Vec<UserId>),
}

/// How a person is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserKey {
    /// By user principal name.
    Upn(String),
    /// By object id.
    Id(UserId),
}

/// A person as the tenant shows one. `None` means: not readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Object id.
    pub id: UserId,
    /// User principal name.
    pub upn: String,
    /// Display name.
    pub name: String,
    /// Whether the account may sign in.
    pub enabled: Option<bool>,
    /// Whether the person is a guest.
    pub guest: Option<bool>,
}

/// What a read found out: a value, or that it may not be known (never "no").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// It is so.
    Yes(T),
    /// It could not be read; the other side's words say why.
    Unknown(Remote),
}

impl<T> Known<T> {
    /// The value, if known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Yes(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

/// The method policy for hardware tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodPolicy {
    /// Switched on.
    pub enabled: bool,
    /// Whom it includes.
    pub include: Vec<Target>,
    /// Whom it leaves out.
    pub exclude: Vec<Target>,
}

/// A target of the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Graph's `all_users`.
    Everybody,
    /// A group, members of members included.
    Group(GroupId),
    /// One person.
    Person(UserId),
}

/// One reading of the tenant's clock against ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSample {
    /// The tenant's time (the `Date` of a reply, whole seconds).
    pub server: Utc,
    /// Our monotonic clock when the request left.
    pub sent: Mono,
    /// Our monotonic clock when the reply was there.
    pub received: Mono,
    /// Our wall clock when the reply was there.
    pub our: Utc,
}

/// Why a read failed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantErrorKind {
    /// No name, no connection, no TLS, proxy in the way.
    Unreachable,
    /// Something answered, but not Graph (HTML for JSON, a redirect, a foreign `nextLink`).
    NotTheTenant,
    /// It asks to wait longer than `--max-wait`.
    WaitTooLong,
    /// Sign-in refused.
    SignIn,
    /// A permission is missing for all of it.
    Forbidden,
    /// It said no for another reason.
    Refused,
    /// The run was told to stop.
    Stopped,
    /// Settings that must not be used (plain http to a real host, a host that is not Microsoft's …).
    Settings,
}

/// A read (or a sign-in) that failed as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?}: {detail}")]
pub struct TenantError {
    /// Which kind.
    pub kind: TenantErrorKind,
    /// A stable word for what exactly: `dns`, `connect`, `tls`, `proxy`, `timeout`, `html`, `redirect`,
    /// `foreign_next_link`, an `AADSTS…` number, or a permission's name.
    pub detail: String,
    /// The other side's words.
    pub remote: Remote,
}

/// Reads. Every method may take several requests; reads are repeated by the back end when that is safe.
#[async_trait]
pub trait TenantRead: Send + Sync {
    /// Which tenant this is; also signs in.
    async fn identity(&self) -> Result<Identity, TenantError>;
    /// What the back end can do.
    fn capabilities(&self) -> Capabilities;
    /// One harmless request, for its `Date`. Every reply's `Date` also reaches [`crate::offset::ServerClock`].
    async fn server_clock(&self) -> Result<ClockSample, TenantError>;
    /// Devices.
    async fn devices(&self, query: &DeviceQuery) -> Result<Vec<Device>, TenantError>;
    /// People, in the order asked; `None` for those the tenant does not have.
    async fn users(&self, keys: &[UserKey]) -> Result<Vec<Option<User>>, TenantError>;
    /// The method policy for hardware tokens.
    async fn policy(&self) -> Result<Known<MethodPolicy>, TenantError>;
    /// Everybody in a group, members of members included.
    async fn members(&self, group: &GroupId) -> Result<Known<BTreeSet<UserId>>, TenantError>;
    /// Everybody with a directory role.
    async fn admins(&self) -> Result<Known<BTreeSet<UserId>>, TenantError>;
    /// The methods of people, in the order asked.
    async fn methods_of(&self, users: &[UserId]) -> Result<Vec<Known<Methods>>, TenantError>;
    /// Which of these stand in the tenant's deleted items, in the order asked. `false` says only that: somebody may be
    /// there, never have been, or be gone for good (H3).
    async fn deleted(&self, users: &[UserId]) -> Result<Vec<Known<bool>>, TenantError>;
    /// At most so many people whose name has a word that begins with the text, or whose user principal name begins with
    /// it. For a person to choose from: what fits is the tenant's to say, and it may lag behind.
    async fn search(&self, text: &str, most: usize) -> Result<Known<Vec<User>>, TenantError>;
}

/// What became of one item of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<T> {
    /// Done, and acknowledged at the tenant's time `at` (its `Date`; `None` when the reply had none).
    Done {
        /// What came back.
        value: T,
        /// The tenant's time of the reply.
        at: Option<ServerTime>,
    },
    /// The tenant said no.
    Refused {
        /// Its words.
        remote: Remote,
        /// The whole call was refused, so the words need not be about this item.
        whole_call: bool,
    },
    /// Too fast.
    Throttled {
        /// Not before this instant; `None` when the tenant gave none.
        until: Option<Mono>,
        /// Its words.
        remote: Remote,
    },
    /// It never left: no connection, no permit, no access token, the clock unsettled.
    NotSent {
        /// Why.
        why: NotSent,
        /// The other side's words, where it had any.
        remote: Remote,
    },
    /// It left, and no clear answer came (time-out, reset, 5xx): it may have taken effect, or may yet.
    InDoubt {
        /// What is known.
        remote: Remote,
    },
}

/// Why a write never left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// No connection.
    Unreachable,
    /// No access token.
    SignIn,
    /// The clocks must settle first; ask [`TenantRead::server_clock`] and come again.
    Clock,
    /// No code was to be had from the [`CodeSource`].
    NoCode,
    /// The seed was not to be had.
    NoSeed,
    /// The run was told to stop.
    Stopped,
}

/// A device to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// Its serial.
    pub serial: String,
    /// Its manufacturer.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// Its hash.
    pub hash: Hash,
    /// Its period in seconds.
    pub period_secs: u32,
    /// Whom to assign it to in the same write, where the back end can.
    pub assign_to: Option<UserId>,
    /// Whose seed.
    pub seed: SeedKey,
}

/// One bulk request, or one by one (in as few HTTP requests as the back end can) so that each item gets its own
/// answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateHow {
    /// One bulk request.
    Bulk,
    /// One by one.
    Each,
}

/// A device and its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The device.
    pub device: DeviceId,
    /// The person: the new holder of an assignment, the expected one of everything else.
    pub user: UserId,
}

/// A device to take from its holder, as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unassign {
    /// The device and who is expected to hold it.
    pub held: Held,
    /// The version that was seen; where given, any other is refused with status 412.
    pub etag: Option<ETag>,
}

/// A device to delete, as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// The device.
    pub device: DeviceId,
    /// The version that was seen; where given, any other is refused with status 412.
    pub etag: Option<ETag>,
}

/// What a [`CodeSource`] offers.
#[derive(Debug)]
pub enum CodeOffer {
    /// Send this one.
    Ready(Code),
    /// Ask again at this time of the tenant's clock.
    WaitUntil(ServerTime),
    /// There is none to be had for this item.
    None,
}

/// Gives codes at the moment the request can leave: after the permit, with an access token in hand.
pub trait CodeSource: Send + Sync {
    /// The code for the item at this index of the call, if the tenant's clock shows `at`. `single` is true
    /// when the call carries only this item. May be asked again for a call that has to be built anew.
    fn code(&self, item: usize, at: ServerTime, single: bool) -> CodeOffer;
}

/// Writes. Each call is one HTTP request (at most the numbers of [`Capabilities`] in one), sent once; the answer
/// has one [`Reply`] an item, in the order asked.
#[async_trait]
pub trait TenantWrite: Send + Sync {
    /// Creates devices.
    async fn create(&self, items: &[Create], how: CreateHow, seeds: &dyn SeedSource) -> Vec<Reply<Device>>;
    /// Assigns unassigned devices.
    async fn assign(&self, items: &[Held]) -> Vec<Reply<()>>;
    /// Activates assigned devices with a code each.
    async fn activate(&self, items: &[Held], codes: &dyn CodeSource) -> Vec<Reply<()>>;
    /// Makes active devices inactive; they stay assigned.
    async fn deactivate(&self, items: &[Held]) -> Vec<Reply<()>>;
    /// Takes devices from their holders.
    async fn unassign(&self, items: &[Unassign]) -> Vec<Reply<()>>;
    /// Deletes unassigned devices.
    async fn delete(&self, items: &[Delete]) -> Vec<Reply<()>>;
    /// Gives unassigned devices another display name.
    async fn rename(&self, items: &[(DeviceId, String)]) -> Vec<Reply<()>>;
    /// Ends people's sign-in sessions. It can't be read back; saying it twice does no harm.
    async fn revoke_sessions(&self, users: &[UserId]) -> Vec<Reply<()>>;
}
