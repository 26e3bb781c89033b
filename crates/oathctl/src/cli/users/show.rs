//! `oathctl users show`: one person.
//!
//! Owns: the page, and what is said where nobody or several are meant. Does not own: its words
//! ([`crate::words::en::people`]).

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::tenant::{Known, User, UserKey};
use oathctl_core::token::{TenantId, UserId};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::people::{Seen, Who};
use crate::looks::{Look, lines, looking, table};
use crate::words::en::{foreign::clean, people};

/// Show a person: account, directory role, tokens, other sign-in methods, room left.
///
/// What may not be read is unknown, and said so. A piece of a name will do where only one person fits.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl users show ada@contoso.com\n  \
    oathctl users show 5f7c0d1e-0000-4000-8000-000000000001 --output json\n  \
    oathctl users show lovelace")]
pub(super) struct Show {
    /// User principal name, object id, or a piece of the name
    #[arg(value_name = "UPN|ID", value_parser = super::text)]
    who: String,
    /// This store answers alone, from what it has seen; needs no sign-in
    #[arg(long)]
    cached: bool,
}

/// Of these a token's line is made here.
const COLUMNS: &[lines::Column] = &[
    lines::Column::Serial,
    lines::Column::Model,
    lines::Column::Status,
    lines::Column::Proof,
    lines::Column::LastUsed,
    lines::Column::HeldSince,
    lines::Column::Mark,
];
/// Several that fit are named up to this number.
const NAMED: usize = 10;

impl Show {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        looking(desk, self.cached, async |look| self.show(look).await)
    }

    async fn show(&self, look: &mut Look<'_>) -> Result<Exit, Failure> {
        let found = self.find(look).await?;
        let seen = look.people(found).await?;
        look.tell().await?;
        let desk = look.desk;
        if desk.output() == Output::Text {
            seen.iter().for_each(|person| desk.ui.data(&page(desk, person)));
        } else {
            let values: Vec<Value> = seen.iter().map(Seen::value).collect();
            look.document("oathctl.users/1", json!({ "people": values, "search": null }));
        }
        for (what, remote) in seen.iter().flat_map(Seen::unknown) {
            people::why_unknown(what, remote).iter().for_each(|why| desk.ui.show(why));
        }
        Ok(Exit::Ok)
    }

    /// Exactly one person, but where several tenants are remembered.
    async fn find(&self, look: &Look<'_>) -> Result<Vec<(TenantId, User)>, Failure> {
        match Who::parse(&self.who) {
            Who::Key(key) => match look.by_key(&key).await? {
                found if found.is_empty() => Err(self.nobody(look, Some(&key)).await?),
                found => Ok(found),
            },
            Who::Piece(piece) => match look.search(&piece, NAMED + 1).await? {
                Known::Yes(found) if found.is_empty() => Err(self.nobody(look, None).await?),
                Known::Yes(found) if found.len() > 1 => Err(self.several(&found)),
                Known::Yes(found) => Ok(found),
                Known::Unknown(remote) => Err(super::search::not_readable(&remote)),
            },
        }
    }

    async fn nobody(&self, look: &Look<'_>, key: Option<&UserKey>) -> Result<Failure, Failure> {
        let name = clean(&self.who);
        if let Some(key) = key
            && look.are_deleted(&ids_of(look, key).await?).await?
        {
            return Ok(Failure::usage(format!("{name} was deleted.")).called("person_deleted").advice(
                "What is left of their tokens: `oathctl tokens list --holder ID --cached`; to take them back: \
                 `oathctl tokens release --leavers`.",
            ));
        }
        let whom = if self.cached { "This store has never seen anybody" } else { "The tenant has nobody" };
        Ok(Failure::usage(format!("{whom} called {name}."))
            .called("person_unknown")
            .advice("Look for a piece of the name: `oathctl users search TEXT`."))
    }

    fn several(&self, found: &[(TenantId, User)]) -> Failure {
        let mut names: Vec<String> = found.iter().take(NAMED).map(|(_, user)| clean(&user.upn)).collect();
        if found.len() > NAMED {
            names.push("…".into());
        }
        Failure::usage(format!("Several people fit {}.", clean(&self.who)))
            .called("person_ambiguous")
            .because(format!("these do: {}", names.join(", ")))
            .advice("Name one of them by the whole user principal name.")
    }
}

/// The id itself, or those of people this store has seen under the name.
async fn ids_of(look: &Look<'_>, key: &UserKey) -> Result<Vec<UserId>, Failure> {
    Ok(match key {
        UserKey::Id(id) => vec![id.clone()],
        UserKey::Upn(_) => look.remembered_as(key).await?.into_iter().map(|(_, person)| person.id).collect(),
    })
}

fn page(desk: &Desk, seen: &Seen) -> String {
    let User { id, upn, name, .. } = &seen.user;
    let named = [name, upn].map(|text| clean(text));
    let heading = if named[0].is_empty() { named[1].clone() } else { named.join(" · ") };
    let mut page = format!("{}\n", desk.ui.heading(&heading));
    for (name, value) in [
        ("id", clean(id.as_str())),
        ("tenant", clean(seen.tenant.as_str())),
        ("account", people::account(&seen.user, seen.remembered.as_ref())),
        ("role", people::role(&seen.admin).to_owned()),
        ("methods", people::methods(&seen.methods)),
        ("room", people::room(seen.room())),
        ("tokens", people::tokens(seen.tokens.len(), seen.all_tokens.known().is_some())),
    ] {
        page.push_str(&format!("  {name:<8} {value}\n"));
    }
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name()).collect();
    let rows: Vec<Vec<String>> =
        seen.tokens.iter().map(|token| COLUMNS.iter().map(|it| it.of(token)).collect()).collect();
    let indented = table::text(&names, &rows);
    indented.lines().for_each(|line| page.push_str(&format!("    {line}\n")));
    page
}
