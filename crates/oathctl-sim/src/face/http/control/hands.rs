//! Deeds by hand, as told over the control routes.

use serde_json::{Value, json};

use super::{Told, body, wrong};
use crate::face::http::Face;
use crate::face::http::call::Call;
use crate::hands::{Act, Deed};
use crate::secret::CodeText;

/// What `do` may say.
const ACTS: &str = "assign, activate, deactivate, unassign, rename, delete, claim or remove";

/// `{"do", "serial"}`, with `upn` for `assign` and `claim`, `name` for `rename`, and `code` where the device's own is not
/// meant: 200 with `ok` and, if not, the reason.
pub(super) fn act(face: &Face, call: &Call) -> Told {
    let body = match body(call) {
        Ok(body) => body,
        Err(told) => return told,
    };
    let Some(serial) = body["serial"].as_str() else { return wrong("serial is needed, as text") };
    let act = match read(&body) {
        Ok(act) => act,
        Err(needed) => return wrong(needed),
    };
    let deed = Deed { serial: serial.to_owned(), act };
    face.sim.with(|parts, now| {
        let outcome = parts.by_hand(deed, now);
        let reason = outcome.as_ref().err().map(ToString::to_string);
        (200, json!({"ok": outcome.is_ok(), "reason": reason}))
    })
}

fn read(body: &Value) -> Result<Act, String> {
    let text = |name: &str| {
        body[name].as_str().map(str::to_owned).ok_or_else(|| format!("{name} is needed, as text"))
    };
    let code = || match &body["code"] {
        Value::Null => Ok(None),
        Value::String(code) => Ok(Some(CodeText::new(code.clone()))),
        _ => Err("code is needed as text, or not at all".to_owned()),
    };
    Ok(match text("do")?.as_str() {
        "assign" => Act::Assign { upn: text("upn")? },
        "activate" => Act::Activate { code: code()? },
        "deactivate" => Act::Deactivate,
        "unassign" => Act::Unassign,
        "rename" => Act::Rename { name: text("name")? },
        "delete" => Act::Delete,
        "claim" => Act::Claim { upn: text("upn")?, code: code()? },
        "remove" => Act::Remove,
        _ => return Err(format!("do: {ACTS}")),
    })
}
