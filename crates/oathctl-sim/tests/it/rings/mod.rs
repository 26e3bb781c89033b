//! The rings of fault tests that need the simulator: the engine over the port face (ring 1) and over the real client
//! through the HTTP face (ring 2). Virtual time, a seed for everything, the same seed gives the same run.

mod clock;
mod death;
mod everyday;
mod exact;
mod faces;
mod gateway;
mod harsh;
mod hazards;
mod life;
mod ring1;
mod ring2;
mod soak;
mod tenant;
