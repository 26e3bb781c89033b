//! The practice tenant: rules, faces, true devices.
