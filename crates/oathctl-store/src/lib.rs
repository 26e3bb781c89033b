//! What outlives a run: the journal (later: vault, inventory, audit).
