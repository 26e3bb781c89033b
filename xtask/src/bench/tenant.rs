//! The practice tenant as a process of its own: started, asked for devices and counts, ended.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::folder::Folder;
use super::http;
use super::people;

/// What `oathctl sim` is started with, beside its people.
const SWITCHES: [&str; 2] = ["--set", "latency_ms=100"];
/// The file of people.
const PEOPLE: &str = "people.csv";

/// It runs until dropped.
pub struct Tenant {
    child: Child,
    ready: Value,
}

/// What a reader of the figures must know of it.
pub fn note() -> String {
    format!(
        "Activation: against `oathctl sim --users {PEOPLE} {}`, a new process for each run, on the same machine, over \
         HTTP on loopback; every request takes 100 ms, there is no quota. Each token has its person; \
         guests, administrators and disabled accounts stand beside them. Afterwards every row of the report is \
         `activated`, and the tenant itself holds every token active with its person.",
        SWITCHES.join(" ")
    )
}

impl Tenant {
    /// A fresh one with so many people who can take a token.
    pub fn start(program: &Path, folder: &Folder, usable: usize) -> Result<Self, String> {
        folder.write(PEOPLE, &people::file(usable))?;
        let mut command = Command::new(program);
        command.args(["sim", "--users", PEOPLE]).args(SWITCHES).current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child =
            command.spawn().map_err(|why| format!("the practice tenant could not be started: {why}."))?;
        let mut line = String::new();
        let read = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut line));
        // From here on the process ends with the value.
        let mut tenant = Self { child, ready: Value::Null };
        if !matches!(read, Some(Ok(1..))) {
            return Err("the practice tenant ended before it said where it listens.".into());
        }
        tenant.ready = serde_json::from_str(&line)
            .map_err(|why| format!("the practice tenant's first line is no JSON: {why}."))?;
        Ok(tenant)
    }

    /// The environment of a program that is to work on it.
    pub fn environment(&self) -> [(&'static str, &str); 5] {
        [
            ("OATHCTL_GRAPH_URL", self.told("graph_url")),
            ("AZURE_AUTHORITY_HOST", self.told("authority")),
            ("AZURE_TENANT_ID", self.told("tenant_id")),
            ("AZURE_CLIENT_ID", self.told("client_id")),
            ("AZURE_CLIENT_SECRET", self.told("client_secret")),
        ]
    }

    /// A vendor's file: so many new devices, one for each usable person.
    pub fn box_of_tokens(&self, count: usize) -> Result<String, String> {
        let made = self.control("POST", "/devices", Some(&json!({"generate": count, "prefix": "B"})))?;
        let devices = made["devices"].as_array().filter(|list| list.len() == count);
        let devices = devices.ok_or("the practice tenant made another number of devices.")?;
        let mut csv = String::from("upn,serial number,secret key,time interval,manufacturer,model\r\n");
        for (place, device) in devices.iter().enumerate() {
            let (serial, seed) = (text(&device["serial"]), text(&device["seed"]));
            csv.push_str(&format!(
                "{},{serial},{seed},{},Practice,P-1\r\n",
                people::upn(place),
                device["period"]
            ));
        }
        Ok(csv)
    }

    /// HTTP requests to sign-in and Graph since it was started, as the tenant itself counted them.
    pub fn requests(&self) -> Result<u64, String> {
        let stats = self.control("GET", "/stats", None)?;
        stats["requests"].as_u64().ok_or_else(|| "the practice tenant's figures lack `requests`.".into())
    }

    /// Tokens that are active and with the person at their place in the file.
    pub fn rightly_active(&self, csv: &str) -> Result<usize, String> {
        let state = self.control("GET", "/state", None)?;
        let tokens = state["tokens"].as_array().ok_or("the practice tenant shows no tokens.")?;
        let wanted: std::collections::BTreeSet<(&str, &str)> = csv
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(','))
            .map(|(upn, rest)| (upn, serial(rest)))
            .collect();
        let right = tokens.iter().filter(|token| {
            let pair = (text(&token["holder"]["upn"]), text(&token["serial"]));
            token["status"] == "activated" && wanted.contains(&pair)
        });
        Ok(right.count())
    }

    fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        http::call(method, &format!("{}{path}", self.told("control_url")), body)
    }

    fn told(&self, key: &str) -> &str {
        text(&self.ready[key])
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serial(rest: &str) -> &str {
    rest.split(',').next().unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
