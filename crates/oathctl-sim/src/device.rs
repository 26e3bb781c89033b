//! The devices people carry: what each really shows, whatever a vendor file or the tenant believes.

use std::collections::BTreeMap;

use crate::rng::Rng;
use crate::secret::{CodeText, SeedBytes};
use crate::totp::{Codes, Hash};

/// One device with the seed it was built with and a clock of its own.
#[derive(Debug, Clone)]
pub struct Device {
    /// Serial as printed on the back.
    pub serial: String,
    /// The seed in the chip.
    pub seed: SeedBytes,
    /// The hash in the chip.
    pub hash: Hash,
    /// Digits on the display.
    pub digits: u8,
    /// Seconds a code stands.
    pub period_s: u32,
    /// Its clock minus true time, in seconds.
    pub drift_s: i64,
    /// Battery dead: the display stays dark.
    pub broken: bool,
}

/// What the display shows, and for how long in true time.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The code.
    pub code: CodeText,
    /// Milliseconds since 1970 from which it is shown.
    pub valid_from: i64,
    /// Milliseconds since 1970 at which the next one appears.
    pub valid_until: i64,
}

impl Device {
    /// Presses the button at true time `now`; `None` if the device is broken.
    #[must_use]
    pub fn press(&self, now: i64) -> Option<Shown> {
        if self.broken {
            return None;
        }
        let period_ms = i64::from(self.period_s.max(1)) * 1000;
        let drift_ms = self.drift_s * 1000;
        let counter = (now + drift_ms).div_euclid(period_ms);
        let valid_from = counter * period_ms - drift_ms;
        let codes = Codes::new(&self.seed, self.hash, self.digits, self.period_s);
        Some(Shown { code: codes.at(counter), valid_from, valid_until: valid_from + period_ms })
    }
}

/// All devices, by serial (case ignored).
#[derive(Debug, Default)]
pub struct Devices(BTreeMap<String, Device>);

impl Devices {
    /// Puts a device into the drawer, in place of one with the same serial.
    pub fn add(&mut self, device: Device) {
        self.0.insert(device.serial.trim().to_uppercase(), device);
    }

    /// The device with this serial.
    #[must_use]
    pub fn get(&self, serial: &str) -> Option<&Device> {
        self.0.get(&serial.trim().to_uppercase())
    }

    /// The device with this serial, to bend its clock or break it.
    pub fn get_mut(&mut self, serial: &str) -> Option<&mut Device> {
        self.0.get_mut(&serial.trim().to_uppercase())
    }

    /// All devices, by serial.
    pub fn iter(&self) -> impl Iterator<Item = &Device> {
        self.0.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Builds `count` honest devices: 20-byte SHA-1 seeds, 30 s, six digits, clocks up to 20 s off.
/// The same generator state gives the same devices.
#[must_use]
pub fn generate(rng: &mut Rng, count: usize, prefix: &str) -> Vec<Device> {
    (1..=count)
        .map(|n| Device {
            serial: format!("{prefix}{n:06}"),
            seed: SeedBytes::new(rng.bytes(20)),
            hash: Hash::Sha1,
            digits: 6,
            period_s: 30,
            drift_s: i64::try_from(rng.below(41)).unwrap_or(0) - 20,
            broken: false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drifting_device_shows_the_code_of_another_moment() {
        let mut device = generate(&mut Rng::new(5), 1, "T").remove(0);
        device.drift_s = 0;
        let honest = device.press(1_000_000_000).unwrap();
        device.drift_s = 90;
        let ahead = device.press(1_000_000_000 - 90_000).unwrap();
        assert_eq!(honest.code.open(), ahead.code.open());
        assert_eq!(ahead.valid_until - ahead.valid_from, 30_000);
        device.broken = true;
        assert!(device.press(0).is_none());
    }

    #[test]
    fn debug_shows_no_seed() {
        let device = generate(&mut Rng::new(5), 1, "T").remove(0);
        assert!(format!("{device:?}").contains("seed: …"));
    }
}
