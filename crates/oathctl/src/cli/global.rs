//! Flags that every command knows.

use std::time::Duration;

use clap::{Args, ValueEnum};
use oathctl_core::pace::Cap;

use super::values::{cap, duration};

/// Flags that every command knows; those of the connection mean nothing to offline commands.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Tenant: its id or one of its domains [environment: AZURE_TENANT_ID]
    #[arg(long, global = true, value_name = "ID", hide_short_help = true)]
    pub tenant: Option<String>,
    /// How the tenant is reached [default: graph]
    #[arg(long, global = true, value_name = "graph", value_parser = ["graph"], hide_short_help = true)]
    pub backend: Option<String>,
    /// How to sign in [default: client-secret] [environment: OATHCTL_AUTH]
    #[arg(long, global = true, value_name = "WAY", value_parser = ["client-secret"], hide_short_help = true)]
    pub auth: Option<String>,
    /// Configuration file, TOML [environment: OATHCTL_CONFIG]
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub config: Option<String>,
    /// Folder of everything that lasts [environment: OATHCTL_STATE_DIR]
    #[arg(long, global = true, value_name = "FOLDER", hide_short_help = true)]
    pub state_dir: Option<String>,
    /// Where journal and vault are kept, `sqlite:PATH` or `postgres://USER@HOST/DATABASE` [environment: OATHCTL_STORE]
    #[arg(long, global = true, value_name = "STORE", hide_short_help = true)]
    pub store: Option<String>,
    /// What goes to standard output: text, json (one document), ndjson (one event a line) [default: text]
    #[arg(long, global = true, value_enum, value_name = "FORM")]
    pub output: Option<Output>,
    /// When to colour: auto, always, never [default: auto; NO_COLOR is honoured]
    #[arg(long, global = true, value_enum, value_name = "WHEN", hide_short_help = true)]
    pub color: Option<ColourWhen>,
    /// Say only what was asked for and what went wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more; twice for still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Write what goes to standard error into this file as well
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub log_file: Option<String>,
    /// Answer the confirmation with yes; never answers the gate
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Never more operations than this, as in 100/10s
    #[arg(long, global = true, value_name = "N/DURATION", value_parser = cap, hide_short_help = true)]
    pub pace: Option<Cap>,
    /// Longest wait the tenant may ask for [default: 10m]
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration, hide_short_help = true)]
    pub max_wait: Option<Duration>,
    /// Longest time for one request [default: 100s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration, hide_short_help = true)]
    pub timeout: Option<Duration>,
    /// A host that is neither Microsoft's nor loopback, to which seeds may go all the same
    #[arg(long, global = true, value_name = "HOST", hide_short_help = true)]
    pub custom_endpoint: Option<String>,
    /// Seeds and codes may go through a proxy that reads along (TLS inspection)
    #[arg(long, global = true, hide_short_help = true)]
    pub allow_inspected_tls: bool,
}

/// What goes to standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// One document.
    Json,
    /// One event a line.
    Ndjson,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColourWhen {
    /// On terminals.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
