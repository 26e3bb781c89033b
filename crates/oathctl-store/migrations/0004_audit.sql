-- Format 4: the audit. Records are never changed; each has a check value over itself and the one before, under a key
-- that is not in this database. See docs/audit.md.

-- One line a chain: one a store and audit key. `head` is a check value over the rest.
CREATE TABLE audit_chains (
    chain     TEXT    PRIMARY KEY NOT NULL,
    key_id    TEXT    NOT NULL,
    records   INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    mac       BLOB    NOT NULL,
    head      BLOB    NOT NULL,
    forgotten INTEGER NOT NULL                      -- grows whenever a person is forgotten
) STRICT;

-- `at`, `kind`, `tenant` and `run` are an index; what counts is `record`, and it must say the same.
CREATE TABLE audit_records (
    chain  TEXT    NOT NULL REFERENCES audit_chains (chain),
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    tenant TEXT,
    run    TEXT,
    record TEXT    NOT NULL,
    mac    BLOB    NOT NULL,
    PRIMARY KEY (chain, number)
) STRICT;

CREATE INDEX audit_records_at ON audit_records (at);
CREATE INDEX audit_records_run ON audit_records (run) WHERE run IS NOT NULL;

-- Who stands behind a pseudonym; a line that is deleted is a person that is forgotten.
CREATE TABLE audit_people (
    chain     TEXT NOT NULL REFERENCES audit_chains (chain),
    tag       BLOB NOT NULL,
    pseudonym TEXT NOT NULL,
    key       BLOB NOT NULL,
    person    BLOB NOT NULL,
    PRIMARY KEY (chain, tag)
) STRICT;
