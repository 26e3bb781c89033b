//! Between planning and applying: the gate with its numbers, the confirmation with the tenant's name.
//!
//! Owns: what is shown and asked. Does not own: the rules ([`oathctl_core::gate`]). `--yes` answers the confirmation,
//! never the gate.

use oathctl_core::gate;
use oathctl_core::plan::{Plan, PlanTotals};
use oathctl_core::snapshot::Snapshot;
use oathctl_core::stop::StopLevel;

use super::Walk;
use crate::failure::Failure;
use crate::tell;
use crate::words;
use crate::words::en::foreign::clean;

/// H20: a certificate that ends in no public root means that somebody on the way reads along.
pub(super) fn inspected(walk: &Walk<'_>) -> Result<(), Failure> {
    let Some(issuer) = walk.connection.trust.inspected().filter(|_| !walk.settings.allow_inspected_tls)
    else {
        return Ok(());
    };
    Err(Failure::gate("The connection is inspected on its way: seeds and codes would be readable there. Nothing was sent.")
        .called("tls_inspected")
        .because(format!("the certificate of {} ends in no public root; it was issued by {}", walk.identity.host, clean(&issuer)))
        .advice("Ask for the tenant's hosts to be left out of TLS inspection, or run again with `--allow-inspected-tls` if whoever runs it may see the seeds."))
}

/// What is shown before the question.
pub(super) struct Shown<'a> {
    pub snapshot: &'a Snapshot,
    pub plan: &'a Plan,
    /// Sentences in the place of numbers.
    pub said: Option<&'a [String]>,
}

/// Refuses what goes beyond the limits, naming both numbers and the flag.
pub(super) fn gate(walk: &Walk<'_>, shown: &Shown<'_>) -> Result<(), Failure> {
    let refusals = gate::gate(shown.plan);
    if refusals.is_empty() {
        return Ok(());
    }
    show(walk, shown);
    let mut failure = Failure::gate("The gate refuses this plan; nothing was changed.");
    for refusal in &refusals {
        failure = failure.because(words::gate_refusal(refusal));
    }
    Err(failure.advice("See whether the file and the tenant are the right ones before you lift a limit."))
}

/// Shows the plan in numbers, and what the gate would say to it.
pub(super) fn preview(walk: &Walk<'_>, shown: &Shown<'_>) {
    show(walk, shown);
    for refusal in gate::gate(shown.plan) {
        walk.desk.ui.show(&format!("  gate    {}", words::gate_refusal(&refusal)));
    }
}

/// Shows the plan in numbers and asks. Nothing to do needs no question.
pub(super) async fn confirm(walk: &Walk<'_>, shown: &Shown<'_>, yes: bool) -> Result<(), Failure> {
    let desk = walk.desk;
    if !(yes && desk.global.quiet) {
        show(walk, shown);
    }
    if shown.plan.pending().next().is_none() {
        desk.ui.say("There is nothing to change in the tenant.");
        return Ok(());
    }
    if yes {
        return Ok(());
    }
    if !desk.ui.terminals().can_ask() {
        return Err(Failure::gate(
            "Nobody is there to confirm, and `--yes` wasn't given; nothing was changed.",
        )
        .called("nobody_to_confirm")
        .advice(match shown.said {
            Some(_) => "Look at what is said above, then run the command again with `--yes`.",
            None => "Look at the numbers above, then run the command again with `--yes`.",
        }));
    }
    let ui = desk.ui.clone();
    let question = tokio::task::spawn_blocking(move || ui.ask("Go on? Type yes: "));
    let stop = walk.connection.stop.clone();
    let asked_to_stop = std::pin::pin!(stop.asked(StopLevel::Drain));
    let answer = match futures_util::future::select(std::pin::pin!(question), asked_to_stop).await {
        futures_util::future::Either::Left((answer, _)) => answer.ok().flatten(),
        futures_util::future::Either::Right(_) => {
            return Err(Failure::new(
                oathctl_core::report::Exit::Interrupted,
                "Stopped; nothing was changed.",
            ));
        }
    };
    match answer.as_deref().map(str::trim) {
        Some(yes) if yes.eq_ignore_ascii_case("yes") => Ok(()),
        _ => Err(Failure::gate("Not confirmed; nothing was changed.").called("not_confirmed")),
    }
}

fn show(walk: &Walk<'_>, shown: &Shown<'_>) {
    let ui = &walk.desk.ui;
    for line in lines(walk, shown) {
        ui.show(&line);
    }
}

fn lines(walk: &Walk<'_>, shown: &Shown<'_>) -> Vec<String> {
    let Shown { snapshot, plan, said } = shown;
    let mut lines = vec![tell::tenant_line(&snapshot.identity)];
    lines.push(format!("  host         {} ({})", snapshot.identity.host, tell::backend(plan.backend)));
    if let Some(host) = &walk.connection.custom_endpoint {
        lines.push(format!(
            "  vouched for  {host} by --custom-endpoint: seeds and access tokens may go there"
        ));
    }
    if let Some(issuer) = walk.connection.trust.inspected() {
        lines.push(format!(
            "  inspected    {} reads along: seeds and codes pass it in the clear",
            clean(&issuer)
        ));
    }
    match said {
        Some(said) => lines.extend(said.iter().map(|sentence| format!("  {sentence}"))),
        None => lines.extend(tell::table(&numbers(&plan.totals))),
    }
    lines.extend(domains(snapshot, plan));
    lines.extend(people(plan));
    lines.extend(clock(walk));
    lines
}

fn numbers(totals: &PlanTotals) -> Vec<(String, String)> {
    let PlanTotals { rows, tenant_devices, create, assign, activate, .. } = totals;
    let PlanTotals { reassign, unassign, delete, already, failed, skipped, .. } = totals;
    let PlanTotals { deactivate, rename, devices_partial, .. } = totals;
    let row = |name: &str, n: &u64| (name.to_owned(), n.to_string());
    let mut table = vec![
        row("rows", rows),
        row("create", create),
        row("assign", assign),
        row("activate", activate),
        row("already there", already),
        row("left out", &(failed + skipped)),
    ];
    let rare = [
        ("reassign", reassign),
        ("deactivate", deactivate),
        ("take away", unassign),
        ("delete", delete),
        ("rename", rename),
    ];
    table.extend(rare.into_iter().filter(|(_, n)| **n > 0).map(|(name, n)| row(name, n)));
    if !devices_partial {
        table.push(row("in the tenant", tenant_devices));
    }
    table
}

/// H5: whether the file is for this tenant shows in its people's domains, where these can be read.
fn domains(snapshot: &Snapshot, plan: &Plan) -> Option<String> {
    let has_people = plan.rows.iter().any(|row| row.upn.is_some());
    (snapshot.identity.domains.is_empty() && has_people).then(|| {
        "  note    The tenant's domains could not be read: whether the people of the file belong to it is not checked \
         beyond their names."
            .into()
    })
}

/// What changes for people (H1), and what could not be known (H6, H14).
fn people(plan: &Plan) -> Vec<String> {
    let totals = &plan.totals;
    let mut lines = Vec::new();
    let mut tell = |n: u64, one: &str, many: &str| {
        if n > 0 {
            lines.push(format!("  {n:>6}  {}", if n == 1 { one } else { many }));
        }
    };
    tell(
        totals.only_method,
        "person gets the only method beyond a password: the token is needed at the next sign-in",
        "people get their only method beyond a password: they need the token at the next sign-in",
    );
    tell(
        totals.first_prompt,
        "person will be asked for the token before the phone",
        "people will be asked for the token before their phone",
    );
    tell(
        totals.methods_unknown,
        "person whose other methods could not be read",
        "people whose other methods could not be read",
    );
    tell(totals.admins, "person with a directory role", "people with a directory role");
    if totals.activate > 0 && totals.only_method + totals.first_prompt + totals.methods_unknown > 0 {
        lines.push("          If they don't have their tokens yet: `--up-to assigned`, and activate when handed out.".into());
    }
    let notes = [
        (
            totals.admins_unknown,
            "Who has a directory role could not be read: administrators are not held back.",
        ),
        (
            totals.policy_unknown,
            "The policy for hardware tokens could not be read: whether it includes them is unknown.",
        ),
        (
            totals.policy_off,
            "The policy for hardware tokens is switched off: nobody could sign in with one yet.",
        ),
    ];
    lines.extend(notes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, text)| format!("  note    {text}")));
    lines
}

/// A skew of ours above two seconds is told; above a minute it is a doubt, since either clock may be the wrong one
/// (H8).
fn clock(walk: &Walk<'_>) -> Option<String> {
    let (mono, utc) = (walk.desk.clock.mono(), walk.desk.clock.utc());
    let ms = walk.connection.server_clock.offset_ms(mono, utc)?;
    let seconds = ms.abs() / 1000;
    let direction = if ms > 0 { "behind" } else { "ahead of" };
    match seconds {
        0..=2 => None,
        3..=60 => Some(format!(
            "  clock   this machine's clock is {seconds} s {direction} the tenant's; codes follow the tenant's."
        )),
        _ => Some(format!(
            "  warning this machine's clock is {seconds} s {direction} the tenant's. Codes follow the tenant's. If that \
             one is wrong, or a proxy answers with its own, tokens are taught a wrong time: try one device before \
             handing out."
        )),
    }
}
