//! Who watches a run: everything is a sink of the one event type.
//!
//! Owns: [`Watch`], which numbers events and hands them to one sink: a bar, plain lines, or ndjson. Does not own: the
//! journal (awaited, no sink) nor the report.

mod bar;
mod lines;
mod tally;

use std::sync::{Arc, Mutex, PoisonError};

use oathctl_core::event::{EventSink, RunEvent, What};
use oathctl_core::time::Clock;

use crate::cli::Output;
use crate::desk::Desk;
use crate::ui::Ui;

use tally::Tally;

/// Shows what one tally has come to.
trait Show: Send {
    /// After an event was taken in.
    fn event(&mut self, what: &What, tally: &Tally, now_ms: u64);
}

/// The watch over one run.
pub struct Watch {
    clock: Arc<dyn Clock>,
    ui: Ui,
    ndjson: bool,
    state: Mutex<State>,
}

struct State {
    seq: u64,
    tally: Tally,
    show: Option<Box<dyn Show>>,
}

impl Watch {
    /// As the desk's output and terminal ask.
    pub fn new(desk: &Desk) -> Arc<Self> {
        let now = desk.clock.mono().0;
        let ndjson = desk.output() == Output::Ndjson;
        let show: Option<Box<dyn Show>> = if desk.ui.manner().quiet {
            None
        } else if desk.moving_bar {
            Some(Box::new(bar::Bar::new(desk.ui.clone())))
        } else {
            Some(Box::new(lines::Lines::new(desk.ui.clone(), now)))
        };
        let state = State { seq: 0, tally: Tally::starting_at(now), show };
        Arc::new(Self {
            clock: Arc::clone(&desk.clock),
            ui: desk.ui.clone(),
            ndjson,
            state: Mutex::new(state),
        })
    }

    /// Tells an event of the walk around the engine.
    pub fn tell(&self, what: What) {
        self.pass(RunEvent { seq: 0, at: self.clock.utc(), what });
    }

    /// Numbers go on over the engine's own, which begin anew.
    fn pass(&self, mut event: RunEvent) {
        let now = self.clock.mono().0;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.seq += 1;
        event.seq = state.seq;
        if self.ndjson
            && let Ok(line) = serde_json::to_string(&event)
        {
            self.ui.data(&format!("{line}\n"));
        }
        let State { tally, show, .. } = &mut *state;
        tally.take(&event.what, now);
        if let Some(show) = show {
            show.event(&event.what, tally, now);
        }
    }
}

impl EventSink for Watch {
    fn emit(&self, event: &RunEvent) {
        self.pass(event.clone());
    }
}
