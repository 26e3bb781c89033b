//! One of every reason, with parameters that can be found again.

use oathctl_core::reason::Reason as R;

/// Foreign text that no sentence may swallow or end with.
pub(super) const MARK: &str = "MARK";

/// Every reason once.
pub(super) fn reasons() -> Vec<R> {
    [file(), wrapping(), row(), seed(), sealed(), person(), tenant(), own()].concat()
}

fn mark() -> String {
    MARK.into()
}

fn file() -> Vec<R> {
    vec![
        R::FileUnreadable { detail: mark() },
        R::EmptyFile { what: "workbook".into() },
        R::BinaryFile { looks_like: "png".into() },
        R::UnsupportedFormat { format: mark() },
        R::HeadersUnknown { seen: vec![mark()], needed: vec!["serial".into(), "seed".into()] },
        R::OnlyHeader,
        R::NoUsableRow,
        R::SeedEncodingUndecidable { rows: 7001 },
        R::SeedEncodingUncertain { taken: mark() },
        R::HashUnstated { seed_bytes: 32, rows: 7001 },
        R::PeriodUnstated,
        R::ColumnsUndecidable { field: mark() },
        R::ColumnMissing { column: mark() },
        R::DecodedAsWindows1252,
        R::ColumnIgnored { heading: mark() },
        R::LineIgnored { what: mark() },
        R::TotalDiffers { declared: 7001, found: 7002 },
        R::MixedModels { models: 7001 },
        R::FileTooLarge { limit_bytes: 7001 },
        R::CountsDiffer { tokens: 7001, people: 7002 },
        R::SerialWidth { length: 7001, usual: 7002 },
    ]
}

fn wrapping() -> Vec<R> {
    vec![
        R::PassphraseNeeded { what: "zip".into() },
        R::PassphraseWrong { what: "pgp".into() },
        R::KeyNeeded { what: "pgp".into(), recipients: vec![mark()] },
        R::KeyWrong { what: "age".into() },
        R::KeyUnusable { name: mark(), why: "public".into() },
        R::WrappingDamaged { what: "7z".into() },
        R::WrappingUnsupported { what: mark() },
        R::UnwrapLimit { what: "ratio".into(), limit: 7001 },
        R::MemberIgnored { looks_like: mark() },
        R::RecipientUnusable { name: mark(), why: "expired".into() },
        R::GpgFailed { detail: mark() },
        R::SignatureUnverified { signer: mark() },
        R::DocumentDamaged { format: mark(), what: "truncated".into() },
        R::DoctypeForbidden,
        R::NoSeeds { format: mark() },
        R::SheetHidden,
        R::RowsHidden { rows: 7001 },
        R::MacrosIgnored,
        R::BatchIncomplete { parts: 7001, of: 7002 },
    ]
}

fn row() -> Vec<R> {
    vec![
        R::CellCount { expected: 7001, found: 7002 },
        R::QuoteUnclosed,
        R::ValuesDisagree { what: "key".into(), field: mark() },
        R::SerialMissing,
        R::SerialDamaged { shown: mark() },
        R::SerialRewritten { shown: mark() },
        R::SerialAsShown { shown: mark() },
        R::SerialInexact { digits: 7001 },
        R::LocationMalformed { why: "too_long".into() },
        R::TokenUnknown,
        R::SerialNotInFile,
        R::SerialMalformed { shown: mark() },
        R::SerialConflict { lines: vec![7001, 7002] },
        R::DuplicateRow { first_line: 7001 },
        R::UpnMalformed { shown: mark() },
        R::UpnMissing,
        R::PersonTwice { first_line: 7001 },
        R::PersonConflict { line: 7001 },
        R::UnsafeCell { field: mark() },
        R::TargetCannot { target: mark(), field: "hash".into(), shown: mark() },
        R::TooManyForPerson { tokens: 7001 },
    ]
}

fn seed() -> Vec<R> {
    vec![
        R::SeedMissing,
        R::SeedBadCharacter { character: '0', position: 7001, encoding: "base32".into() },
        R::SeedBadLength { characters: 7001, encoding: "hex".into() },
        R::SeedTooShort { bytes: 7001 },
        R::SeedTooLong { bytes: 7001 },
        R::SeedWeak { bytes: 7001 },
        R::SeedForTests,
        R::SeedShared { other_line: 7001 },
        R::SeedDoubleEncoded,
        R::SeedTrailingBits,
        R::SeedPadding,
        R::PeriodUnsupported { shown: mark() },
        R::DigitsUnsupported { shown: mark() },
        R::HashUnsupported { shown: mark() },
        R::NotTotp { kind: mark() },
        R::FieldMissing { field: mark() },
    ]
}

fn sealed() -> Vec<R> {
    vec![
        R::MacWrong,
        R::MacMissing,
        R::MacSkipped,
        R::MacOverPlaintext,
        R::SeedNotInFile,
        R::SeedLocked,
        R::MacUnsupported { name: mark() },
        R::KeyUndecidable,
        R::SeedSpellingDoubtful { looks_like: mark(), characters: 7001, format: mark() },
        R::ValueMisplaced { field: mark() },
        R::CipherUnsupported { name: mark() },
        R::PolicyForbids { what: mark() },
        R::PolicyUnknown { what: mark() },
        R::PolicySkipped { what: mark() },
        R::DateUnreadable { field: mark(), shown: mark() },
        R::KeyExpired { date: mark() },
        R::KeyNotYetValid { date: mark() },
        R::ClockShifted { shown: mark() },
        R::EpochUnsupported { shown: mark() },
        R::CodeFormUnsupported { shown: mark() },
        R::ValueMalformed { field: mark(), shown: mark() },
        R::ParameterDefaulted { field: mark(), value: mark() },
        R::PersonHinted { shown: mark() },
        R::SoftToken,
        R::CellWithoutValue { cell: mark(), error: mark() },
    ]
}

fn person() -> Vec<R> {
    vec![
        R::PersonUnknown,
        R::PersonGuest,
        R::PersonDisabled,
        R::AdminTarget,
        R::NoRoom { held: 7001 },
        R::PolicyExcluded,
        R::HeldByOther { holder: mark() },
        R::HolderGone,
        R::LastMethod,
        R::Marked { mark: mark() },
        R::SessionsNotRevoked,
        R::NotReplaced,
        R::NotInTenant,
        R::NoOtherMethod,
        R::Excluded,
        R::NotSelected,
    ]
}

fn tenant() -> Vec<R> {
    vec![
        R::ParametersDiffer { field: "hash".into(), tenant: mark(), file: mark() },
        R::SeedDiffers,
        R::CodeRefused,
        R::AcceptedAfterRefusal,
        R::TenantRefused,
        R::PermissionMissing { permission: "MARK.Read.All".into() },
        R::NotVisible,
        R::ChangedSincePlan { found: mark() },
        R::Busy,
        R::SerialTwiceInTenant { devices: 7001 },
        R::BackendCannot { what: mark() },
        R::ThrottledOut,
        R::QuotaSuspected,
    ]
}

fn own() -> Vec<R> {
    vec![
        R::NetworkFailed,
        R::Doubtful,
        R::ClockDoubt,
        R::ClockUnsettled,
        R::RunStopped,
        R::SeedNotHeld,
        R::OwnFault { what: mark() },
    ]
}
