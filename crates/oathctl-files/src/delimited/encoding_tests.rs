use super::*;

const BASE32_ONLY: &str = "ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z";
const HEX_ONLY: &str = "ccb624b7cbd69c64624c30c6ad9775a28a8f33d9";
const BOTH_40: &str = "a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5e6f7a2b3";
const BOTH_32: &str = "a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5";
const BASE64_ONLY: &str = "zLYkt8vWnGRiTDDGrZd1ooqPM9k=";

fn of(cells: &[&str], declared: Option<SeedEncoding>) -> Option<(SeedEncoding, &'static str, bool)> {
    let mut tally = Tally::default();
    cells.iter().for_each(|cell| tally.add(cell));
    decide(&tally, None, None, declared).map(|e| (e.chosen, e.why, e.certain))
}

const MS: Option<SeedEncoding> = Some(SeedEncoding::Base32);

#[test]
fn one_cell_decides_for_its_column() {
    assert_eq!(of(&[BOTH_40, HEX_ONLY], None), Some((SeedEncoding::Hex, "only_one_fits", true)));
    assert_eq!(of(&[BOTH_40, BASE32_ONLY], None), Some((SeedEncoding::Base32, "only_one_fits", true)));
    assert_eq!(of(&[BASE64_ONLY], None), Some((SeedEncoding::Base64, "only_one_fits", true)));
}

#[test]
fn cells_that_fit_both_ways_are_only_likely() {
    assert_eq!(of(&[BOTH_40], None), Some((SeedEncoding::Hex, "likelihood", false)));
    assert_eq!(of(&[&BOTH_40[..26]], None), Some((SeedEncoding::Base32, "likelihood", false)));
    assert_eq!(of(&[BOTH_32; 3], None), Some((SeedEncoding::Hex, "likelihood", false)));
    assert_eq!(of(&[BOTH_32; 2], None), None, "two rows are too few: ask");
}

#[test]
fn a_declared_encoding_gives_way_to_nothing_but_impossibility() {
    assert_eq!(of(&[BASE32_ONLY], MS), Some((SeedEncoding::Base32, "definition", true)));
    assert_eq!(of(&[BOTH_32], MS), Some((SeedEncoding::Base32, "definition", false)));
    assert_eq!(of(&[HEX_ONLY, BOTH_40], MS), Some((SeedEncoding::Hex, "only_one_fits", true)));
    assert_eq!(of(&[HEX_ONLY, HEX_ONLY, BASE32_ONLY], MS), Some((SeedEncoding::Base32, "definition", true)));
    assert_eq!(
        of(&["ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M68"], MS),
        Some((SeedEncoding::Base32, "definition", true))
    );
    assert_eq!(of(&[BASE64_ONLY], MS), Some((SeedEncoding::Base32, "definition", true)));
}

#[test]
fn two_encodings_in_one_column_are_not_split_by_row() {
    assert_eq!(of(&[HEX_ONLY, BASE32_ONLY], None), None);
    let mut many = vec![BASE32_ONLY; 10];
    many.push(HEX_ONLY);
    assert_eq!(of(&many, None), Some((SeedEncoding::Base32, "only_one_fits", true)));
    many.push(BOTH_40);
    assert_eq!(of(&many, None), Some((SeedEncoding::Base32, "only_one_fits", false)));
}

#[test]
fn headers_and_totals_are_no_evidence() {
    assert_eq!(of(&["secret key", "Total", "3", BOTH_40, HEX_ONLY], None).unwrap().0, SeedEncoding::Hex);
}

#[test]
fn a_column_nobody_can_read_gets_the_nearer_alphabet() {
    assert_eq!(of(&["ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M68"], None).unwrap().0, SeedEncoding::Base32);
    assert_eq!(of(&["ccb624b7cbd69c64624c30c6ad9775a28a8f33d"], None).unwrap().0, SeedEncoding::Hex);
}

#[test]
fn what_is_stated_stands_above_all() {
    let mut tally = Tally::default();
    tally.add(HEX_ONLY);
    let stated = decide(&tally, Some(SeedEncoding::Base32), Some(SeedEncoding::Hex), MS).unwrap();
    assert_eq!((stated.chosen, stated.why), (SeedEncoding::Base32, "stated_by_flag"));
    let stated = decide(&tally, None, Some(SeedEncoding::Base32), None).unwrap();
    assert_eq!((stated.chosen, stated.why), (SeedEncoding::Base32, "stated_by_header"));
}
