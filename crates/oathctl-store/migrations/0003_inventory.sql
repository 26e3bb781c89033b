-- Format 3: the inventory (every token we know) and the people we saw. No seed and no code has a place here.

-- One line a token: the thing itself. Empty text means: not known.
CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- order of getting to know them
    serial     TEXT    NOT NULL,
    serial_key TEXT    NOT NULL,
    maker      TEXT    NOT NULL,
    maker_key  TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    hash       TEXT,
    digits     INTEGER,
    period     INTEGER,
    batch      TEXT    NOT NULL,
    location   TEXT    NOT NULL,
    known_at   INTEGER NOT NULL,
    in_stock   INTEGER NOT NULL,                   -- 1: no tenant has it
    mark       TEXT,                               -- lost, stolen, retired
    marked_at  INTEGER,
    marked_by  TEXT,
    mark_note  TEXT,
    first_used INTEGER,                            -- the earliest use that any tenant showed us
    UNIQUE (serial_key, maker_key)
) STRICT;

CREATE INDEX tokens_stock ON tokens (serial_key) WHERE in_stock = 1;
CREATE INDEX tokens_model ON tokens (lower(model), serial_key);
CREATE INDEX tokens_batch ON tokens (lower(batch), serial_key);
CREATE INDEX tokens_location ON tokens (lower(location), serial_key);
CREATE INDEX tokens_mark ON tokens (mark) WHERE mark IS NOT NULL;

-- One line a token in a tenant. `gone_at` is set when the tenant no longer shows it; the line stays.
CREATE TABLE token_devices (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    token       INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    tenant      TEXT    NOT NULL,
    device      TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    holder      TEXT,
    holder_upn  TEXT,
    upn_key     TEXT,
    holder_name TEXT,
    held_since  INTEGER,
    proof       TEXT    NOT NULL,
    seed_origin TEXT,
    drift       INTEGER,                           -- seconds
    drift_at    INTEGER,
    last_used   INTEGER,
    first_seen  INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    gone_at     INTEGER,
    UNIQUE (tenant, device)
) STRICT;

CREATE INDEX token_devices_token ON token_devices (token);
CREATE INDEX token_devices_status ON token_devices (tenant, status);
CREATE INDEX token_devices_holder ON token_devices (holder) WHERE holder IS NOT NULL;
CREATE INDEX token_devices_upn ON token_devices (upn_key) WHERE upn_key IS NOT NULL;
CREATE INDEX token_devices_proof ON token_devices (tenant, proof);
CREATE INDEX token_devices_unused ON token_devices (tenant, status) WHERE last_used IS NULL;

-- When a tenant last showed us all its tokens.
CREATE TABLE listings (
    tenant  TEXT PRIMARY KEY NOT NULL,
    at      INTEGER NOT NULL,
    devices INTEGER NOT NULL
) STRICT;

-- What happened to a token, in order.
CREATE TABLE token_events (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    token  INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL,
    what   TEXT    NOT NULL,
    tenant TEXT,
    device TEXT,
    run    TEXT,
    actor  TEXT,
    holder_before TEXT,
    holder_after  TEXT,
    detail TEXT    NOT NULL
) STRICT;

CREATE INDEX token_events_token ON token_events (token, id);

-- What is to be known of a model; the line '' stands for all that have none of their own.
CREATE TABLE token_models (
    model         TEXT PRIMARY KEY NOT NULL,
    reorder_below INTEGER,
    battery_years INTEGER
) STRICT;

-- People as a tenant showed them. `disabled_since`: when we first saw the account disabled, with no other sighting since.
CREATE TABLE people (
    tenant         TEXT    NOT NULL,
    person         TEXT    NOT NULL,
    upn            TEXT    NOT NULL,
    upn_key        TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    enabled        INTEGER,
    first_seen     INTEGER NOT NULL,
    seen_at        INTEGER NOT NULL,
    disabled_since INTEGER,
    gone_since     INTEGER,
    PRIMARY KEY (tenant, person)
) STRICT;

CREATE INDEX people_upn ON people (upn_key);
