//! A PostgreSQL for the tests: its own data in a temporary folder, on loopback, as a user without rights; gone with
//! the chore. Nothing of it lasts, so it does not wait for the disk.

mod programs;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use programs::{Programs, User};

/// What tells the tests where it is; set already, it names a server that is used instead.
pub const VARIABLE: &str = "OATHCTL_TEST_POSTGRES";

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; dropping it stops it and removes its data.
pub struct Server {
    /// `postgres://USER@127.0.0.1:PORT/DATABASE`; whoever it is needs no password.
    pub address: String,
    _running: Option<Running>,
}

struct Running {
    programs: Programs,
    user: Option<User>,
    folder: PathBuf,
    child: Option<Child>,
}

/// Starts one, after installing the package where that is possible; else says what is missing.
pub fn start() -> Result<Server, String> {
    if let Ok(address) = std::env::var(VARIABLE) {
        println!("PostgreSQL: the one that {VARIABLE} names.");
        return Ok(Server { address, _running: None });
    }
    let programs = Programs::find_or_install()?;
    let user = User::without_rights()?;
    let folder = std::env::temp_dir().join(format!("oathctl-postgres-{}", std::process::id()));
    let mut running = Running { programs, user, folder, child: None };
    running.make_data()?;
    let port = running.serve()?;
    let who = running.user.as_ref().map_or("this user", |user| user.name);
    println!("PostgreSQL for the tests: {}, 127.0.0.1:{port}, as {who}.", running.programs.version());
    Ok(Server { address: format!("postgres://oathctl@127.0.0.1:{port}/postgres"), _running: Some(running) })
}

impl Running {
    fn make_data(&mut self) -> Result<(), String> {
        fs::create_dir(&self.folder)
            .map_err(|why| format!("{} can't be made: {why}.", self.folder.display()))?;
        if let Some(user) = &self.user {
            user.give(&self.folder)?;
        }
        let mut initdb = self.command("initdb");
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--username=oathctl",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
        ]);
        let out =
            initdb.arg(self.data()).output().map_err(|why| format!("initdb could not be started: {why}."))?;
        if !out.status.success() {
            return Err(format!(
                "initdb ended with {}: {}",
                out.status,
                String::from_utf8_lossy(&out.stderr)
            ));
        }
        // One role has a password, so that the tests can show theirs.
        let rules = "host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n";
        fs::write(self.data().join("pg_hba.conf"), rules).map_err(|why| format!("pg_hba.conf: {why}."))
    }

    /// A port found free may be taken a moment later: then another.
    fn serve(&mut self) -> Result<u16, String> {
        let mut last = String::new();
        for _ in 0..5 {
            let listener =
                TcpListener::bind("127.0.0.1:0").map_err(|why| format!("no port on loopback: {why}."))?;
            let port = listener.local_addr().map_err(|why| format!("no port on loopback: {why}."))?.port();
            drop(listener);
            match self.serve_on(port) {
                Ok(()) => return Ok(port),
                Err(why) => last = why,
            }
        }
        Err(format!("PostgreSQL does not start: {last}"))
    }

    fn serve_on(&mut self, port: u16) -> Result<(), String> {
        let log = fs::File::create(self.folder.join("log")).map_err(|why| format!("its log: {why}."))?;
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).args(["-p", &port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "fsync=off",
            "full_page_writes=off",
        ] {
            postgres.args(["-c", setting]);
        }
        postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(postgres.spawn().map_err(|why| format!("it could not be started: {why}."))?);
        self.wait_until_ready()
    }

    /// The last line of `postmaster.pid` says how it is: <https://www.postgresql.org/docs/current/storage-file-layout.html>.
    fn wait_until_ready(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                self.child = None;
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(format!("it ended with {status}: {log}"));
            }
            let state = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|state| state.trim() == "ready") {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(format!("it was not ready after {} s.", PATIENCE.as_secs()))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.path(program));
        command.current_dir(&self.folder);
        if let Some(user) = &self.user {
            user.run_as(&mut command);
        }
        command
    }

    fn stop(&mut self) {
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "--mode=immediate", "-D"]).arg(self.data());
        let stopped = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if let Some(child) = &mut self.child {
            if !stopped.is_ok_and(|status| status.success()) {
                let _ = child.kill();
            }
            let _ = child.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    if let Err(why) = fs::remove_dir_all(folder) {
        println!("PostgreSQL's folder {} was left: {why}.", folder.display());
    }
}
