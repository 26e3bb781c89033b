//! Why something is not as it was asked: one enum of stable words for faults and outcomes.
//!
//! Owns: [`Reason`] (word, class, parameters), the catalogue behind `oathctl explain`. Does not own: any
//! English; the binary's `words` turn a reason into a message and an advice by an exhaustive match.
//!
//! To add one: add a line in the table below, words in the binary, and a row in its test.

use serde::{Deserialize, Serialize};

/// Whom or what a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The input.
    File,
    /// The person, not the token.
    Person,
    /// A rule of the tenant or of the caller.
    Policy,
    /// What the tenant holds or answered.
    Tenant,
    /// The way to the tenant.
    Network,
    /// Somebody's clock.
    Clock,
    /// oathctl itself or its machine.
    Own,
}

/// One line of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonInfo {
    /// The stable word.
    pub word: &'static str,
    /// Whom it is about.
    pub class: Class,
    /// A row with it does not reach what was asked.
    pub blocking: bool,
    /// Doing the same again later may help.
    pub retryable: bool,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $({ $($(#[$fdoc:meta])* $field:ident : $ty:ty),* $(,)? })? = $word:literal $class:ident $blocking:ident $retry:ident;)*) => {
        /// A stable reason with its parameters. Serialised as `{"reason": word, …parameters}`.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(tag = "reason")]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $word)] $name $({ $($(#[$fdoc])* $field: $ty),* })?,)*
        }

        impl Reason {
            /// Every reason there is, in the order of the documentation.
            pub const CATALOGUE: &'static [ReasonInfo] = &[
                $(ReasonInfo {
                    word: $word,
                    class: Class::$class,
                    blocking: reasons!(@blocking $blocking),
                    retryable: reasons!(@retry $retry),
                },)*
            ];

            /// The stable word.
            pub fn word(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),* })? => $word,)* }
            }
        }
    };
    (@blocking stops) => { true };
    (@blocking informs) => { false };
    (@retry again) => { true };
    (@retry never) => { false };
}

reasons! {
    // ---- the file as a whole -------------------------------------------------------------------------------
    /// It could not be opened or read.
    FileUnreadable { /** The operating system's words. */ detail: String } = "file_unreadable" File stops never;
    /// No bytes, or only blank lines.
    EmptyFile { /** `workbook`, `json`; empty for a file without bytes or with blank lines only. */ #[serde(default)] what: String } = "empty_file" File stops never;
    /// Not text and no format we know.
    BinaryFile { /** What it looks like. */ looks_like: String } = "binary_file" File stops never;
    /// A format we can name but do not read.
    UnsupportedFormat { /** Its name. */ format: String } = "unsupported_format" File stops never;
    /// No row names the columns we need.
    HeadersUnknown { /** The first cells, as shapes where they could be secrets. */ seen: Vec<String>, /** Fields still missing. */ needed: Vec<String> } = "headers_unknown" File stops never;
    /// A header and nothing under it.
    OnlyHeader = "only_header" File stops never;
    /// Rows, but none that could be used.
    NoUsableRow = "no_usable_row" File stops never;
    /// Hex and Base32 both fit; `--secret-encoding` decides.
    SeedEncodingUndecidable { /** Rows in the column. */ rows: u64 } = "seed_encoding_undecidable" File stops never;
    /// Hex or Base32 was chosen by likelihood; enough to look at, not to activate with.
    SeedEncodingUncertain { /** What was taken. */ taken: String } = "seed_encoding_uncertain" File informs never;
    /// Seeds whose length leaves the hash open and no stated hash; `--hash` decides.
    HashUnstated { /** Length of such a seed in bytes. */ seed_bytes: u32, /** Rows concerned. */ rows: u64 } = "hash_unstated" File stops never;
    /// No column states the period; `--period` does.
    PeriodUnstated = "period_unstated" File stops never;
    /// More than one column may be the field, or a header names nothing we know.
    ColumnsUndecidable { /** The field. */ field: String } = "columns_undecidable" File stops never;
    /// A flag names a column that is not there.
    ColumnMissing { /** What was asked for. */ column: String } = "column_missing" File stops never;
    /// The text was not UTF-8 and was read as windows-1252.
    DecodedAsWindows1252 = "decoded_as_windows_1252" File informs never;
    /// A column was not used.
    ColumnIgnored { /** Its heading. */ heading: String } = "column_ignored" File informs never;
    /// A row of totals, a repeated header or a comment was passed over.
    LineIgnored { /** `total`, `header`, `comment`. */ what: String } = "line_ignored" File informs never;
    /// A total in the file differs from the rows read.
    TotalDiffers { /** As declared. */ declared: u64, /** As read. */ found: u64 } = "total_differs" File informs never;
    /// More than one manufacturer or model in one file.
    MixedModels { /** How many. */ models: u64 } = "mixed_models" File informs never;
    /// More bytes than may be read at once.
    FileTooLarge { /** The limit. */ limit_bytes: u64 } = "file_too_large" File stops never;
    /// As many people as tokens are needed to pair them by position.
    CountsDiffer { /** Records of the token list. */ tokens: u64, /** Records of the list of people. */ people: u64 } = "counts_differ" File stops never;
    /// Serials of different lengths, or shorter than most: leading zeros may be lost.
    SerialWidth { /** Length of this one. */ length: u32, /** Length of most. */ usual: u32 } = "serial_width" File informs never;

    // ---- what the file is wrapped in --------------------------------------------------------------------------
    /// Locked by a passphrase, and none was given.
    PassphraseNeeded { /** What is locked: `zip`, `7z`, `pgp`, `age`, `workbook`, `pskc`, `private_key`. */ what: String } = "passphrase_needed" File stops never;
    /// No passphrase that was given opens it (or it is damaged where that looks the same).
    PassphraseWrong { /** What is locked. */ what: String } = "passphrase_wrong" File stops never;
    /// Locked for a key, and no fitting one was given.
    KeyNeeded { /** What is locked. */ what: String, /** For whom, as the file names them. */ recipients: Vec<String> } = "key_needed" File stops never;
    /// No key that was given opens it.
    KeyWrong { /** What is locked. */ what: String } = "key_wrong" File stops never;
    /// A file given as a key is none.
    KeyUnusable { /** Its name. */ name: String, /** `empty`, `not_a_key`, `public`, `elliptic`, `plugin`, `unsupported`. */ why: String } = "key_unusable" File stops never;
    /// Its wrapping is cut off or altered.
    WrappingDamaged { /** Which: `zip`, `7z`, `gzip`, `pgp`, `age`, `workbook`. */ what: String } = "wrapping_damaged" File stops never;
    /// A way of wrapping that is not read.
    WrappingUnsupported { /** Which. */ what: String } = "wrapping_unsupported" File stops never;
    /// More layers, bytes, members than any seed file has; or shrunk too well to be one.
    UnwrapLimit { /** `depth`, `bytes`, `ratio`, `members`. */ what: String, /** The limit. */ limit: u64 } = "unwrap_limit" File stops never;
    /// A member of an archive is no seed file.
    MemberIgnored { /** What it is instead. */ looks_like: String } = "member_ignored" File informs never;
    /// A key or name a file should be encrypted for can't be used.
    RecipientUnusable { /** Its name. */ name: String, /** `empty`, `not_a_key`, `secret`, `damaged`, `revoked`, `expired`, `cannot_encrypt`, `unsupported`. */ why: String } = "recipient_unusable" File stops never;
    /// The user's own gpg did not decrypt it.
    GpgFailed { /** Its own words. */ detail: String } = "gpg_failed" File stops never;
    /// Signed; nobody checked by whom.
    SignatureUnverified { /** The signer as the file names it; empty when it does not. */ signer: String } = "signature_unverified" File informs never;
    /// Not well-formed, or cut off.
    DocumentDamaged { /** `XML`, `JSON` … */ format: String, /** `malformed`, `truncated`. */ what: String } = "document_damaged" File stops never;
    /// A document type declaration; never read, since it can name other files.
    DoctypeForbidden = "doctype_forbidden" File stops never;
    /// A list of tokens without seeds.
    NoSeeds { /** What it is. */ format: String } = "no_seeds" File stops never;
    /// A sheet that a spreadsheet does not show was read.
    SheetHidden = "sheet_hidden" File informs never;
    /// Rows that a spreadsheet does not show were read.
    RowsHidden { /** How many. */ rows: u64 } = "rows_hidden" File informs never;
    /// A workbook has macros; they were not looked at.
    MacrosIgnored = "macros_ignored" File informs never;
    /// Part of an export that was divided.
    BatchIncomplete { /** Parts read. */ parts: u32, /** Parts there are. */ of: u32 } = "batch_incomplete" File informs never;

    // ---- one row of it ---------------------------------------------------------------------------------------
    /// More or fewer cells than the header.
    CellCount { /** Cells of the header. */ expected: u32, /** Cells of the row. */ found: u32 } = "cell_count" File stops never;
    /// A quoted cell that never ends.
    QuoteUnclosed = "quote_unclosed" File stops never;
    /// Two values claim to be the same field of one row, and nothing says which counts.
    ValuesDisagree { /** What holds them: `column`, `key`, `parameter`, `element`. */ what: String, /** The field. */ field: String } = "values_disagree" File stops never;
    /// No serial.
    SerialMissing = "serial_missing" File stops never;
    /// A spreadsheet destroyed it.
    SerialDamaged { /** As it stands in the file. */ shown: String } = "serial_damaged" File stops never;
    /// A spreadsheet rewrote it without losing a digit; it was written out again.
    SerialRewritten { /** As it stands in the file. */ shown: String } = "serial_rewritten" File informs never;
    /// A workbook keeps it as a number and shows it with more characters; it was taken as shown.
    SerialAsShown { /** As the workbook shows it. */ shown: String } = "serial_as_shown" File informs never;
    /// A number with more digits than programs keep.
    SerialInexact { /** How many. */ digits: u32 } = "serial_inexact" File stops never;
    /// A place that is none: nothing, or more than a name.
    LocationMalformed { /** `empty`, `too_long`. */ why: String } = "location_malformed" File stops never;
    /// This store doesn't know a token of this serial.
    TokenUnknown = "token_unknown" File stops never;
    /// A list of people or of choices names a serial that the token file does not have.
    SerialNotInFile = "serial_not_in_file" File informs never;
    /// Longer than 64 characters or with characters no serial has.
    SerialMalformed { /** As it stands in the file. */ shown: String } = "serial_malformed" File stops never;
    /// The same serial with different data; every row of it is left out.
    SerialConflict { /** Lines of the others. */ lines: Vec<u64> } = "serial_conflict" File stops never;
    /// The same row once more.
    DuplicateRow { /** Line of the first. */ first_line: u64 } = "duplicate_row" File informs never;
    /// No seed.
    SeedMissing = "seed_missing" File stops never;
    /// A character the encoding does not have.
    SeedBadCharacter { /** The character. */ character: char, /** Its position in the cell, from 1. */ position: u32, /** `base32` or `hex`. */ encoding: String } = "seed_bad_character" File stops never;
    /// A length the encoding cannot have.
    SeedBadLength { /** Characters. */ characters: u32, /** `base32` or `hex`. */ encoding: String } = "seed_bad_length" File stops never;
    /// Fewer than 10 bytes.
    SeedTooShort { /** Its length. */ bytes: u32 } = "seed_too_short" File stops never;
    /// More than 80 bytes, which Entra does not take.
    SeedTooLong { /** Its length. */ bytes: u32 } = "seed_too_long" File stops never;
    /// Fewer than 16 bytes: weaker than RFC 4226 §4 asks.
    SeedWeak { /** Its length. */ bytes: u32 } = "seed_weak" File informs never;
    /// A seed out of somebody's documentation.
    SeedForTests = "seed_for_tests" File stops never;
    /// The same seed under two serials.
    SeedShared { /** Line of the other. */ other_line: u64 } = "seed_shared" File stops never;
    /// The bytes are themselves hex text: probably encoded twice.
    SeedDoubleEncoded = "seed_double_encoded" File informs never;
    /// Spare bits at the end of the Base32 text are not zero.
    SeedTrailingBits = "seed_trailing_bits" File informs never;
    /// Padding that does not fit the length.
    SeedPadding = "seed_padding" File informs never;
    /// The check value (MAC) does not fit the seed: wrong key, or altered.
    MacWrong = "mac_wrong" File stops never;
    /// A check value (MAC) is announced and missing: whoever removed it could have changed the seed.
    MacMissing = "mac_missing" File stops never;
    /// Its announced check value is missing and the caller permitted that.
    MacSkipped = "mac_skipped" File informs never;
    /// The check value is over the seed and not over its cipher text, as only drafts do.
    MacOverPlaintext = "mac_over_plaintext" File informs never;
    /// The file only refers to a seed kept elsewhere.
    SeedNotInFile = "seed_not_in_file" File stops never;
    /// This seed does not open with what opens the others.
    SeedLocked = "seed_locked" File stops never;
    /// Check values (MAC) by an algorithm that is not known.
    MacUnsupported { /** As the file names it. */ name: String } = "mac_unsupported" File stops never;
    /// Several of the keys given open this seed, and nothing says which is meant.
    KeyUndecidable = "key_undecidable" File stops never;
    /// Written as no rule of its format permits, and so plainly another spelling that neither can be taken unasked.
    SeedSpellingDoubtful { /** What it looks like: `hex`, `base32`. */ looks_like: String, /** Its length. */ characters: u32, /** What its format prescribes. */ format: String } = "seed_spelling_doubtful" File stops never;
    /// A value stands where its format has none, and was taken.
    ValueMisplaced { /** Which. */ field: String } = "value_misplaced" File informs never;
    /// A cipher, digest or derivation that is not read.
    CipherUnsupported { /** As the file names it. */ name: String } = "cipher_unsupported" File stops never;
    /// The file's policy does not permit this key to make codes.
    PolicyForbids { /** What it says. */ what: String } = "policy_forbids" File stops never;
    /// The file's policy says something this reader doesn't know, which counts as a prohibition.
    PolicyUnknown { /** The element, as the file names it. */ what: String } = "policy_unknown" File stops never;
    /// The same, and the caller permitted that.
    PolicySkipped { /** The element, as the file names it. */ what: String } = "policy_skipped" File informs never;
    /// A date that can't be read, so that nobody knows whether it has passed.
    DateUnreadable { /** Which. */ field: String, /** As it may be shown. */ shown: String } = "date_unreadable" File informs never;
    /// Past the date its maker gives it.
    KeyExpired { /** The date. */ date: String } = "key_expired" File informs never;
    /// Before the date its maker gives it.
    KeyNotYetValid { /** The date. */ date: String } = "key_not_yet_valid" File informs never;
    /// Its clock ran off by so much when the file was made.
    ClockShifted { /** As it stands in the file. */ shown: String } = "clock_shifted" File informs never;
    /// It counts time from another moment than 1970.
    EpochUnsupported { /** As it stands in the file. */ shown: String } = "epoch_unsupported" File stops never;
    /// Its codes are not plain decimal digits.
    CodeFormUnsupported { /** As it stands in the file. */ shown: String } = "code_form_unsupported" File stops never;
    /// A value that cannot be read as what it should be.
    ValueMalformed { /** Which. */ field: String, /** As it may be shown. */ shown: String } = "value_malformed" File stops never;
    /// The format's own default was taken where the file is silent.
    ParameterDefaulted { /** Which. */ field: String, /** What was taken. */ value: String } = "parameter_defaulted" File informs never;
    /// The file names its person in a way that no user principal name is.
    PersonHinted { /** As it stands in the file. */ shown: String } = "person_hinted" File informs never;
    /// The seed of a phone's app, not of a token.
    SoftToken = "soft_token" File stops never;
    /// A cell of a workbook without a value: an error, or a formula nobody computed.
    CellWithoutValue { /** As in `B7`. */ cell: String, /** The error it shows, as `#N/A`; empty for a formula nobody computed. */ #[serde(default)] error: String } = "cell_without_value" File stops never;
    /// Not 30 or 60 seconds.
    PeriodUnsupported { /** As it stands in the file. */ shown: String } = "period_unsupported" File stops never;
    /// Not six digits.
    DigitsUnsupported { /** As it stands in the file. */ shown: String } = "digits_unsupported" File stops never;
    /// A hash Entra has no name for.
    HashUnsupported { /** As it stands in the file. */ shown: String } = "hash_unsupported" File stops never;
    /// Counter-based or something else Entra does not take.
    NotTotp { /** What it is. */ kind: String } = "not_totp" File stops never;
    /// No `@` in the name of the person.
    UpnMalformed { /** As it stands in the file. */ shown: String } = "upn_malformed" File stops never;
    /// Nobody stands where a person is needed: blank, or a placeholder.
    UpnMissing = "upn_missing" File stops never;
    /// The same person once more, where everybody may stand only once.
    PersonTwice { /** Line of the first. */ first_line: u64 } = "person_twice" File stops never;
    /// The token file and the list of people name different people for one token.
    PersonConflict { /** Line in the list of people. */ line: u64 } = "person_conflict" File stops never;
    /// Begins with `=`, `+`, `-` or `@`, which a spreadsheet would run as a formula; not written.
    UnsafeCell { /** Which. */ field: String } = "unsafe_cell" File stops never;
    /// The format a file is converted to has no way to say this; the row is not written.
    TargetCannot { /** The format. */ target: String, /** Which field. */ field: String, /** Its value. */ shown: String } = "target_cannot" File stops never;
    /// More than five tokens for one person in this file.
    TooManyForPerson { /** How many. */ tokens: u32 } = "too_many_for_person" File stops never;
    /// The manufacturer or model the tenant requires is missing.
    FieldMissing { /** Which. */ field: String } = "field_missing" File stops never;

    // ---- the person ------------------------------------------------------------------------------------------
    /// Nobody in the tenant has this name.
    PersonUnknown = "person_unknown" Person stops never;
    /// A guest; Entra assigns no hardware tokens to guests.
    PersonGuest = "person_guest" Person stops never;
    /// The account is disabled.
    PersonDisabled = "person_disabled" Person stops never;
    /// A person with a directory role, without `--include-admins`.
    AdminTarget = "admin_target" Person stops never;
    /// Five tokens and authenticator apps are there already.
    NoRoom { /** How many are there. */ held: u32 } = "no_room" Person stops never;
    /// The method policy leaves this person out.
    PolicyExcluded = "policy_excluded" Policy stops never;
    /// It is somebody else's; `--reassign` moves it.
    HeldByOther { /** Who, as far as known. */ holder: String } = "held_by_other" Person stops never;
    /// Whoever held it is gone from the directory.
    HolderGone = "holder_gone" Person stops never;
    /// It would take away the last method.
    LastMethod = "last_method" Person stops never;
    /// No other method, and `--require-other-method` was asked.
    NoOtherMethod = "no_other_method" Policy stops never;
    /// `--exclude` names it.
    Excluded = "excluded" Policy informs never;
    /// `--only` does not name it.
    NotSelected = "not_selected" Policy informs never;

    // ---- what the tenant holds or answered -------------------------------------------------------------------
    /// The tenant has no device with this serial.
    NotInTenant = "not_in_tenant" Tenant stops never;
    /// Marked as lost, stolen or retired; only `tokens found` moves it again.
    Marked { /** Which. */ mark: String } = "marked" Policy stops never;
    /// The token was taken back; ending its holder's sign-in sessions was refused.
    SessionsNotRevoked = "sessions_not_revoked" Policy stops never;
    /// The token it was to be replaced by did not come so far; this one was left as it was.
    NotReplaced = "not_replaced" Person stops again;
    /// The tenant knows the serial with another hash or period.
    ParametersDiffer { /** Which. */ field: String, /** The tenant's. */ tenant: String, /** The file's. */ file: String } = "parameters_differ" Tenant stops never;
    /// A device that was there before refused a right code: its seed is not the file's.
    SeedDiffers = "seed_differs" Tenant stops never;
    /// Every code we may send was refused.
    CodeRefused = "code_refused" Tenant stops never;
    /// Accepted only after a refusal: chance cannot be ruled out.
    AcceptedAfterRefusal = "accepted_after_refusal" Tenant stops never;
    /// The tenant said no, in its own words.
    TenantRefused = "tenant_refused" Tenant stops never;
    /// A permission or role is missing.
    PermissionMissing { /** Which, as far as known. */ permission: String } = "permission_missing" Policy stops never;
    /// It never became visible.
    NotVisible = "not_visible" Tenant stops again;
    /// It shows another state than the one planned for.
    ChangedSincePlan { /** What is there now. */ found: String } = "changed_since_plan" Tenant stops never;
    /// Somebody else is at it.
    Busy = "busy" Tenant stops again;
    /// More devices than one carry this serial.
    SerialTwiceInTenant { /** How many. */ devices: u32 } = "serial_twice_in_tenant" Tenant stops never;
    /// The back end cannot do it.
    BackendCannot { /** What. */ what: String } = "backend_cannot" Policy stops never;
    /// It stays refused by throttling.
    ThrottledOut = "throttled_out" Tenant stops again;
    /// Repeated refusals look like the quota of activations.
    QuotaSuspected = "quota_suspected" Tenant stops again;

    // ---- way, clock, own -------------------------------------------------------------------------------------
    /// Too many sends were lost.
    NetworkFailed = "network_failed" Network stops again;
    /// Sent, and nobody can say what became of it.
    Doubtful = "doubtful" Network stops again;
    /// It may have taken effect outside its code's window.
    ClockDoubt = "clock_doubt" Clock stops again;
    /// The clocks do not agree; no code may leave.
    ClockUnsettled = "clock_unsettled" Clock stops again;
    /// The run came to no end.
    RunStopped = "run_stopped" Own stops again;
    /// The input holds no seed for it.
    SeedNotHeld = "seed_not_held" Own stops never;
    /// A fault of oathctl.
    OwnFault { /** Where. */ what: String } = "own_fault" Own stops never;
}

impl Reason {
    /// The catalogue's line for this reason.
    pub fn info(&self) -> ReasonInfo {
        let word = self.word();
        let fallback = ReasonInfo { word, class: Class::Own, blocking: true, retryable: false };
        Self::CATALOGUE.iter().find(|info| info.word == word).copied().unwrap_or(fallback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_round_trip() {
        let words: std::collections::BTreeSet<_> = Reason::CATALOGUE.iter().map(|i| i.word).collect();
        assert_eq!(words.len(), Reason::CATALOGUE.len());
        let reason = Reason::PeriodUnsupported { shown: "45".into() };
        let json = serde_json::to_value(&reason).unwrap();
        assert_eq!(json["reason"], "period_unsupported");
        assert_eq!(serde_json::from_value::<Reason>(json).unwrap(), reason);
        assert!(reason.info().blocking);
    }
}
