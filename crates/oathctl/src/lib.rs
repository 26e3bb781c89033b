//! The command line: arguments, wiring, words people read.
