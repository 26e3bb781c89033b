//! Tokens as a list, in every form of output.
//!
//! Owns: [`show`]. Does not own: which tokens, which columns.

use oathctl_store::Token;
use serde_json::{Value, json};

use super::{Look, lines, table};
use crate::cli::Output;
use crate::tell::counted;

/// Prints tokens; `csv` instead of text.
pub fn show(look: &Look<'_>, tokens: &[Token], columns: &[lines::Column], csv: bool) {
    let ui = &look.desk.ui;
    match look.desk.output() {
        Output::Json => {
            let tokens: Vec<Value> = tokens.iter().map(lines::value).collect();
            look.document("oathctl.tokens/1", json!({ "tokens": tokens, "life": null }));
        }
        Output::Ndjson => {
            tokens.iter().for_each(|token| ui.data(&format!("{}\n", lines::value(token))));
        }
        Output::Text => {
            let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
            let rows: Vec<Vec<String>> =
                tokens.iter().map(|token| columns.iter().map(|it| it.of(token)).collect()).collect();
            ui.data(&if csv { table::csv(&names, &rows) } else { table::text(&names, &rows) });
            ui.say(&match tokens.len() {
                0 => "No token fits.".to_owned(),
                n => format!("{}.", counted(n, "token")),
            });
        }
    }
}
