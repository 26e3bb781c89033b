//! `oathctl tokens show`: one token with its whole life.
//!
//! Owns: the page. Does not own: sentences ([`crate::words::en::life`]).

use std::collections::BTreeMap;

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::token::UserId;
use oathctl_store::{Event, Token};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::{Look, called, lines, looking, serial};
use crate::words::en::foreign::clean;
use crate::words::en::life;

/// Show a token with its whole life.
///
/// How it stands in the tenant now, what this store knows of it, and everything that happened to it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens show 2300000007\n  \
    oathctl tokens show 2300000007 --cached --output json")]
pub(super) struct Show {
    /// Its serial
    #[arg(value_parser = serial)]
    serial: String,
    /// The inventory answers alone, and says as of when; needs no sign-in
    #[arg(long)]
    cached: bool,
}

impl Show {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        looking(desk, self.cached, async |look| {
            look.at_serial(&self.serial).await?;
            let tokens = look.find(&self.serial).await?;
            let life = look.store.inventory().life(self.serial.as_str()).await?;
            look.tell().await?;
            let names = names(look, &life).await?;
            if tokens.is_empty() {
                return Err(self.unknown());
            }
            if desk.output() == Output::Text {
                desk.ui.data(&page(desk, &tokens, &life, &names));
            } else {
                let values: Vec<Value> = tokens.iter().map(lines::value).collect();
                let life: Vec<Value> = life.iter().map(|it| event_value(it, &names)).collect();
                look.document("oathctl.tokens/1", json!({ "tokens": values, "life": life }));
            }
            Ok(Exit::Ok)
        })
    }

    fn unknown(&self) -> Failure {
        let whom = if self.cached {
            "The inventory does not know"
        } else {
            "Neither the tenant nor this store knows"
        };
        Failure::usage(format!("{whom} a token {}.", clean(&self.serial)))
            .called("token_unknown")
            .advice("Look for its beginning: `oathctl tokens list --serial PREFIX`.")
    }
}

/// How the people of this life are called, in whichever tenant.
async fn names(look: &Look<'_>, life: &[Event]) -> Result<BTreeMap<UserId, String>, Failure> {
    let mut names = BTreeMap::new();
    for event in life {
        if let Some(tenant) = &event.tenant {
            let concerned = event.holder_before.iter().chain(&event.holder_after);
            names.extend(look.called(tenant, concerned).await?);
        }
    }
    Ok(names)
}

fn page(desk: &Desk, tokens: &[Token], life: &[Event], names: &BTreeMap<UserId, String>) -> String {
    let mut page = String::new();
    for token in tokens {
        page.push_str(&format!("{}\n", desk.ui.heading(&heading(token))));
        for (name, value) in facts(token).into_iter().filter(|(_, value)| !value.is_empty()) {
            page.push_str(&format!("  {name:<12} {value}\n"));
        }
        page.push('\n');
    }
    page.push_str(&format!("{}\n", desk.ui.heading("Life")));
    for event in life {
        page.push_str(&format!(
            "  {}  {}{}\n",
            event.at,
            life::event(event, |id| called(names, id)),
            by(event)
        ));
    }
    page
}

fn heading(token: &Token) -> String {
    let made = [&token.maker, &token.model].map(|text| clean(text)).join(" ");
    let made = if made.trim().is_empty() { String::new() } else { format!(" · {}", made.trim()) };
    format!("Token {}{made}", clean(&token.serial))
}

fn facts(token: &Token) -> Vec<(&'static str, String)> {
    let time = |at: Option<oathctl_core::time::Utc>| at.map(|at| at.to_string()).unwrap_or_default();
    let parts = [
        token.hash.map(|it| it.word().to_owned()),
        token.digits.map(|it| format!("{it} digits")),
        token.period_secs.map(|it| format!("every {it} s")),
    ];
    let drift = token.drift.map(|it| format!("{:+} s at {}", it.seconds, it.at));
    vec![
        ("tenant", token.tenant.as_ref().map(|it| clean(it.as_str())).unwrap_or_default()),
        ("device", token.device.as_ref().map(|it| clean(it.as_str())).unwrap_or_default()),
        ("status", clean(&token.status.word())),
        ("holder", holder(token)),
        ("mark", mark(token)),
        ("proof", lines::word(&token.proof)),
        ("seed", if token.seed_held { "in the vault" } else { "not in the vault" }.to_owned()),
        ("code", parts.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        ("clock", drift.unwrap_or_default()),
        ("first used", time(token.first_used)),
        ("last used", time(token.last_used)),
        ("battery", lines::day(token.battery_end)),
        ("batch", clean(&token.batch)),
        ("location", clean(&token.location)),
        ("seen", time(token.seen_at)),
    ]
}

fn holder(token: &Token) -> String {
    let Some(holder) = &token.holder else { return String::new() };
    let name = holder.name.as_deref().filter(|_| holder.upn.is_some()).map(clean);
    let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
    let since = holder.since.map(|at| format!(", since {at}")).unwrap_or_default();
    format!("{}{name}{since}", lines::called(holder))
}

fn mark(token: &Token) -> String {
    let Some(mark) = &token.mark else { return String::new() };
    let note = if mark.note.is_empty() { String::new() } else { format!(": {}", clean(&mark.note)) };
    format!("{} since {}, by {}{note}", mark.mark.word(), mark.at, clean(&mark.by))
}

/// Who did it here, and in which run.
fn by(event: &Event) -> String {
    let actor = event.actor.as_deref().map(|actor| format!("by {}", clean(actor)));
    let run = event.run.as_ref().map(|run| format!("run {}", clean(run.as_str())));
    let parts: Vec<String> = actor.into_iter().chain(run).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn event_value(event: &Event, names: &BTreeMap<UserId, String>) -> Value {
    let person = |id: &Option<UserId>| id.as_ref().map(|id| json!({"id": id, "upn": names.get(id)}));
    json!({
        "at": event.at, "what": event.what, "maker": event.maker, "tenant": event.tenant, "device": event.device,
        "run": event.run, "actor": event.actor, "holder_before": person(&event.holder_before),
        "holder_after": person(&event.holder_after), "detail": event.detail,
    })
}
