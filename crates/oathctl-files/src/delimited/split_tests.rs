use super::*;

type Records = Vec<(u64, Kind, Vec<String>)>;

fn all(text: &str, separator: u8) -> Records {
    let mut splitter = Splitter::new(text, 1, Separator::Char(separator));
    let (mut cells, mut records) = (Vec::new(), Vec::new());
    while let Some((line, kind)) = splitter.next(&mut cells) {
        records.push((line, kind, cells.iter().map(|c| c.raw.to_owned()).collect()));
    }
    records
}

fn row(line: u64, cells: &[&str]) -> (u64, Kind, Vec<String>) {
    (line, Kind::Row, cells.iter().map(|c| (*c).to_owned()).collect())
}

#[test]
fn every_line_end_counts_once() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("a,b{end}{end}c,d{end}e,\"f{end}g\"{end}h,i");
        let records = all(&text, b',');
        assert_eq!(records[0], row(1, &["a", "b"]));
        assert_eq!(records[1], (2, Kind::Blank, vec![]));
        assert_eq!(records[2], row(3, &["c", "d"]));
        assert_eq!(records[3].0, 4);
        assert_eq!(records[3].2[1], format!("f{end}g"));
        assert_eq!(records[4], row(6, &["h", "i"]), "{end:?}");
    }
}

#[test]
fn quotes_with_blanks_around_them() {
    assert_eq!(all("a, \"b,c\" ,d", b','), [row(1, &["a", "b,c", "d"])]);
    assert_eq!(all("\"a\"\"b\",c", b','), [row(1, &["a\"\"b", "c"])]);
    assert_eq!(all("\"\",\"\"", b','), [row(1, &["", ""])]);
    assert_eq!(all("5\" tall,x", b','), [row(1, &["5\" tall", "x"])], "a quote inside is a character");
    assert_eq!(all("=\"0012\",x", b','), [row(1, &["=\"0012\"", "x"])]);
}

#[test]
fn an_unclosed_quote_costs_its_line_and_no_other() {
    let records = all("a,b\n\"c,d\ne,f\n\"g\",h\n", b',');
    assert_eq!(
        records,
        [row(1, &["a", "b"]), (2, Kind::Unclosed, vec![]), row(3, &["e", "f"]), row(4, &["g", "h"])]
    );
    let records = all("\"a,b\nc,d", b',');
    assert_eq!(records, [(1, Kind::Unclosed, vec![]), row(2, &["c", "d"])]);
    let far = format!("\"a,b\n{}\n\"x\",y", "c,d\n".repeat(2000));
    assert_eq!(all(&far, b',')[1], row(2, &["c", "d"]));
}

#[test]
fn comments_and_damaged_cells_are_told_apart() {
    let kinds: Vec<Kind> = all("# a\n// b\n; c\n####,x\n#N/A,x\n  # d", b',').iter().map(|r| r.1).collect();
    assert_eq!(kinds, [Kind::Comment, Kind::Comment, Kind::Comment, Kind::Row, Kind::Row, Kind::Comment]);
    assert_eq!(all(";a;b", b';'), [row(1, &["", "a", "b"])]);
}

#[test]
fn runs_of_blanks_separate() {
    let mut splitter = Splitter::new("a  b\tc\n\"d e\" f \n", 1, Separator::Blanks);
    let mut cells = Vec::new();
    splitter.next(&mut cells);
    assert_eq!(cells.iter().map(|c| c.raw).collect::<Vec<_>>(), ["a", "b", "c"]);
    splitter.next(&mut cells);
    assert_eq!(cells.iter().map(|c| c.raw).collect::<Vec<_>>(), ["d e", "f"]);
}

#[test]
fn empty_cells_at_the_ends_are_cells() {
    assert_eq!(all("\ta\t", b'\t'), [row(1, &["", "a", ""])]);
    assert_eq!(all(",,", b','), [row(1, &["", "", ""])]);
}

#[test]
fn separators_by_word() {
    assert_eq!(Separator::parse("\\t"), Some(Separator::Char(b'\t')));
    assert_eq!(Separator::parse(";"), Some(Separator::Char(b';')));
    assert_eq!(Separator::parse("blanks"), Some(Separator::Blanks));
    assert_eq!(Separator::parse("x"), None);
    assert_eq!(Separator::parse("\""), None);
}
