//! A run from the first process to the last: started, killed, resumed, until it ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{Either, select};
use oathctl_core::engine::resume::adopt;
use oathctl_core::engine::{Finished, Job, Ports, apply};
use oathctl_core::event::{EventSink, RunEvent};
use oathctl_core::journal::{Actor, MemoryJournal, RunHead, RunRecord};
use oathctl_core::offset::ServerClock;
use oathctl_core::pace::{Permits, Settings};
use oathctl_core::plan::{Limits, PlanInput, PlanOptions, PlanSource, Wishes, make};
use oathctl_core::snapshot::{take, take_everyday};
use oathctl_core::stop::Stop;
use oathctl_core::table::Table;
use oathctl_core::tenant::{TenantRead, TenantWrite};
use oathctl_core::time::Clock;
use oathctl_core::token::RunId;

use super::clock::{Counting, VirtualClock};
use super::death::{Death, Doom};

/// What a process has besides its way to the tenant.
#[derive(Clone)]
pub struct Body {
    pub clock: Arc<VirtualClock>,
    pub server_clock: Arc<ServerClock>,
    pub permits: Permits,
    pub stop: Stop,
    pub death: Arc<Death>,
}

impl Body {
    pub fn new(clock: Arc<VirtualClock>, doom: Option<Doom>) -> Self {
        let stop = Stop::new();
        let permits = Permits::new(clock.clone(), stop.clone(), &Settings::default());
        let (server_clock, death) = (Arc::new(ServerClock::new()), Arc::new(Death::of(doom)));
        Self { clock, server_clock, permits, stop, death }
    }
}

/// How a whole run went.
pub struct Life {
    pub finished: Finished,
    /// Every event of every process, a line each.
    pub tape: String,
    /// Calls of all processes, as their way to the tenant counts them.
    pub calls: u64,
    pub processes: usize,
}

#[derive(Default)]
struct Tape(Mutex<String>);

impl EventSink for Tape {
    fn emit(&self, event: &RunEvent) {
        let mut tape = self.0.lock().unwrap();
        tape.push_str(&serde_json::to_string(event).unwrap());
        tape.push('\n');
    }
}

/// Runs to the end, however often it is killed. `connect` gives each process its way to the tenant.
pub async fn run<B: TenantRead + TenantWrite>(
    table: &Table,
    clock: Arc<VirtualClock>,
    dooms: &[Doom],
    connect: impl Fn(&Body) -> B,
) -> Life {
    run_on(&MemoryJournal::new(), PlanOptions::default(), table, clock, dooms, connect).await
}

/// The everyday verbs.
pub async fn run_asked<B: TenantRead + TenantWrite>(
    wishes: Wishes,
    table: &Table,
    clock: Arc<VirtualClock>,
    dooms: &[Doom],
    connect: impl Fn(&Body) -> B,
) -> Life {
    let asked = Asked { options: PlanOptions::default(), wishes };
    run_all(&MemoryJournal::new(), &asked, table, clock, dooms, connect).await
}

/// What is asked of a table.
struct Asked {
    options: PlanOptions,
    wishes: Wishes,
}

/// The same with options, on a journal that may be there already: goes on with what is unfinished in it.
pub async fn run_on<B: TenantRead + TenantWrite>(
    journal: &MemoryJournal,
    options: PlanOptions,
    table: &Table,
    clock: Arc<VirtualClock>,
    dooms: &[Doom],
    connect: impl Fn(&Body) -> B,
) -> Life {
    let asked = Asked { options, wishes: Wishes::default() };
    run_all(journal, &asked, table, clock, dooms, connect).await
}

async fn run_all<B: TenantRead + TenantWrite>(
    journal: &MemoryJournal,
    asked: &Asked,
    table: &Table,
    clock: Arc<VirtualClock>,
    dooms: &[Doom],
    connect: impl Fn(&Body) -> B,
) -> Life {
    let (tape, entropy) = (Tape::default(), Counting::default());
    let mut calls = 0;
    for number in 0..50 {
        let body = Body::new(clock.clone(), dooms.get(number).copied());
        let backend = connect(&body);
        let life = live(&body, &backend, table, asked, journal, &tape, RunId::make(clock.utc(), &entropy));
        let death = body.death.comes();
        futures_util::pin_mut!(life, death);
        let finished = match select(life, death).await {
            Either::Left((finished, _)) => Some(finished),
            Either::Right(_) => None,
        };
        calls += body.death.calls();
        if let Some(finished) = finished {
            let tape = tape.0.lock().unwrap().clone();
            return Life { finished, tape, calls, processes: number + 1 };
        }
        tokio::time::sleep(Duration::from_secs(7)).await;
    }
    unreachable!("it died again and again")
}

/// One process: what `activate` or `resume` does after the confirmation.
async fn live<B: TenantRead + TenantWrite>(
    body: &Body,
    backend: &B,
    table: &Table,
    asked: &Asked,
    journal: &MemoryJournal,
    tape: &Tape,
    run: RunId,
) -> Finished {
    let chain = chain(journal);
    let identity = backend.identity().await.unwrap();
    let Asked { options, wishes } = asked;
    let snapshot = if wishes.is_ordinary() {
        take(backend, identity, table, options).await.unwrap()
    } else {
        take_everyday(backend, identity, table, options).await.unwrap()
    };
    let input = PlanInput { sha256: "ring".into(), rows: table.len() as u64, ..PlanInput::default() };
    let fresh = make(
        PlanSource { wishes: wishes.clone(), ..PlanSource::of_file(table, input) },
        &snapshot,
        options,
        Limits::default(),
        body.clock.utc(),
    );
    let (plan, carried) = adopt(&chain, fresh);
    let etags = snapshot.etags(&plan);
    let head = RunHead {
        run,
        resumes: chain.last().map(|record| record.head.run.clone()),
        tenant: plan.tenant.clone(),
        started_at: body.clock.utc(),
        actor: Actor::default(),
        options: serde_json::Value::Null,
        plan,
    };
    let job = Job { head: &head, table, seeds: table, carried, etags, refused_before: Default::default() };
    let ports = Ports {
        read: backend,
        write: backend,
        journal,
        clock: &*body.clock,
        server_clock: &body.server_clock,
        permits: &body.permits,
        events: tape,
        stop: &body.stop,
    };
    apply(&job, ports).await
}

/// The run to go on with and those it went on with, oldest first.
fn chain(journal: &MemoryJournal) -> Vec<RunRecord> {
    let mut chain: Vec<RunRecord> = Vec::new();
    let mut next = journal.latest().filter(|record| !record.end.as_ref().is_some_and(|end| end.complete));
    while let Some(record) = next {
        next = record.head.resumes.as_ref().and_then(|run| journal.record(run));
        chain.insert(0, record);
    }
    chain
}
