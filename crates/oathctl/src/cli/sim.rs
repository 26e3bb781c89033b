//! `oathctl sim`: the practice tenant, served on loopback until Ctrl-C.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::Args;
use oathctl_core::report::Exit;

use super::planning::Reading;
use crate::desk::Desk;
use crate::failure::{Failure, io_words, quoted};
use crate::input::{self, How};
use crate::keys::Keys;
use crate::places::Places;
use crate::practice::{self, Practice};

/// Serve the practice tenant on this machine, until Ctrl-C.
///
/// The first line on standard output says where it listens and how to sign in.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl sim\n  \
    oathctl sim --listen 127.0.0.1:8787 --users 1000 --set throttle=token_bucket\n  \
    oathctl sim --list-options")]
pub struct Sim {
    /// Where to listen: a loopback address; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0))]
    listen: SocketAddr,
    /// The same seed gives the same tenant
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many invented people, or a file with people: upn[,display name][,guest|disabled|admin|phone|apps=N]…
    #[arg(long, value_name = "N|FILE", default_value = "100")]
    users: String,
    /// A seed file: its tokens become devices whose button can be pressed
    #[arg(long, value_name = "FILE")]
    devices: Option<String>,
    /// Set a switch; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A file of KEY=VALUE lines
    #[arg(long, value_name = "FILE")]
    options: Option<String>,
    /// List every switch with its values, its default and how certain the fact behind it is
    #[arg(long)]
    list_options: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    keys: Keys,
}

impl Sim {
    pub(super) fn places(&self) -> Places {
        self.keys
            .places(Places::default())
            .read("the list of `--users`", Some(&self.users))
            .read("the file of `--devices`", self.devices.as_deref())
            .read("the file of `--options`", self.options.as_deref())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        if self.list_options {
            desk.ui.data(&practice::list_options());
            return Ok(Exit::Ok);
        }
        let (people, given) = practice::people(desk, &self.users)?;
        let options = practice::options(desk, self.options.as_deref(), &self.set)?;
        let how = How::new(&self.reading, &self.keys);
        let devices = self.devices.as_deref().map(|file| input::load(desk, file, None, how)).transpose()?;
        let listening = |error: &std::io::Error| {
            Failure::usage(format!(
                "The practice tenant can't listen at {}.",
                quoted(&self.listen.to_string())
            ))
            .because(io_words(error))
            .advice("Name a loopback address with a free port, as in 127.0.0.1:8787, or port 0 for any.")
        };
        desk.block_on(async {
            let practice = Practice::new(desk, self.seed, people, given, options);
            if let Some(devices) = &devices {
                practice.put_in(&devices.table);
            }
            let (listener, ready) = practice.bind(self.listen).map_err(|error| listening(&error))?;
            let line = serde_json::to_string(&ready).unwrap_or_default();
            desk.ui.data(&format!("{line}\n"));
            desk.ui.mark_practice();
            for line in practice::how_to(&ready) {
                desk.ui.say(&line);
            }
            practice.serve(listener, desk.interrupts.next()).await.map_err(|error| listening(&error))?;
            Ok(Exit::Ok)
        })
    }
}
