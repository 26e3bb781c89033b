//! How records stand in the database: JSON, with the many small ones of a call as arrays.
//!
//! Owns: the text of `intents`, `observed`, and of words and documents. A call of twenty rows has to stay small:
//! `[row, device, user]` and `[row, result, device, at, status, held]`, `at` in milliseconds since 1970.

use serde::Serialize;
use serde::de::DeserializeOwned;

use oathctl_core::journal::{CallResult, Intent, RowState};
use oathctl_core::table::RowId;
use oathctl_core::time::{ServerTime, Utc};
use oathctl_core::token::{DeviceId, UserId};

use crate::error::StoreError;

type IntentLine = (RowId, Option<DeviceId>, Option<UserId>);
type StateLine = (RowId, CallResult, Option<DeviceId>, Option<i64>, Option<u16>, bool);

/// Any document as JSON. Our types have text keys and no fallible parts: failing is a fault of ours.
pub(crate) fn to_text<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|_| StoreError::OutOfOrder { what: "a record that JSON can not hold" })
}

/// A document read back; `what` names it when it is damaged. The parser's words stay here: they quote content.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::damaged(what))
}

/// The stable word of an enum without content.
pub(crate) fn to_word<T: Serialize>(value: T) -> Result<String, StoreError> {
    Ok(to_text(&value)?.trim_matches('"').to_owned())
}

/// The enum of a stable word.
pub(crate) fn from_word<T: DeserializeOwned>(word: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_value(word.into()).map_err(|_| StoreError::damaged(what))
}

pub(crate) fn intents_to_text(intents: &[Intent]) -> Result<String, StoreError> {
    let lines: Vec<_> = intents.iter().map(|i| (i.row, &i.device, &i.user)).collect();
    to_text(&lines)
}

pub(crate) fn intents_from_text(text: &str) -> Result<Vec<Intent>, StoreError> {
    let lines: Vec<IntentLine> = from_text(text, "the intents of a call")?;
    Ok(lines.into_iter().map(|(row, device, user)| Intent { row, device, user }).collect())
}

pub(crate) fn states_to_text(states: &[RowState]) -> Result<String, StoreError> {
    let at = |state: &RowState| state.at.map(|ServerTime(at)| at.unix_ms());
    let lines: Vec<_> =
        states.iter().map(|s| (s.row, s.result, &s.device, at(s), s.status, s.held)).collect();
    to_text(&lines)
}

pub(crate) fn states_from_text(text: &str) -> Result<Vec<RowState>, StoreError> {
    let lines: Vec<StateLine> = from_text(text, "what came back of a call")?;
    let state = |(row, result, device, at, status, held): StateLine| RowState {
        row,
        result,
        device,
        at: at.map(|ms| ServerTime(Utc::from_unix_ms(ms))),
        status,
        held,
    };
    Ok(lines.into_iter().map(state).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use oathctl_core::journal::StepKind;

    #[test]
    fn calls_stand_as_arrays() {
        let intents = [
            Intent { row: RowId(0), device: None, user: Some(UserId::new("u")) },
            Intent { row: RowId(7), device: Some(DeviceId::new("d")), user: None },
        ];
        let text = intents_to_text(&intents).unwrap();
        assert_eq!(text, r#"[[0,null,"u"],[7,"d",null]]"#);
        assert_eq!(intents_from_text(&text).unwrap(), intents);
    }

    #[test]
    fn replies_stand_as_arrays() {
        let at = Some(ServerTime(Utc::from_unix_ms(1_790_000_000_250)));
        let states = [
            RowState {
                row: RowId(1),
                result: CallResult::Done,
                device: Some(DeviceId::new("d")),
                at,
                status: Some(204),
                held: true,
            },
            RowState {
                row: RowId(2),
                result: CallResult::NotSent,
                device: None,
                at: None,
                status: None,
                held: false,
            },
        ];
        let text = states_to_text(&states).unwrap();
        assert_eq!(text, r#"[[1,"done","d",1790000000250,204,true],[2,"not_sent",null,null,null,false]]"#);
        assert_eq!(states_from_text(&text).unwrap(), states);
    }

    #[test]
    fn words_both_ways_and_damage_without_content() {
        assert_eq!(to_word(StepKind::Unassign).unwrap(), "unassign");
        assert_eq!(from_word::<StepKind>("unassign", "a step").unwrap(), StepKind::Unassign);
        assert_eq!(from_word::<StepKind>("explode", "a step").unwrap_err(), StoreError::damaged("a step"));
        let error = intents_from_text(r#"[["canary"]]"#).unwrap_err();
        assert!(!format!("{error}").contains("canary"));
    }
}
