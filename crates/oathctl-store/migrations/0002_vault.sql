-- One line a seed in the vault. The clear columns are an index: what counts is sealed, and must say the same.
CREATE TABLE vault_seeds (
    token      BLOB PRIMARY KEY NOT NULL CHECK (length(token) = 16),
    serial     TEXT NOT NULL,
    serial_key TEXT NOT NULL,
    maker      TEXT NOT NULL,
    maker_key  TEXT NOT NULL,
    model      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    hash       TEXT NOT NULL,
    digits     INTEGER NOT NULL,
    period     INTEGER NOT NULL,
    added_at   INTEGER NOT NULL,
    key_id     BLOB NOT NULL UNIQUE CHECK (length(key_id) = 16),
    version    INTEGER NOT NULL,
    sealed     BLOB NOT NULL,
    UNIQUE (serial_key, maker_key)
) STRICT;

-- Which vault this database belongs to, and how often it was changed: an older copy of either half shows.
CREATE TABLE vault_meta (
    vault      TEXT PRIMARY KEY NOT NULL,
    generation INTEGER NOT NULL
) STRICT;
