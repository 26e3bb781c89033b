//! From a reason to what is said about it.
//!
//! Owns: the one match over every reason, which the compiler keeps complete. Does not own: the sentences, which
//! stand beside their pages.

use oathctl_core::reason::Reason as R;

use super::page::Said;
use super::{file, file_notes, formats, own, parameters, person, row, sealed, seed, tenant, wrapping};

/// What is: one sentence, with the reason's parameters. Never has a seed.
pub fn message(reason: &R) -> String {
    said(reason).message
}

/// By which kind of command a row was asked for: they know different flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// A vendor's file.
    #[default]
    File,
    /// One of the everyday verbs.
    Everyday,
}

impl Way {
    /// As the options of a run have it.
    pub fn of_verb(verb: Option<&str>) -> Self {
        if verb.is_some() { Self::Everyday } else { Self::File }
    }
}

/// What to do, in flags that the command knows.
pub fn advice_for(reason: &R, way: Way) -> String {
    let advice = advice(reason);
    match way {
        Way::File => advice,
        Way::Everyday => [
            (
                "run the row again with `--only FAILED.csv` and `--recreate`",
                "make it anew with `oathctl tokens reseed SERIAL`",
            ),
            ("`--only FAILED.csv`", "`--file FAILED.csv`"),
            ("`--recreate`", "`oathctl tokens reseed SERIAL`"),
        ]
        .iter()
        .fold(advice, |advice, (file, everyday)| advice.replace(file, everyday)),
    }
}

/// What to do next: one or two sentences.
pub fn advice(reason: &R) -> String {
    said(reason).advice
}

fn said(reason: &R) -> Said {
    match reason {
        // the file as a whole
        R::FileUnreadable { detail } => file::unreadable(detail),
        R::EmptyFile { what } => file::empty(what),
        R::BinaryFile { looks_like } => formats::binary(looks_like),
        R::UnsupportedFormat { format } => formats::unsupported(format),
        R::HeadersUnknown { seen, needed } => file::headers_unknown(seen, needed),
        R::OnlyHeader => file::ONLY_HEADER.plain(),
        R::NoUsableRow => file::NO_USABLE_ROW.plain(),
        R::SeedEncodingUndecidable { rows } => file::encoding_undecidable(*rows),
        R::SeedEncodingUncertain { taken } => file_notes::encoding_uncertain(taken),
        R::HashUnstated { seed_bytes, rows } => file::hash_unstated(*seed_bytes, *rows),
        R::PeriodUnstated => file::PERIOD_UNSTATED.plain(),
        R::ColumnsUndecidable { field } => file::columns_undecidable(field),
        R::ColumnMissing { column } => file::column_missing(column),
        R::DecodedAsWindows1252 => file_notes::DECODED_AS_WINDOWS_1252.plain(),
        R::ColumnIgnored { heading } => file_notes::column_ignored(heading),
        R::LineIgnored { what } => file_notes::line_ignored(what),
        R::TotalDiffers { declared, found } => file_notes::total_differs(*declared, *found),
        R::MixedModels { models } => file_notes::mixed_models(*models),
        R::FileTooLarge { limit_bytes } => file::too_large(*limit_bytes),
        R::CountsDiffer { tokens, people } => file::counts_differ(*tokens, *people),
        R::SerialWidth { length, usual } => file_notes::serial_width(*length, *usual),
        // what the file is wrapped in
        R::PassphraseNeeded { what } => wrapping::passphrase_needed(what),
        R::PassphraseWrong { what } => wrapping::passphrase_wrong(what),
        R::KeyNeeded { what, recipients } => wrapping::key_needed(what, recipients),
        R::KeyWrong { what } => wrapping::key_wrong(what),
        R::KeyUnusable { name, why } => wrapping::key_unusable(name, why),
        R::WrappingDamaged { what } => wrapping::damaged(what),
        R::WrappingUnsupported { what } => wrapping::unsupported(what),
        R::UnwrapLimit { what, limit } => wrapping::limit(what, *limit),
        R::MemberIgnored { looks_like } => wrapping::member_ignored(looks_like),
        R::RecipientUnusable { name, why } => wrapping::recipient_unusable(name, why),
        R::GpgFailed { detail } => wrapping::gpg_failed(detail),
        R::SignatureUnverified { signer } => wrapping::signature(signer),
        R::DocumentDamaged { format, what } => wrapping::document(format, what),
        R::DoctypeForbidden => wrapping::DOCTYPE_FORBIDDEN.plain(),
        R::NoSeeds { format } => wrapping::no_seeds(format),
        R::SheetHidden => wrapping::SHEET_HIDDEN.plain(),
        R::RowsHidden { rows } => wrapping::rows_hidden(*rows),
        R::MacrosIgnored => wrapping::MACROS_IGNORED.plain(),
        R::BatchIncomplete { parts, of } => wrapping::batch(*parts, *of),
        // one row of it
        R::CellCount { expected, found } => row::cell_count(*expected, *found),
        R::QuoteUnclosed => row::QUOTE_UNCLOSED.plain(),
        R::ValuesDisagree { what, field } => row::values_disagree(what, field),
        R::SerialMissing => row::SERIAL_MISSING.plain(),
        R::SerialDamaged { shown } => row::serial_damaged(shown),
        R::SerialRewritten { shown } => row::serial_rewritten(shown),
        R::SerialAsShown { shown } => row::serial_as_shown(shown),
        R::SerialInexact { digits } => row::serial_inexact(*digits),
        R::LocationMalformed { why } => row::location_malformed(why),
        R::TokenUnknown => row::TOKEN_UNKNOWN.plain(),
        R::SerialNotInFile => row::SERIAL_NOT_IN_FILE.plain(),
        R::SerialMalformed { shown } => row::serial_malformed(shown),
        R::SerialConflict { lines } => row::serial_conflict(lines),
        R::DuplicateRow { first_line } => row::duplicate_row(*first_line),
        R::UpnMalformed { shown } => row::upn_malformed(shown),
        R::UpnMissing => row::UPN_MISSING.plain(),
        R::PersonTwice { first_line } => row::person_twice(*first_line),
        R::PersonConflict { line } => row::person_conflict(*line),
        R::UnsafeCell { field } => row::unsafe_cell(field),
        R::TargetCannot { target, field, shown } => row::target_cannot(target, field, shown),
        R::TooManyForPerson { tokens } => row::too_many_for_person(*tokens),
        // its seed and what goes with it
        R::SeedMissing => seed::SEED_MISSING.plain(),
        R::SeedBadCharacter { character, position, encoding } => {
            seed::bad_character(*character, *position, encoding)
        }
        R::SeedBadLength { characters, encoding } => seed::bad_length(*characters, encoding),
        R::SeedTooShort { bytes } => seed::too_short(*bytes),
        R::SeedTooLong { bytes } => seed::too_long(*bytes),
        R::SeedWeak { bytes } => seed::weak(*bytes),
        R::SeedForTests => seed::SEED_FOR_TESTS.plain(),
        R::SeedShared { other_line } => seed::shared(*other_line),
        R::SeedDoubleEncoded => seed::SEED_DOUBLE_ENCODED.plain(),
        R::SeedTrailingBits => seed::SEED_TRAILING_BITS.plain(),
        R::SeedPadding => seed::SEED_PADDING.plain(),
        R::MacWrong => sealed::MAC_WRONG.plain(),
        R::MacMissing => sealed::MAC_MISSING.plain(),
        R::MacSkipped => sealed::MAC_SKIPPED.plain(),
        R::MacOverPlaintext => sealed::MAC_OVER_PLAINTEXT.plain(),
        R::SeedNotInFile => sealed::SEED_NOT_IN_FILE.plain(),
        R::SeedLocked => sealed::SEED_LOCKED.plain(),
        R::MacUnsupported { name } => sealed::mac(name),
        R::KeyUndecidable => sealed::KEY_UNDECIDABLE.plain(),
        R::SeedSpellingDoubtful { looks_like, characters, format } => {
            sealed::doubtful(looks_like, *characters, format)
        }
        R::ValueMisplaced { field } => sealed::misplaced(field),
        R::CipherUnsupported { name } => sealed::cipher(name),
        R::PolicyForbids { what } => sealed::policy(what),
        R::PolicyUnknown { what } => sealed::policy_unknown(what),
        R::PolicySkipped { what } => sealed::policy_skipped(what),
        R::DateUnreadable { field, shown } => sealed::date(field, shown),
        R::KeyExpired { date } => sealed::expired(date),
        R::KeyNotYetValid { date } => sealed::not_yet_valid(date),
        R::ClockShifted { shown } => sealed::clock_shifted(shown),
        R::EpochUnsupported { shown } => sealed::epoch(shown),
        R::CodeFormUnsupported { shown } => sealed::code_form(shown),
        R::ValueMalformed { field, shown } => sealed::value(field, shown),
        R::ParameterDefaulted { field, value } => sealed::defaulted(field, value),
        R::PersonHinted { shown } => sealed::hinted(shown),
        R::SoftToken => sealed::SOFT_TOKEN.plain(),
        R::CellWithoutValue { cell, error } => sealed::without_value(cell, error),
        R::PeriodUnsupported { shown } => parameters::period_unsupported(shown),
        R::DigitsUnsupported { shown } => parameters::digits_unsupported(shown),
        R::HashUnsupported { shown } => parameters::hash_unsupported(shown),
        R::NotTotp { kind } => parameters::not_totp(kind),
        R::FieldMissing { field } => parameters::field_missing(field),
        // the person
        R::PersonUnknown => person::PERSON_UNKNOWN.plain(),
        R::PersonGuest => person::PERSON_GUEST.plain(),
        R::PersonDisabled => person::PERSON_DISABLED.plain(),
        R::AdminTarget => person::ADMIN_TARGET.plain(),
        R::NoRoom { held } => person::no_room(*held),
        R::PolicyExcluded => person::POLICY_EXCLUDED.plain(),
        R::HeldByOther { holder } => person::held_by_other(holder),
        R::HolderGone => person::HOLDER_GONE.plain(),
        R::LastMethod => person::LAST_METHOD.plain(),
        R::Marked { mark } => person::marked(mark),
        R::SessionsNotRevoked => person::SESSIONS_NOT_REVOKED.plain(),
        R::NotReplaced => person::NOT_REPLACED.plain(),
        R::NotInTenant => tenant::NOT_IN_TENANT.plain(),
        R::NoOtherMethod => person::NO_OTHER_METHOD.plain(),
        R::Excluded => person::EXCLUDED.plain(),
        R::NotSelected => person::NOT_SELECTED.plain(),
        // what the tenant holds or answered
        R::ParametersDiffer { field, tenant, file } => tenant::parameters_differ(field, tenant, file),
        R::SeedDiffers => tenant::SEED_DIFFERS.plain(),
        R::CodeRefused => tenant::CODE_REFUSED.plain(),
        R::AcceptedAfterRefusal => tenant::ACCEPTED_AFTER_REFUSAL.plain(),
        R::TenantRefused => tenant::TENANT_REFUSED.plain(),
        R::PermissionMissing { permission } => tenant::permission_missing(permission),
        R::NotVisible => tenant::NOT_VISIBLE.plain(),
        R::ChangedSincePlan { found } => tenant::changed_since_plan(found),
        R::Busy => tenant::BUSY.plain(),
        R::SerialTwiceInTenant { devices } => tenant::serial_twice(*devices),
        R::BackendCannot { what } => tenant::backend_cannot(what),
        R::ThrottledOut => tenant::THROTTLED_OUT.plain(),
        R::QuotaSuspected => tenant::QUOTA_SUSPECTED.plain(),
        // way, clock, own
        R::NetworkFailed => own::NETWORK_FAILED.plain(),
        R::Doubtful => own::DOUBTFUL.plain(),
        R::ClockDoubt => own::CLOCK_DOUBT.plain(),
        R::ClockUnsettled => own::CLOCK_UNSETTLED.plain(),
        R::RunStopped => own::RUN_STOPPED.plain(),
        R::SeedNotHeld => own::SEED_NOT_HELD.plain(),
        R::OwnFault { what } => own::own_fault(what),
    }
}
