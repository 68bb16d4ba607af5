-- The table of postgres/00004_positions.sql, for the same reasons.

-- +goose Up
CREATE TABLE replay_positions (
    source         TEXT    NOT NULL PRIMARY KEY,
    position       INTEGER NOT NULL,
    -- Everything that the source received before is stored; NULL when it never
    -- comes with anything old. Ids of clients are kept for the oldest.
    replayed_until INTEGER,
    updated_at     INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE replay_positions;
