//! Plain lines every few seconds, for where no bar can move.
//!
//! Owns: when a line is said and what stands in it.

use oathctl_core::event::What;

use super::Show;
use super::tally::Tally;
use crate::tell;
use crate::ui::Ui;

/// At most one line of progress in this time.
const EVERY_MS: u64 = 5_000;

pub(super) struct Lines {
    ui: Ui,
    last_ms: u64,
}

impl Lines {
    pub(super) fn new(ui: Ui, now_ms: u64) -> Self {
        Self { ui, last_ms: now_ms }
    }
}

impl Show for Lines {
    fn event(&mut self, what: &What, tally: &Tally, now_ms: u64) {
        let due = now_ms.saturating_sub(self.last_ms) >= EVERY_MS;
        match what {
            // While the tenant is read nothing else is said: a shorter wait is told, too.
            What::Waiting { what, wait_ms, rows } if due || *rows == 0 || *wait_ms >= EVERY_MS => {
                self.ui.say(&waiting(what, *wait_ms, *rows));
            }
            What::CallSent { call, step, items } => {
                return self.ui.detail(&format!(
                    "call {}: {items} × {}",
                    call.0,
                    format!("{step:?}").to_lowercase()
                ));
            }
            What::RowChanged { .. } if due => self.ui.say(&progress(tally, now_ms)),
            _ => return,
        }
        self.last_ms = now_ms;
    }
}

fn progress(tally: &Tally, now_ms: u64) -> String {
    let left = tally.left_s(now_ms).map_or_else(String::new, |left| format!(", about {left} s left"));
    format!("{}{left}", tally.line(now_ms))
}

/// What is waited for, in words.
pub(super) fn waiting(what: &str, wait_ms: u64, rows: u64) -> String {
    let why = match what {
        "visibility" => "until the tenant shows what was written",
        "quota" => "until the tenant's quota of activations allows more",
        "clock" => "until our clock and the tenant's agree",
        "throttle" => "because the tenant asks for patience",
        _ => "before trying again",
    };
    let rows = if rows > 0 { format!(" ({})", tell::rows(rows)) } else { String::new() };
    format!("waiting {} s {why}{rows}", wait_ms.div_ceil(1000))
}
