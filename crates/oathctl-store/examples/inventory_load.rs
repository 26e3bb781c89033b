//! What the inventory costs: `cargo run --release -p oathctl-store --example inventory_load [TOKENS]`, in a new file, or
//! with `OATHCTL_STORE=postgres://…` in the (empty) store it names.
//!
//! Fills it by a look at a tenant, then starts itself again for every list, so that a list's time is that of a whole
//! process: opening the store, asking, reading the rows.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures and prints")]

use std::process::Command;
use std::time::Instant;

use oathctl_core::report::Proof;
use oathctl_core::tenant::{Device, DeviceStatus, Holder};
use oathctl_core::time::Utc;
use oathctl_core::token::{DeviceId, Hash, TenantId, UserId};
use oathctl_store::{Filter, Mark, Marking, Sort, Store, StoreLocation, TokenFacts, TokenStatus};

type Failed = Box<dyn std::error::Error>;

const LISTS: [&str; 9] =
    ["tenant", "active", "holder", "model", "batch", "place", "unused", "prefix and proof", "by last use"];

fn tenant() -> TenantId {
    TenantId::new("11111111-2222-4333-8444-555555555555")
}

fn guid(kind: u32, n: u32) -> String {
    format!("{n:08x}-{kind:04x}-4000-8000-{:012x}", u64::from(n) * 7919)
}

/// One in a hundred is something special.
fn device(n: u32) -> Device {
    let is_held = n % 10 < 6;
    let holder = is_held.then(|| Holder { id: UserId::new(guid(0xe, n)), name: Some(format!("Person {n}")) });
    Device {
        id: DeviceId::new(guid(0xd, n)),
        serial: format!("23087{n:08}"),
        manufacturer: "Examplar".into(),
        model: if n.is_multiple_of(100) { "XT-2" } else { "XT-1" }.into(),
        hash: Some(Hash::Sha1),
        period_secs: Some(30),
        status: if is_held { DeviceStatus::Activated } else { DeviceStatus::Available },
        holder,
        last_used: (n % 100 != 1).then(|| Utc::from_unix_secs(1_780_000_000 + i64::from(n))),
        name: None,
        seen_at: None,
        etag: None,
    }
}

fn facts(n: u32) -> TokenFacts {
    let Device { serial, manufacturer, model, hash, period_secs, .. } = device(n);
    let (batch, location) = (format!("box-{}", n / 500), format!("Store {}", n / 1000));
    TokenFacts { serial, maker: manufacturer, model, hash, digits: Some(6), period_secs, batch, location }
}

fn filter(which: &str) -> Filter {
    let active = vec![TokenStatus::In(DeviceStatus::Activated)];
    let of = Filter { tenant: Some(tenant()), limit: Some(1000), ..Filter::default() };
    match which {
        "active" => Filter { statuses: active, ..of },
        "holder" => Filter { holder: Some(guid(0xe, 4)), ..of },
        "model" => Filter { model: Some("xt-2".into()), ..of },
        "batch" => Filter { batch: Some("box-7".into()), ..of },
        "place" => Filter { location: Some("store 7".into()), mark: Some(Marking::Without), ..of },
        "unused" => Filter { never_used: true, statuses: active, ..of },
        "prefix and proof" => {
            Filter { serial_prefix: Some("2308700001".into()), proofs: vec![Proof::SignIn], ..of }
        }
        "by last use" => Filter { sort: Sort::LastUsed, batch: Some("box-9".into()), ..of },
        _ => of,
    }
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().replace('\t', " ")
}

async fn list(location: &StoreLocation, which: &str) -> Result<(), Failed> {
    let store = Store::open(location).await?;
    let found = store.inventory().list(&filter(which)).await?;
    println!("{} rows, {}", found.len(), peak());
    Ok(())
}

async fn fill(location: &StoreLocation, tokens: u32) -> Result<(), Failed> {
    let store = Store::open(location).await?;
    let at = Utc::from_unix_secs(1_790_000_000);
    let timed = |what: &str, begun: Instant| println!("{what:<44} {:>8.2} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    store.inventory().keep(&(0..tokens).map(facts).collect::<Vec<_>>(), "op", at).await?;
    timed(&format!("{tokens} tokens become known"), begun);
    let devices: Vec<Device> = (0..tokens).map(device).collect();
    for what in ["a tenant shows them", "a tenant shows them again"] {
        let begun = Instant::now();
        let told = store.inventory().refresh(&tenant(), &devices, true, at).await?.len();
        timed(&format!("{what}: {told} changes"), begun);
    }
    for n in (0..tokens).step_by(997) {
        store.inventory().mark(device(n).serial.as_str(), Mark::Lost, "", "op", at).await?;
    }
    let begun = Instant::now();
    let lines = store.inventory().stock(Some(&tenant())).await?.len();
    timed(&format!("stock: {lines} lines"), begun);
    let begun = Instant::now();
    store.inventory().next_in_stock(&tenant(), None).await?;
    timed("the next token", begun);
    println!("{}", peak());
    store.close().await;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = format!("sqlite:{}", folder.path().join("oathctl.db").display());
    let named = std::env::var("OATHCTL_STORE").unwrap_or(file);
    let location = StoreLocation::parse(&named)?;
    let given = std::env::args().nth(1);
    if let Some(which) = given.as_deref().filter(|text| text.parse::<u32>().is_err()) {
        return list(&location, which).await;
    }
    fill(&location, given.map_or(Ok(100_000), |text| text.parse())?).await?;
    for which in LISTS {
        let begun = Instant::now();
        let out = Command::new(std::env::current_exe()?).arg(which).env("OATHCTL_STORE", &named).output()?;
        let told = String::from_utf8_lossy(&out.stdout);
        println!("list {which:<17} {:>7.1} ms  {}", begun.elapsed().as_secs_f64() * 1000.0, told.trim());
    }
    Ok(())
}
