//! The kinds of values a switch can have, and how each is read and shown.

/// A value that can be read from and shown as text.
pub(super) trait OptionValue: Sized {
    fn read(text: &str) -> Option<Self>;
    fn show(&self) -> String;
}

/// A probability from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probability(pub f64);

/// A whole number of at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtLeastOne(pub usize);

/// A list of words divided by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordList(pub Vec<String>);

impl WordList {
    pub(super) fn of(text: &str) -> Self {
        Self(text.split([',', ' ']).filter(|w| !w.is_empty()).map(str::to_owned).collect())
    }
}

impl OptionValue for Probability {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|p| (0.0..=1.0).contains(p)).map(Self)
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl OptionValue for AtLeastOne {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|n| *n >= 1).map(Self)
    }
    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl OptionValue for WordList {
    fn read(text: &str) -> Option<Self> {
        Some(Self::of(text))
    }
    fn show(&self) -> String {
        self.0.join(",")
    }
}

impl OptionValue for u64 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl OptionValue for i64 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl OptionValue for f64 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0)
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl OptionValue for bool {
    fn read(text: &str) -> Option<Self> {
        match text {
            "on" | "true" => Some(true),
            "off" | "false" => Some(false),
            _ => None,
        }
    }
    fn show(&self) -> String {
        if *self { "on" } else { "off" }.to_owned()
    }
}

impl OptionValue for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
    fn show(&self) -> String {
        self.clone()
    }
}

macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
        impl OptionValue for $name {
            fn read(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }
            fn show(&self) -> String {
                match self { $(Self::$variant => $word,)+ }.to_owned()
            }
        }
    };
}

word_enum! {
    /// What a bulk body does when one of its items is refused.
    BulkFailure {
        /// Nothing of the body takes effect; an ordinary error.
        AllOrNothing = "all_or_nothing",
        /// The items before it stay; an ordinary error.
        StopAtFirst = "stop_at_first",
        /// Each item is judged by itself.
        PerItem = "per_item",
    }
}
word_enum! {
    /// How a device stands in a list or bulk reply.
    ItemShape {
        /// Its properties directly.
        Flat = "flat",
        /// Wrapped as `{id, device: {…}}`.
        Device = "device",
    }
}
word_enum! {
    /// What a wrong code leaves behind.
    WrongCode {
        /// The status stays.
        Keeps = "keeps",
        /// The status becomes `failedActivation`.
        FailedActivation = "failed_activation",
    }
}
word_enum! {
    /// How far from the tenant's clock a code may lie at activation.
    ActivationRange {
        /// A day (30 s) or two days (60 s).
        Wide = "wide",
        /// One minute (30 s) or two minutes (60 s).
        Narrow = "narrow",
    }
}
word_enum! {
    /// What happens beyond the quota of activations.
    Quota {
        /// There is no quota.
        Off = "off",
        /// 429.
        TooMany = "429",
        /// An ordinary refusal, like a wrong code.
        BadRequest = "400",
        /// Success is answered and nothing happens.
        Silence = "silence",
    }
}
word_enum! {
    /// Whether a write the app's own permissions would cover may be refused for its target.
    Permit {
        /// It is done.
        Allow = "allow",
        /// It is refused with 403.
        Forbid = "forbid",
        /// It is answered with success and left undone.
        Ignore = "ignore",
    }
}
word_enum! {
    /// What becomes of a token whose holder is deleted.
    DeletedHolder {
        /// The token stays assigned; the holder's path answers 404.
        Gone = "gone",
        /// The token stays assigned; it can still be unassigned through the holder's id.
        Keep = "keep",
        /// The token returns to stock.
        Release = "release",
    }
}
word_enum! {
    /// What is left of a token whose holder removes it in Security info.
    SelfRemoval {
        /// It returns to stock.
        Unassign = "unassign",
        /// He still holds it, inactive.
        Deactivate = "deactivate",
    }
}
word_enum! {
    /// Whether `device` is shown among a person's methods.
    Expand {
        /// Always.
        Always = "always",
        /// With `$expand=device`.
        OnRequest = "on_request",
        /// Never.
        Never = "never",
    }
}
word_enum! {
    /// What activating an activated token does.
    Reactivate {
        /// It is refused.
        Refuse = "refuse",
        /// The code is judged and the drift learned again.
        Relearn = "relearn",
    }
}
word_enum! {
    /// The limiter of operations.
    Throttle {
        /// None.
        Off = "off",
        /// A bucket that refills steadily.
        TokenBucket = "token_bucket",
        /// A count that starts anew with each window.
        FixedWindow = "fixed_window",
    }
}
word_enum! {
    /// How `Retry-After` is spelled.
    RetryAfter {
        /// Whole seconds, rounded up.
        Integer = "integer",
        /// Seconds with decimals.
        Decimal = "decimal",
        /// An HTTP date, rounded up to the second.
        Date = "date",
        /// The header is left out.
        None = "none",
    }
}
word_enum! {
    /// What makes two tokens the same.
    Uniqueness {
        /// The serial.
        Serial = "serial",
        /// The serial and the manufacturer.
        SerialManufacturer = "serial_manufacturer",
    }
}
word_enum! {
    /// What a `$top` beyond the page size does.
    OverMaxTop {
        /// The page size holds.
        Cap = "cap",
        /// `$top` is as if absent.
        Ignore = "ignore",
        /// 400.
        Reject = "reject",
    }
}
word_enum! {
    /// The order of a `$batch` reply.
    BatchOrder {
        /// As asked.
        Asked = "asked",
        /// Backwards.
        Reversed = "reversed",
        /// At random.
        Shuffled = "shuffled",
    }
}
word_enum! {
    /// State of the app's client secret.
    ClientSecret {
        /// It works.
        Valid = "valid",
        /// It is the right one, but expired.
        Expired = "expired",
    }
}
word_enum! {
    /// Which requests can be struck by a fault.
    FaultScope {
        /// Graph only.
        Graph = "graph",
        /// Graph requests that write, batches included.
        Writes = "writes",
        /// Graph requests that only read.
        Reads = "reads",
        /// Sign-in only.
        Login = "login",
        /// Graph and sign-in.
        All = "all",
    }
}
word_enum! {
    /// Status of a bulk reply that succeeded.
    BulkStatus {
        /// 200.
        Ok = "200",
        /// 201.
        Created = "201",
    }
}
word_enum! {
    /// Status of a refusal because of the token's present state.
    ConflictStatus {
        /// 400.
        BadRequest = "400",
        /// 409.
        Conflict = "409",
    }
}
