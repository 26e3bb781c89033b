//! `oathctl users search`: people by a piece of their name, one line each.

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::tenant::{Known, Remote, TenantError, TenantErrorKind};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::people::Seen;
use crate::looks::{Look, looking, table};
use crate::words::en::{foreign::clean, people};

/// Find people by a piece of their name.
///
/// Words of the display name, and user principal names, that begin like the text. Each with tokens and room left.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl users search lovelace\n  \
    oathctl users search \"ada lo\" --limit 50\n  \
    oathctl users search ada@ --cached")]
pub(super) struct Search {
    /// A piece of a name
    #[arg(value_parser = super::text)]
    text: String,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// This store answers alone, from what it has seen; needs no sign-in
    #[arg(long)]
    cached: bool,
}

const COLUMNS: [&str; 7] = ["upn", "name", "account", "role", "tokens", "room", "id"];

impl Search {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        looking(desk, self.cached, async |look| self.search(look).await)
    }

    async fn search(&self, look: &mut Look<'_>) -> Result<Exit, Failure> {
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut found = match look.search(&self.text, most.saturating_add(1)).await? {
            Known::Yes(found) => found,
            Known::Unknown(remote) => return Err(not_readable(&remote)),
        };
        let more = found.len() > most;
        found.truncate(most);
        found.sort_by_key(|(_, user)| user.upn.to_lowercase());
        let seen = if found.is_empty() { Vec::new() } else { look.people(found).await? };
        look.tell().await?;
        self.show(look, &seen, more);
        Ok(Exit::Ok)
    }

    fn show(&self, look: &Look<'_>, seen: &[Seen], more: bool) {
        let ui = &look.desk.ui;
        match look.desk.output() {
            Output::Json => {
                let values: Vec<Value> = seen.iter().map(Seen::value).collect();
                let search = json!({ "text": self.text, "limit": self.limit, "more": more });
                look.document("oathctl.users/1", json!({ "people": values, "search": search }));
            }
            Output::Ndjson => seen.iter().for_each(|person| ui.data(&format!("{}\n", person.value()))),
            Output::Text => {
                let rows: Vec<Vec<String>> = seen.iter().map(row).collect();
                ui.data(&table::text(&COLUMNS, &rows));
                ui.say(if self.cached { people::COVERS_STORE } else { people::COVERS_TENANT });
                ui.say(&people::found(seen.len(), more));
            }
        }
        if let Some(person) = seen.first() {
            let why =
                person.unknown().into_iter().filter_map(|(what, remote)| people::why_unknown(what, remote));
            why.for_each(|why| ui.show(&why));
        }
    }
}

fn row(seen: &Seen) -> Vec<String> {
    let role = match seen.admin.known() {
        Some(true) => "yes",
        Some(false) => "",
        None => "unknown",
    };
    vec![
        clean(&seen.user.upn),
        clean(&seen.user.name),
        people::account_short(&seen.user).to_owned(),
        role.to_owned(),
        people::tokens(seen.tokens.len(), seen.all_tokens.known().is_some()),
        people::room_short(seen.room()),
        clean(seen.user.id.as_str()),
    ]
}

/// The tenant doesn't let people be searched.
pub(super) fn not_readable(remote: &Remote) -> Failure {
    let (kind, detail) = (TenantErrorKind::Forbidden, "User.ReadBasic.All".to_owned());
    TenantError { kind, detail, remote: remote.clone() }.into()
}
