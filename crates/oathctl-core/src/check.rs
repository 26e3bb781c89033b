//! Checks (being written).
