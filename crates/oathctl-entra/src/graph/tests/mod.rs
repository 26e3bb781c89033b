//! The back end against hand-written replies: one test per status or shape.

mod activation;
mod creation;
mod held;
mod inspection;
mod people;
mod reading;
mod search;
mod writing;

use serde_json::{Value, json};

/// The inner replies of a batch, in the order given.
fn batch(responses: Vec<Value>) -> Value {
    json!({ "responses": responses })
}

/// One inner reply.
fn inner(id: u32, status: u16, body: Value) -> Value {
    json!({"id": id.to_string(), "status": status, "body": body})
}

/// A device as lists show it.
fn device(id: &str, serial: &str) -> Value {
    json!({"id": id, "serialNumber": serial, "manufacturer": "M", "model": "X", "secretKey": null,
        "timeIntervalInSeconds": 30, "status": "available", "hashFunction": "hmacsha1", "assignedTo": null})
}
