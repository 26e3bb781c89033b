//! The language of the scenes: who, what is typed, what is done by hand, time, sign-ins; all of it written down.
//!
//! Owns: [`Scene`] and its words. Does not own: the tenant and the vault behind it ([`Helpdesk`]), the text files
//! ([`holds_scene`]).

use std::fmt::Write as _;
use std::sync::Arc;

use oathctl_sim::hands::{Act, Deed};
use oathctl_sim::secret::CodeText;
use tokio::sync::Notify;

use crate::everyday::desk::Helpdesk;
use crate::host::{NOON_MS, OnNotice, Setting};
use crate::tenant::Ran;
use crate::transcript::{holds_scene, shown};

const DAY_MS: i64 = 86_400_000;

/// Who plays, by place in the practice tenant. In what is typed and told these words stand for user principal names.
const CAST: &[(&str, u32)] = &[
    ("BJOERN", 1),
    ("CHLOE", 2),
    ("DILEK", 3),
    // Nothing but a password beside the token.
    ("IPEK", 8),
    // Holds a directory role.
    ("ADMIN", 31),
    // Has five authenticator apps.
    ("FIVE", 43),
];

/// One case under way.
pub struct Scene {
    pub desk: Helpdesk,
    story: String,
    ends_with_a_sign_in: bool,
}

/// Plays a case with so many devices in the box (T000001 and on) and holds its text.
pub fn scene(name: &str, title: &str, devices: usize, play: impl FnOnce(&mut Scene)) {
    scene_in(Helpdesk::new(devices), name, title, play);
}

/// The same at another desk.
pub fn scene_in(desk: Helpdesk, name: &str, title: &str, play: impl FnOnce(&mut Scene)) {
    let mut scene = Scene { desk, story: format!("{title}\n"), ends_with_a_sign_in: false };
    play(&mut scene);
    assert!(scene.ends_with_a_sign_in, "a scene ends with a sign-in");
    holds_scene(name, &scene.story);
}

impl Scene {
    /// Something the audience has to know.
    pub fn note(&mut self, text: &str) {
        let text = self.cast(text);
        self.tell(&format!("# {text}"));
    }

    /// A command that ends well.
    pub fn run(&mut self, line: &str) -> Ran {
        self.ends(line, 0)
    }

    /// A command that ends with this code.
    pub fn ends(&mut self, line: &str, code: u8) -> Ran {
        let now = self.now();
        let ran = self.desk.run_with(&self.cast(line), |setting| setting.begins_ms = now);
        self.took(&ran, code);
        ran
    }

    /// A command that somebody stops with Ctrl-C while its first call is under way.
    pub fn stopped(&mut self, line: &str) -> Ran {
        let notice = Arc::new(Notify::new());
        let interrupts = Arc::new(OnNotice(Arc::clone(&notice)));
        let now = self.now();
        let set = |setting: &mut Setting| {
            setting.env.insert("OATHCTL_VAULT_KEY_FILE".into(), "desk.key".into());
            (setting.begins_ms, setting.interrupts) = (now, interrupts);
        };
        self.desk.tenant.set("latency_ms", "250");
        let line = format!("oathctl {} -v", self.cast(line));
        let ran = self.desk.tenant.run_with(&line, set, |err| err.when("call 1: ", &notice));
        self.desk.tenant.set("latency_ms", "0");
        self.took(&ran, 130);
        ran
    }

    /// A file somebody wrote.
    pub fn file(&mut self, name: &str, text: &str) {
        let text = self.cast(text);
        self.desk.tenant.write(name, &text);
        self.tell(&format!("# {name}:\n#   {}", text.trim_end().replace('\n', "\n#   ")));
    }

    /// Done by hand, beside oathctl.
    pub fn by_hand(&mut self, serial: &str, act: Act) {
        let said = said(serial, &act);
        let act = match act {
            Act::Assign { upn } => Act::Assign { upn: self.cast(&upn) },
            Act::Claim { upn, code } => Act::Claim { upn: self.cast(&upn), code },
            other => other,
        };
        let deed = Deed { serial: serial.to_owned(), act };
        let done = self.desk.tenant.sim.with(|parts, now| parts.by_hand(deed, now));
        done.unwrap();
        let said = self.cast(&said);
        self.tell(&format!("By hand: {said}"));
    }

    /// An administrator activates it with the code that the device shows.
    pub fn activates_by_hand(&mut self, serial: &str) {
        self.step();
        self.by_hand(serial, Act::Activate { code: None::<CodeText> });
    }

    /// Days go by, for everybody.
    pub fn days(&mut self, days: i64) {
        self.desk.tenant.sim.lock().advance_ms += days * DAY_MS;
        self.tell(&if days == 1 { "A day goes by.".to_owned() } else { format!("{days} days go by.") });
    }

    /// What happens to somebody's account.
    pub fn account(&mut self, who: &str, what: Account) {
        let upn = self.cast(who);
        let is_done = self.desk.tenant.sim.with(|parts, now| {
            let people = &parts.world.people;
            let ix = people.by_upn(&upn).or_else(|| people.deleted_by_upn(&upn)).expect("somebody");
            match what {
                Account::Deleted => parts.world.delete_person(ix, now),
                Account::Restored => parts.world.restore_person(ix),
                Account::Renamed(new) => parts.world.rename_person(ix, new),
                Account::Disabled | Account::Enabled => {
                    parts.world.set_enabled(ix, what == Account::Enabled);
                    true
                }
            }
        });
        assert!(is_done, "{upn}: {what:?}");
        self.tell(&match what {
            Account::Deleted => format!("By hand: the account of {upn} is deleted."),
            Account::Restored => format!("By hand: the account of {upn} is restored."),
            Account::Disabled => format!("By hand: the account of {upn} is disabled."),
            Account::Enabled => format!("By hand: the account of {upn} is enabled again."),
            Account::Renamed(new) => format!("By hand: {upn} is called {new} now."),
        });
    }

    /// Its battery dies.
    pub fn breaks(&mut self, serial: &str) {
        self.desk.tenant.sim.with(|parts, _| parts.devices.get_mut(serial).unwrap().broken = true);
        self.tell(&format!("The display of {serial} stays dark."));
    }

    /// Its clock is so many seconds ahead.
    pub fn drifts(&mut self, serial: &str, drift_s: i64) {
        self.desk.tenant.sim.with(|parts, _| parts.devices.get_mut(serial).unwrap().drift_s = drift_s);
        self.tell(&format!("The clock of {serial} is {drift_s} seconds ahead by now."));
    }

    /// The true device lets its person in.
    pub fn lets_in(&mut self, who: &str, serial: &str) {
        self.signs_in(who, serial, Ok(()));
    }

    /// It doesn't, for this reason.
    pub fn keeps_out(&mut self, who: &str, serial: &str, reason: &str) {
        self.signs_in(who, serial, Err(reason.to_owned()));
    }

    fn signs_in(&mut self, who: &str, serial: &str, wanted: Result<(), String>) {
        let upn = self.cast(who);
        let tried = self.desk.tries(serial, &upn);
        assert_eq!(tried, wanted, "{upn} with {serial}\n{}", self.story);
        let how = tried.map_or_else(|reason| format!("refused ({reason})"), |()| "let in".to_owned());
        self.tell(&format!("Sign-in: {upn} with {serial}: {how}."));
        self.ends_with_a_sign_in = true;
    }

    /// The next code, so that none is used twice.
    fn step(&mut self) {
        self.desk.tenant.sim.lock().advance_ms += 60_000;
    }

    /// What everybody's clock shows at the beginning of the test, moved by all that went by.
    fn now(&self) -> i64 {
        NOON_MS + self.desk.tenant.sim.lock().advance_ms
    }

    fn took(&mut self, ran: &Ran, code: u8) {
        let text = shown(ran);
        assert_eq!(ran.code, code, "{}\n{text}", self.story);
        self.tell(text.trim_end());
        self.ends_with_a_sign_in = false;
    }

    fn tell(&mut self, text: &str) {
        let _ = writeln!(self.story, "\n{text}");
    }

    fn cast(&self, text: &str) -> String {
        CAST.iter().fold(text.to_owned(), |text, (name, place)| match text.contains(name) {
            true => text.replace(name, &self.desk.upn(*place)),
            false => text,
        })
    }
}

/// What happens to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    Deleted,
    Restored,
    Disabled,
    Enabled,
    Renamed(&'static str),
}

fn said(serial: &str, act: &Act) -> String {
    match act {
        Act::Assign { upn } => format!("an administrator gives {serial} to {upn}."),
        Act::Activate { .. } => format!("an administrator activates {serial} with the code it shows."),
        Act::Deactivate => format!("an administrator deactivates {serial}."),
        Act::Unassign => format!("an administrator takes {serial} from its holder."),
        Act::Rename { name } => format!("an administrator calls {serial} \"{name}\"."),
        Act::Delete => format!("an administrator deletes {serial}."),
        Act::Claim { upn, .. } => format!("{upn} registers {serial} in Security info."),
        Act::Remove => format!("the holder of {serial} removes it in Security info."),
    }
}
