-- Format 1: the journal. Times are milliseconds since 1970-01-01T00:00:00Z. JSON is text, so that people and
-- other programs can read it. See docs/store.md. A migration that was ever released is never edited.

-- Which format this is, and which oathctl brought it there.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;

-- One line a run, small: lists read this table alone.
CREATE TABLE runs (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- order of opening; wall clocks step
    run           TEXT    NOT NULL UNIQUE,
    resumes       TEXT,
    superseded_by TEXT,
    tenant        TEXT    NOT NULL,
    practice      INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    actor         TEXT    NOT NULL,
    options       TEXT    NOT NULL,
    input_path    TEXT,
    input_sha256  TEXT    NOT NULL,
    row_count     INTEGER NOT NULL,
    finished_at   INTEGER,
    exit_code     INTEGER,
    complete      INTEGER,
    totals        TEXT
) STRICT;

CREATE INDEX runs_tenant ON runs (tenant, id);

-- The plan, apart: an update of its run must not copy megabytes.
CREATE TABLE run_plans (
    run_id INTEGER PRIMARY KEY NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    plan   TEXT    NOT NULL
) STRICT;

-- Where every row ended, apart for the same reason. Absent for a run that died.
CREATE TABLE run_ends (
    run_id INTEGER PRIMARY KEY NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    rows   TEXT    NOT NULL
) STRICT;

-- One line a call, written before it leaves. `observed` is NULL until it came back.
CREATE TABLE calls (
    run_id      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    call        INTEGER NOT NULL,
    step        TEXT    NOT NULL,
    intended_at INTEGER NOT NULL,
    intents     TEXT    NOT NULL,
    observed    TEXT,
    PRIMARY KEY (run_id, call)
) STRICT;

-- Codes a tenant refused, by device, across runs.
CREATE TABLE code_refusals (
    tenant TEXT    NOT NULL,
    device TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

CREATE INDEX code_refusals_tenant ON code_refusals (tenant, at);
