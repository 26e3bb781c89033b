//! Dates of RFC 6030 (`xs:dateTime`) and of drafts (`01/01/2008`).
//!
//! Owns: telling whether one has passed. Does not own: what that means.

use oathctl_core::time::Utc;

/// The moment a text names; `None` for what is no date. A date of the first drafts, whose order of day and month
/// nobody knows, is taken as the end of its year.
pub(super) fn parse(text: &str) -> Option<Utc> {
    let day = text.get(..10)?;
    let full = |rest: &str| Utc::parse_rfc3339(&format!("{day}{rest}"));
    match &text[10..] {
        "" if day.contains('/') => {
            let year = day.rsplit('/').next().filter(|year| year.len() == 4)?;
            Utc::parse_rfc3339(&format!("{year}-12-31T23:59:59Z"))
        }
        "" | "Z" => full("T00:00:00Z"),
        zone if zone.starts_with(['+', '-']) => full(&format!("T00:00:00{zone}")),
        rest => full(rest).or_else(|| full(&format!("{rest}Z"))),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dates_with_and_without_a_zone() {
        let moment = |text| parse(text).map(|at| at.to_string());
        assert_eq!(moment("2006-05-01T00:00:00Z").as_deref(), Some("2006-05-01T00:00:00Z"));
        assert_eq!(moment("2006-05-01T00:00:00+02:00").as_deref(), Some("2006-04-30T22:00:00Z"));
        assert_eq!(moment("2006-05-01T00:00:00").as_deref(), Some("2006-05-01T00:00:00Z"));
        assert_eq!(moment("2006-05-01+02:00").as_deref(), Some("2006-04-30T22:00:00Z"));
        assert_eq!(
            moment("2006-05-01T00:00:00.250Z").map(|at| at[..19].to_owned()),
            Some("2006-05-01T00:00:00".into())
        );
        assert_eq!(moment("2006-05-01").as_deref(), Some("2006-05-01T00:00:00Z"));
        assert_eq!(moment("01/01/2008").as_deref(), Some("2008-12-31T23:59:59Z"));
        for text in ["", "soon", "2006-13-01", "2006-05-0é", "1/1/08"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
