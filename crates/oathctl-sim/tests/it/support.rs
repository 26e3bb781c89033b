//! A client of its own, and shorthands for what tests do again and again.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use data_encoding::BASE32_NOPAD;
use oathctl_sim::device::{Device, generate};
use oathctl_sim::face::http::{SimFault, router};
use oathctl_sim::rng::Rng;
use oathctl_sim::time::ManualTime;
use oathctl_sim::world::Person;
use oathctl_sim::{Setup, Sim};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const INV: &str = "/beta/directory/authenticationMethodDevices/hardwareOathDevices";
/// 2026-11-22T03:40:00Z.
pub const START: i64 = 1_795_318_800_000;

pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    pub text: String,
    pub fault: Option<SimFault>,
}

impl Reply {
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or("")
    }
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or("")
    }
}

pub struct Tenant {
    pub sim: Sim,
    pub time: Arc<ManualTime>,
    router: Router,
    bearer: String,
}

/// A tenant of 100 people with these switches, signed in.
pub async fn tenant(options: &[(&str, &str)]) -> Tenant {
    tenant_of(Setup::default(), options).await
}

pub async fn tenant_of(mut setup: Setup, options: &[(&str, &str)]) -> Tenant {
    for (key, value) in options {
        setup.options.set(key, value).unwrap();
    }
    let time = Arc::new(ManualTime::at(START));
    let sim = Sim::new(setup, time.clone());
    let mut tenant = Tenant { router: router(sim.clone()), sim, time, bearer: String::new() };
    tenant.sign_in_app().await;
    tenant
}

impl Tenant {
    pub async fn sign_in_app(&mut self) {
        let app = self.sim.app();
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
            app.client_id,
            app.client_secret.open()
        );
        let reply = self.login(&app.tenant_id.to_string(), &form).await;
        self.bearer = reply.body["access_token"].as_str().unwrap_or("").to_owned();
    }

    pub async fn login(&self, named: &str, form: &str) -> Reply {
        let request = Request::post(format!("/{named}/oauth2/v2.0/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        self.raw(request).await
    }

    pub async fn raw(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let fault = response.extensions().get::<SimFault>().copied();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let headers = parts.headers.iter().map(|(k, v)| (k.to_string(), v.to_str().unwrap().to_owned()));
        Reply {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            fault,
        }
    }

    pub async fn call_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:9")
            .header("authorization", format!("Bearer {}", self.bearer));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.raw(request.body(body).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call_with("GET", path, &[], None).await
    }
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call_with("POST", path, &[], Some(body)).await
    }
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.call_with("PATCH", path, &[], Some(body)).await
    }
    pub async fn delete(&self, path: &str) -> Reply {
        self.call_with("DELETE", path, &[], None).await
    }

    pub fn set(&self, key: &str, value: &str) {
        self.sim.with(|parts, _| parts.world.set_option(key, value).unwrap());
    }

    /// The n-th ordinary person: no guest, enabled, no role, no five apps.
    pub fn person(&self, n: usize) -> Person {
        self.sim.with(|parts, _| {
            let fit = |p: &&Person| {
                p.enabled && !p.guest && p.roles.is_empty() && p.methods.len() < 5 && p.deleted_at.is_none()
            };
            parts.world.people.iter().map(|(_, p)| p).filter(fit).nth(n).unwrap().clone()
        })
    }

    pub fn person_where(&self, fit: impl Fn(&Person) -> bool) -> Person {
        self.sim.with(|parts, _| parts.world.people.iter().map(|(_, p)| p).find(|p| fit(p)).unwrap().clone())
    }

    /// Devices without drift, known to the drawer.
    pub fn devices(&self, count: usize) -> Vec<Device> {
        let mut devices = generate(&mut Rng::new(9), count, "SN-");
        for device in &mut devices {
            device.drift_s = 0;
        }
        self.sim.with(|parts, _| devices.iter().for_each(|d| parts.devices.add(d.clone())));
        devices
    }

    pub fn code(&self, device: &Device) -> String {
        self.sim.with(|_, now| device.press(now).unwrap().code.open().clone())
    }

    /// Creates the device's token for a person and gives back its id.
    pub async fn assigned(&self, device: &Device, person: &Person) -> String {
        let mut body = new_device(device);
        body["assignTo"] = json!({"id": person.id.to_string()});
        let reply = self.post(INV, body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.body["id"].as_str().unwrap().to_owned()
    }

    pub async fn activate(&self, person: &Person, id: &str, code: &str) -> Reply {
        self.post(&format!("{}/{id}/activate", methods(person)), json!({"verificationCode": code})).await
    }

    pub async fn sign_in(&self, person: &Person, code: &str) -> Value {
        self.post("/_sim/sign-in", json!({"upn": person.upn, "code": code})).await.body
    }
}

pub fn methods(person: &Person) -> String {
    format!("/beta/users/{}/authentication/hardwareOathMethods", person.id)
}

pub fn new_device(device: &Device) -> Value {
    json!({
        "serialNumber": device.serial, "manufacturer": "Practice", "model": "P-1",
        "secretKey": BASE32_NOPAD.encode(device.seed.open()), "timeIntervalInSeconds": device.period_s,
        "hashFunction": device.hash.graph_name(),
    })
}

pub fn bulk_of(items: Vec<Value>) -> Value {
    json!({"@context": "#$delta", "value": items})
}
