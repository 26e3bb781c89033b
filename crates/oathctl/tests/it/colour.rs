//! Colour: on terminals, never against NO_COLOR, always when told.

use tempfile::TempDir;

use crate::host::Setting;
use crate::tenant::{csv, run_in};

fn coloured(line: &str, change: impl FnOnce(&mut Setting)) -> bool {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tokens.csv"), csv(&["anna@practice.example".into()])).unwrap();
    let mut setting = Setting::default();
    change(&mut setting);
    run_in(folder.path(), line, setting, |_| {}).out.contains('\u{1b}')
}

#[test]
fn colour_is_for_terminals() {
    let terminal = |setting: &mut Setting| setting.terminal = true;
    let no_colour = |setting: &mut Setting| {
        setting.terminal = true;
        setting.env.insert("NO_COLOR".into(), "1".into());
    };
    assert!(!coloured("oathctl check tokens.csv", |_| {}));
    assert!(coloured("oathctl check tokens.csv", terminal));
    assert!(!coloured("oathctl check tokens.csv", no_colour));
    assert!(coloured("oathctl check tokens.csv --color always", |_| {}));
    assert!(!coloured("oathctl check tokens.csv --color never", terminal));
}
