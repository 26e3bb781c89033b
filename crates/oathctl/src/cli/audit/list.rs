//! `oathctl audit list`.

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::time::Utc;
use oathctl_core::token::{RunId, TenantId, UserId};
use oathctl_store::{AuditFilter, AuditRecord, Store};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::words::en::foreign::clean;

/// List records, the oldest first.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    which: Which,
}

/// Which records.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Only from this moment on, as 2026-11-22T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Utc>,
    /// Only before this moment
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Utc>,
    /// Only of this kind, as `call_intended` or `code_shown`
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only of this run; its whole id
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Only in this tenant; its id
    #[arg(long, value_name = "ID")]
    in_tenant: Option<String>,
    /// Only those that name this person; the object id
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// Only those that name this serial, as it was written
    #[arg(long, value_name = "SERIAL")]
    serial: Option<String>,
    /// Only the latest so many
    #[arg(long, value_name = "N")]
    latest: Option<u32>,
}

fn time(text: &str) -> Result<Utc, String> {
    Utc::parse_rfc3339(text).ok_or_else(|| "a time is written as 2026-11-22T00:00:00Z".to_owned())
}

impl Which {
    pub(super) fn filter(self) -> AuditFilter {
        AuditFilter {
            since: self.since,
            until: self.until,
            kind: self.kind,
            tenant: self.in_tenant.map(TenantId::new),
            run: self.run.map(RunId::new),
            person: self.person.map(UserId::new),
            serial: self.serial,
            latest: self.latest,
        }
    }
}

impl List {
    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        let (filter, output) = (self.which.filter(), desk.output());
        let (mut count, mut values) = (0_u64, Vec::new());
        store
            .audit()
            .each(&filter, |record| {
                count += 1;
                match output {
                    Output::Text => desk.ui.data(&line(&record)),
                    Output::Json => values.push(record.to_json()),
                    Output::Ndjson => desk.ui.data(&format!("{}\n", record.to_json())),
                }
                Ok(())
            })
            .await?;
        if output == Output::Json {
            let document = json!({"records": values});
            desk.ui.data(&format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default()));
        }
        if output == Output::Text && count == 0 {
            desk.ui.say("No record fits.");
        }
        Ok(Exit::Ok)
    }
}

/// Number, time, kind, who, and the rest in a few words.
fn line(record: &AuditRecord) -> String {
    let user = record.os_user().map(|user| format!("{} (self-asserted)", clean(user))).unwrap_or_default();
    let who = match record.signed_in_as() {
        Some(id) if user.is_empty() => clean(&id),
        Some(id) => format!("{user} as {}", clean(&id)),
        None => user,
    };
    let run = record.run.as_ref().map(|run| clean(run.as_str())).unwrap_or_default();
    let fields =
        [record.number.to_string(), record.at.to_string(), clean(&record.kind), run, who, about(record)];
    fields.join("\t").trim_end().to_owned() + "\n"
}

fn about(record: &AuditRecord) -> String {
    let field = |name: &str| record.record.get(name);
    let rows = field("rows").and_then(Value::as_array).map(Vec::len);
    let mut parts: Vec<String> = Vec::new();
    for name in ["call", "step", "exit_code", "count", "by"] {
        if let Some(value) = field(name) {
            let text = value.as_str().map_or_else(|| value.to_string(), clean);
            parts.push(format!("{} {text}", name.replace('_', " ")));
        }
    }
    if let Some(serials) = field("serials").and_then(Value::as_array) {
        parts.extend(serials.iter().filter_map(Value::as_str).map(clean));
    }
    match rows {
        Some(1) => parts.push("1 row".to_owned()),
        Some(n) => parts.push(format!("{n} rows")),
        None => parts.extend(record.others().iter().map(|id| format!("for {}", clean(id)))),
    }
    parts.extend(record.said.as_deref().map(|said| format!("({})", clean(said))));
    parts.join(", ")
}
