//! The drawer of devices: put in, bend, press the button.

use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use super::{Told, body, wrong};
use crate::device::{Device, generate};
use crate::face::http::Face;
use crate::face::http::call::Call;
use crate::rng::Rng;
use crate::secret::SeedBytes;
use crate::totp::Hash;

/// `{"devices": [{serial, seed, hash, digits, period, drift_s, broken, wrong_seed}]}` puts devices in;
/// `{"generate": n, "prefix": "P"}` invents some and, this once, tells their seeds as a vendor's file would.
pub(super) fn add(face: &Face, call: &Call) -> Told {
    let body = match body(call) {
        Ok(body) => body,
        Err(told) => return told,
    };
    if let Some(count) = body["generate"].as_u64() {
        return invent(face, count.min(100_000), body["prefix"].as_str().unwrap_or("P"));
    }
    let Some(list) = body["devices"].as_array() else { return wrong("devices: a list is needed") };
    let mut read = Vec::with_capacity(list.len());
    for (place, item) in list.iter().enumerate() {
        match device(face, item) {
            Some(device) => read.push(device),
            None => {
                return wrong(format!(
                    "devices[{place}]: serial and a Base32 seed are needed, hash sha1, sha256 or sha512"
                ));
            }
        }
    }
    let count = read.len();
    face.sim.with(|parts, _| read.into_iter().for_each(|device| parts.devices.add(device)));
    (201, json!({"added": count}))
}

fn device(face: &Face, item: &Value) -> Option<Device> {
    let seed = item["seed"].as_str()?.replace([' ', '='], "").to_ascii_uppercase();
    let mut seed = BASE32_NOPAD.decode(seed.as_bytes()).ok()?;
    if item["wrong_seed"].as_bool() == Some(true) {
        seed = face.sim.with(|parts, _| parts.world.rng().bytes(seed.len()));
    }
    Some(Device {
        serial: item["serial"].as_str()?.to_owned(),
        seed: SeedBytes::new(seed),
        hash: Hash::parse(item["hash"].as_str().unwrap_or("sha1"))?,
        digits: item["digits"].as_u64().and_then(|n| u8::try_from(n).ok()).unwrap_or(6),
        period_s: item["period"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(30),
        drift_s: item["drift_s"].as_i64().unwrap_or(0),
        broken: item["broken"].as_bool().unwrap_or(false),
    })
}

fn invent(face: &Face, count: u64, prefix: &str) -> Told {
    // Another prefix is another box: other seeds.
    let seed =
        prefix.bytes().fold(face.sim.setup().seed ^ 0x0DE7_1CE5, |s, b| s.rotate_left(9) ^ u64::from(b));
    let mut rng = Rng::new(seed);
    let devices = generate(&mut rng, usize::try_from(count).unwrap_or(0), prefix);
    let list: Vec<Value> = devices
        .iter()
        .map(|d| {
            json!({
                "serial": d.serial, "seed": BASE32_NOPAD.encode(d.seed.open()), "hash": "sha1",
                "digits": d.digits, "period": d.period_s,
            })
        })
        .collect();
    face.sim.with(|parts, _| devices.into_iter().for_each(|device| parts.devices.add(device)));
    (201, json!({"devices": list}))
}

pub(super) fn list(face: &Face) -> Value {
    face.sim.with(|parts, _| {
        let list: Vec<Value> = parts
            .devices
            .iter()
            .map(|d| {
                json!({
                    "serial": d.serial, "digits": d.digits, "period": d.period_s, "drift_s": d.drift_s,
                    "broken": d.broken,
                })
            })
            .collect();
        json!({"devices": list})
    })
}

/// `{"drift_s": n, "broken": bool}`.
pub(super) fn bend(face: &Face, call: &Call) -> Told {
    let body = match body(call) {
        Ok(body) => body,
        Err(told) => return told,
    };
    face.sim.with(|parts, _| match parts.devices.get_mut(&call.segments[2]) {
        Some(device) => {
            device.drift_s = body["drift_s"].as_i64().unwrap_or(device.drift_s);
            device.broken = body["broken"].as_bool().unwrap_or(device.broken);
            (200, json!({"serial": device.serial}))
        }
        None => (404, json!({"error": "no such device"})),
    })
}

pub(super) fn press(face: &Face, call: &Call) -> Told {
    face.sim.with(|parts, now| {
        let Some(device) = parts.devices.get(&call.segments[2]) else {
            return (404, json!({"error": "no such device"}));
        };
        match device.press(now) {
            Some(shown) => (
                200,
                json!({
                    "serial": device.serial, "code": shown.code.open(),
                    "valid_from_ms": shown.valid_from, "valid_until_ms": shown.valid_until,
                }),
            ),
            None => (409, json!({"error": "the display stays dark"})),
        }
    })
}
