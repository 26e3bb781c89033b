
-- The vault's other half, in pieces: what is a file beside a SQLite database. In a schema of its own, NAME_keys, so that
-- it can be dumped apart, and is not in what is kept before an upgrade.
DO $$ BEGIN
    EXECUTE format('CREATE TABLE %I.vault_keys (piece BIGINT PRIMARY KEY, bytes BYTEA NOT NULL)',
                   current_schema() || '_keys');
END $$;
