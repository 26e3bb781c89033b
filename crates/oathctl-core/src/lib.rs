//! The mission: codes, the table of rows, planning, the engine, pacing, outcomes.
