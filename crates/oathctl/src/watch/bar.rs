//! A bar with rate and time left, on a terminal.
//!
//! Owns: the bar. Does not own: counting.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use oathctl_core::event::What;

use super::Show;
use super::lines::waiting;
use super::tally::Tally;
use crate::ui::Ui;

pub(super) struct Bar {
    ui: Ui,
    bar: ProgressBar,
}

impl Bar {
    pub(super) fn new(ui: Ui) -> Self {
        // Hidden until there is something to count.
        Self { ui, bar: ProgressBar::hidden() }
    }

    fn begin(&mut self, tally: &Tally) {
        let template = "{prefix}{bar:24} {percent:>3} %  {eta} left  {wide_msg}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar = ProgressBar::with_draw_target(Some(tally.parts), ProgressDrawTarget::stderr());
        self.bar.set_style(style);
        self.bar.set_prefix(self.ui.mark());
        self.bar.enable_steady_tick(Duration::from_millis(250));
    }
}

impl Show for Bar {
    fn event(&mut self, what: &What, tally: &Tally, now_ms: u64) {
        match what {
            What::RunOpened { .. } if tally.rows > 0 => self.begin(tally),
            What::RowChanged { .. } => {
                self.bar.set_position(tally.parts_done.min(tally.parts));
                self.bar.set_message(tally.line(now_ms));
            }
            What::Waiting { what, wait_ms, rows } => self.bar.set_message(waiting(what, *wait_ms, *rows)),
            What::Stopped { .. } => self.bar.set_message("stopping"),
            What::RunClosed { .. } => self.bar.finish_and_clear(),
            _ => {}
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
