//! Pacing (contract only; being written).
