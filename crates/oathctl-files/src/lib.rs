//! Seed files: unwrap, decode, detect, read, write.
