//! Bombs end fast and small, and as what they are.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use oathctl_core::reason::Reason;
use oathctl_core::table::Table;

use crate::support::{MS, SEEDS, fault, tokens};
use crate::wrapping_ring::{none, opened, refusals, stored, zipped};

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn limit(table: &Table) -> (String, u64) {
    let Reason::UnwrapLimit { what, limit } = &fault(table, "unwrap_limit").reason else { panic!() };
    (what.clone(), *limit)
}

fn csv() -> Vec<u8> {
    format!("{MS},1200000000011,{},30,,\n", SEEDS[0]).into_bytes()
}

#[test]
fn zeros_by_the_ratio() {
    let zeros = vec![0; 4 << 20];
    assert_eq!(limit(&opened("x.gz", gzipped(&zeros), &mut none())), ("ratio".into(), 200));
    assert_eq!(limit(&opened("x.zip", zipped(&[("x.csv", &zeros)]), &mut none())), ("ratio".into(), 200));
    let nested = zipped(&[("inner.zip", &zipped(&[("x.csv", &zeros)]))]);
    let table = opened("x.zip", nested, &mut none());
    assert_eq!(limit(&table), ("ratio".into(), 200));
    assert_eq!(fault(&table, "unwrap_limit").place.member.as_deref(), Some("inner.zip"));
}

#[test]
fn zeros_inside_a_pgp_message() {
    // Compressed data (RFC 9580 §5.6) to the end of the input: a literal packet of zeros.
    let zeros = vec![0; 4 << 20];
    let length = u32::try_from(zeros.len() + 6).unwrap().to_be_bytes();
    let literal = [&[0xcb, 0xff][..], &length, b"b\0\0\0\0\0", &zeros].concat();
    let mut encoder = flate2::write::DeflateEncoder::new(vec![0xa3, 1], Compression::best());
    encoder.write_all(&literal).unwrap();
    let table = opened("x.gpg", encoder.finish().unwrap(), &mut none());
    assert_eq!(limit(&table), ("ratio".into(), 200));
}

#[test]
fn all_members_of_a_layer_together() {
    let part = vec![1; 22 << 20];
    let bytes = stored(&[("a.bin", &part), ("b.bin", &part), ("c.bin", &part)]);
    assert_eq!(limit(&opened("x.zip", bytes, &mut none())), ("bytes".into(), 64 << 20));
}

#[test]
fn archives_side_by_side_share_the_limit_of_their_layer() {
    let part = vec![1; 22 << 20];
    // The outer archive itself stays below the limit: its members are compressed, but not well enough for the ratio.
    let inner = gzipped(&part);
    let padding = vec![2; part.len() / 150];
    let inner = stored(&[("a.gz", &inner), ("padding", &padding)]);
    let outer = stored(&[("a.zip", &inner), ("b.zip", &inner), ("c.zip", &inner)]);
    let deepest = opened("x.zip", outer, &mut none());
    assert!(refusals(&deepest).contains(&"unwrap_limit"), "{:?}", deepest.faults());
    let told = fault(&deepest, "unwrap_limit");
    assert!(told.place.member.is_some());
}

#[test]
fn four_layers_open_and_the_fifth_does_not() {
    let mut bytes = csv();
    for _ in 0..4 {
        bytes = gzipped(&bytes);
    }
    assert_eq!(tokens(&opened("x", bytes.clone(), &mut none())).len(), 1);
    assert_eq!(limit(&opened("x", gzipped(&bytes), &mut none())), ("depth".into(), 4));
}

#[test]
fn a_thousand_members_and_one() {
    let csv = csv();
    let names: Vec<String> = (0..1001).map(|number| format!("{number}.csv")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), csv.as_slice())).collect();
    assert_eq!(tokens(&opened("x.zip", zipped(&members[..1000]), &mut none())).len(), 1000);
    assert_eq!(limit(&opened("x.zip", zipped(&members), &mut none())), ("members".into(), 1000));
}

#[test]
fn a_size_that_lies_makes_no_room() {
    let mut bytes = zipped(&[("a.csv", &csv())]);
    // The uncompressed size in the list of members (APPNOTE 4.3.12, offset 24).
    let at = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap() + 24;
    for size in [0u32, 1, u32::MAX - 1] {
        bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
        let table = opened("x.zip", bytes.clone(), &mut none());
        assert!(
            tokens(&table).len() == 1 || refusals(&table) == ["wrapping_damaged"],
            "{:?}",
            table.faults()
        );
    }
}
