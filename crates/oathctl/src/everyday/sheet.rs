//! The table of a request: rows without seeds, with what the vault's index says of them.
//!
//! Owns: [`Sheet`]. Does not own: the seeds ([`super::seeds`]), which tokens are meant ([`super::resolve`]).

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Source};
use oathctl_core::plan::{Asked, Plan, PlanInput, PlanRow, Wish, Wishes, canonical_json};
use oathctl_core::reason::Reason;
use oathctl_core::snapshot::Snapshot;
use oathctl_core::table::{RowDraft, RowId, Table, TableBuilder};
use oathctl_core::tenant::Device;
use oathctl_core::token::{Hash, OtpKind, TotpParams, serial_key, upn_key};
use oathctl_store::Store;
use oathctl_store::vault::{Listed, Parameters, Vault};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::request::{Named, Request, Who};
use crate::cli::Reading;
use crate::failure::Failure;
use crate::input::Loaded;
use crate::words::en::everyday;
use crate::words::en::foreign::clean;

/// One token and what is asked of it.
pub(super) struct Wanted {
    pub named: Named,
    pub asked: Asked,
}

/// Rows, wishes, and which seeds the vault holds for them.
pub(super) struct Sheet {
    pub loaded: Loaded,
    pub wishes: Wishes,
    tokens: BTreeMap<RowId, Vec<Listed>>,
    chosen: BTreeMap<RowId, Listed>,
}

/// The sheet of a new request.
pub(super) async fn of_rows(store: &Store, request: &Request, rows: &[Wanted]) -> Result<Sheet, Failure> {
    let input = PlanInput {
        rows: u64::try_from(rows.len()).unwrap_or(u64::MAX),
        sha256: match request.input.sha256.as_str() {
            "" => digest(request, rows),
            known => known.to_owned(),
        },
        ..request.input.clone()
    };
    of_wanted(store, input, rows).await
}

/// The sheet of these rows.
pub(super) async fn of_wanted(store: &Store, input: PlanInput, rows: &[Wanted]) -> Result<Sheet, Failure> {
    let index = index(store, rows).await?;
    let mut builder = TableBuilder::with_capacity(rows.len());
    let source = builder.source(Source { file: input.path.clone(), ..Source::default() });
    let (mut tokens, mut wishes) = (BTreeMap::new(), Vec::new());
    for Wanted { named, asked } in rows {
        let Named { serial, who, new: _, line, fault } = named;
        let listed = index.get(&serial_key(serial)).cloned().unwrap_or_default();
        let (upn, id) = match who {
            Some(Who::Upn(upn)) => (Some(upn.as_str()), None),
            Some(Who::Id(id)) => (None, Some(id.as_str())),
            None => (None, None),
        };
        let draft = RowDraft { line: *line, serial, upn, user_id: id, ..RowDraft::default() };
        let draft = match listed.as_slice() {
            [one] => of_vault(draft, one),
            _ => draft,
        };
        let row = builder.push(source, draft, None);
        if let Some((severity, reason)) = fault {
            let place = builder.place(source, *line, Some(Field::Serial));
            builder.fault(*severity, reason.clone(), place, Some(row));
        }
        tokens.insert(row, listed);
        wishes.push((row, asked.clone()));
    }
    let table = builder.finish();
    let loaded = Loaded { table, input, beside: Vec::new(), reading: Reading::default(), as_hex: None };
    Ok(Sheet { loaded, wishes: wishes.into_iter().collect(), tokens, chosen: BTreeMap::new() })
}

/// Kind and makers come from the index; what the vault can't give, the row says nothing of.
fn of_vault<'a>(draft: RowDraft<'a>, one: &'a Listed) -> RowDraft<'a> {
    RowDraft { manufacturer: &one.maker, model: &one.model, kind: Some(one.parameters.kind), ..draft }
}

impl Sheet {
    /// Chooses between tokens of one serial, and fills in what the tenant alone knows; what stays open is told.
    /// Parameters of a row without a held seed make no code and no device: they are the tenant's own, so that nothing
    /// differs.
    pub fn fill(&mut self, snapshot: &mut Snapshot) -> Vec<String> {
        let mut by_serial: BTreeMap<String, Device> = BTreeMap::new();
        for device in &snapshot.devices {
            by_serial.entry(serial_key(&device.serial)).or_insert_with(|| device.clone());
        }
        let mut open = Vec::new();
        let tokens = std::mem::take(&mut self.tokens);
        for (row, listed) in &tokens {
            let Some(view) = self.loaded.table.row(*row) else { continue };
            let serial = view.serial().to_owned();
            let device = by_serial.get(&serial_key(&serial));
            let one = one_of(listed, device);
            if listed.len() > 1 && one.is_none() && self.needs_one(*row) {
                open.push(several(&serial, listed));
            }
            fill_row(&mut self.loaded.table, *row, one, device);
            if let Some(token) = one {
                self.chosen.insert(*row, token.clone());
            }
            self.name_person(*row, device, snapshot);
        }
        self.tokens = tokens;
        open
    }

    /// Whose token it is, by name: so that a list of `--exclude` spares whom it names, and a token that changes hands
    /// meanwhile is left alone (H6, H18).
    fn name_person(&mut self, row: RowId, device: Option<&Device>, snapshot: &mut Snapshot) {
        let Some(view) = self.loaded.table.row(row).filter(|view| view.upn().is_none()) else { return };
        let holder = device.and_then(|device| Some(device.holder.as_ref()?.id.as_str()));
        let id = match self.wishes.of(row).wish {
            Wish::Give => view.user_id(),
            Wish::Rename { .. } => None,
            Wish::Reseed | Wish::Deactivate | Wish::Release | Wish::Delete => view.user_id().or(holder),
        };
        let Some(user) = id.and_then(|id| snapshot.users.get(&id.to_lowercase())?.clone()) else { return };
        self.loaded.table.set_upn(row, &user.upn);
        snapshot.users.entry(upn_key(&user.upn)).or_insert(Some(user));
    }

    /// Of the vault's tokens only those that have what the codes of this plan were made with; what else there is, is
    /// told and not used.
    pub fn keep_as_planned(&mut self, plan: &Plan) -> Vec<String> {
        let mut told = Vec::new();
        for PlanRow { row, serial, params, .. } in &plan.rows {
            let (Some(params), Some(listed)) = (params, self.tokens.get_mut(row)) else { continue };
            let was_there = listed.first().map(|one| one.parameters);
            listed.retain(|one| totp(&one.parameters) == *params);
            if let Some(other) = was_there.filter(|_| listed.is_empty()) {
                told.push(everyday::planned_otherwise(&clean(serial), &totp(&other), params));
            }
        }
        told
    }

    /// Rows whose seed the vault holds.
    pub fn held(&self) -> BTreeSet<RowId> {
        self.chosen.keys().copied().collect()
    }

    /// The vault's token of a row.
    pub fn token(&self, row: RowId) -> Option<&Listed> {
        self.chosen.get(&row)
    }

    /// The vault turned out not to have it.
    pub fn lacks(&mut self, row: RowId) {
        self.chosen.remove(&row);
    }

    fn needs_one(&self, row: RowId) -> bool {
        matches!(self.wishes.of(row).wish, Wish::Give | Wish::Reseed | Wish::Delete)
    }
}

const fn totp(parameters: &Parameters) -> TotpParams {
    TotpParams { hash: parameters.hash, digits: parameters.digits, period_secs: parameters.period_secs }
}

/// The vault's tokens of one serial that nobody can tell apart.
fn several(serial: &str, listed: &[Listed]) -> String {
    let makers: Vec<String> = listed.iter().map(|token| clean(&token.maker)).collect();
    format!(
        "warning: the vault has {} tokens with the serial {} ({}), and the tenant doesn't show which one this is; none \
         of their seeds is used.",
        listed.len(),
        clean(serial),
        makers.join(", ")
    )
}

/// Of several makers' tokens of one serial, the one the tenant shows.
fn one_of<'a>(listed: &'a [Listed], device: Option<&Device>) -> Option<&'a Listed> {
    match listed {
        [] => None,
        [one] => Some(one),
        many => {
            let device = device?;
            let mut same =
                many.iter().filter(|one| one.maker.eq_ignore_ascii_case(device.manufacturer.trim()));
            same.next().filter(|_| same.next().is_none())
        }
    }
}

fn fill_row(table: &mut Table, row: RowId, one: Option<&Listed>, device: Option<&Device>) {
    /// What the tenant takes when nothing is said.
    const PLAIN: (Hash, u8, u32) = (Hash::Sha1, 6, 30);
    let (hash, digits, period) = match (one, device) {
        (Some(one), _) => (one.parameters.hash, one.parameters.digits, one.parameters.period_secs),
        (None, Some(device)) => {
            (device.hash.unwrap_or(PLAIN.0), PLAIN.1, device.period_secs.unwrap_or(PLAIN.2))
        }
        (None, None) => PLAIN,
    };
    table.set_hash(row, hash);
    table.set_digits(row, digits);
    table.set_period(row, period);
    if one.is_some_and(|one| one.parameters.kind != OtpKind::Totp) {
        let reason = Reason::NotTotp { kind: "hotp".into() };
        table.add_row_fault(row, Severity::Error, reason, Some(Field::Kind));
    }
}

/// What the vault's index has, by serial; empty without a vault.
async fn index(store: &Store, rows: &[Wanted]) -> Result<BTreeMap<String, Vec<Listed>>, Failure> {
    let wanted: BTreeSet<String> = rows.iter().map(|row| serial_key(&row.named.serial)).collect();
    let mut found: BTreeMap<String, Vec<Listed>> = BTreeMap::new();
    if !Vault::exists(store).await? {
        return Ok(found);
    }
    /// So many are asked for one by one.
    const FEW: usize = 50;
    let listed = if wanted.len() <= FEW {
        let mut listed = Vec::new();
        for serial in &wanted {
            listed.extend(Vault::find(store, serial).await?);
        }
        listed
    } else {
        Vault::list(store).await?
    };
    for token in listed {
        let key = serial_key(&token.serial);
        if wanted.contains(&key) {
            found.entry(key).or_default().push(token);
        }
    }
    Ok(found)
}

/// What stands for the input of a request without a list: SHA-256 over what was asked.
fn digest(request: &Request, rows: &[Wanted]) -> String {
    let row = |row: &Wanted| {
        let who = match &row.named.who {
            Some(Who::Upn(upn)) => Some(upn.to_lowercase()),
            Some(Who::Id(id)) => Some(id.as_str().to_lowercase()),
            None => None,
        };
        json!({ "serial": serial_key(&row.named.serial), "who": who, "asked": row.asked })
    };
    let rows: Vec<serde_json::Value> = rows.iter().map(row).collect();
    let value = json!({ "verb": request.verb.word(), "rows": rows });
    Sha256::digest(canonical_json(&value).as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
