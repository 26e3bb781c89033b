//! A plan as it lies on disk: `oathctl.plan/1` with what is needed to read the same input again, under one digest.
//!
//! Owns: [`PlanFile`], its digest. Does not own: the plan ([`oathctl_core::plan`]).

use oathctl_core::plan::{PLAN_SCHEMA, Plan, canonical_json};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::walk::Recorded;

/// What stands beside the plan's own fields.
const RECORDED: &str = "recorded";

/// A plan and what was recorded of its command line.
pub struct PlanFile {
    /// The plan.
    pub plan: Plan,
    /// How its input was read.
    pub recorded: Recorded,
    digest: String,
}

impl PlanFile {
    /// A new one, under its digest.
    pub fn new(plan: Plan, recorded: Recorded) -> Self {
        let mut file = Self { plan, recorded, digest: String::new() };
        file.digest = digest_of(file.value());
        file
    }

    /// SHA-256 over the canonical JSON of all the rest, lower-case hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Writes it, for us alone.
    pub fn write(&self, desk: &Desk, path: &str) -> Result<(), Failure> {
        let mut value = self.value();
        value["digest"] = Value::String(self.digest.clone());
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        desk.fs
            .write_private(path, format!("{text}\n").as_bytes())
            .map_err(|error| Failure::unwritable("The plan", path, &error))
    }

    /// Reads one and holds it against its digest.
    pub fn read(desk: &Desk, path: &str) -> Result<Self, Failure> {
        let text = desk.fs.read_text(path).map_err(|error| Failure::unreadable("The plan", path, &error))?;
        let unfit = |why: &str| {
            Failure::gate(format!("The plan {} can't be used.", quoted(path)))
                .because(why)
                .advice("Make it anew with `oathctl plan`.")
        };
        let mut value: Value = serde_json::from_str(&text).map_err(|_| unfit("it is no JSON"))?;
        if value["schema"].as_str() != Some(PLAN_SCHEMA) {
            return Err(unfit("it is not of the schema oathctl.plan/1"));
        }
        let digest = value["digest"].as_str().unwrap_or_default().to_owned();
        if digest != digest_of(value.clone()) {
            return Err(unfit("it was changed after it was made: its digest doesn't fit"));
        }
        let recorded = value.as_object_mut().and_then(|map| map.remove(RECORDED)).unwrap_or_default();
        let plan = serde_json::from_value(value).map_err(|_| unfit("parts of it are missing"))?;
        let recorded = serde_json::from_value(recorded).map_err(|_| unfit("parts of it are missing"))?;
        Ok(Self { plan, recorded, digest })
    }

    fn value(&self) -> Value {
        let mut value = serde_json::to_value(&self.plan).unwrap_or_default();
        value[RECORDED] = self.recorded.to_value();
        value
    }
}

fn digest_of(mut value: Value) -> String {
    if let Some(map) = value.as_object_mut() {
        map.remove("digest");
    }
    Sha256::digest(canonical_json(&value).as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
