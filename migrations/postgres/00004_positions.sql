-- How far each source of samples has been stored: moved by the transaction that
-- stores the samples, so that a write whose answer was lost is not done twice.

-- +goose Up
CREATE TABLE replay_positions (
    source         uuid        NOT NULL PRIMARY KEY,
    position       bigint      NOT NULL,
    -- Everything that the source received before is stored; NULL when it never
    -- comes with anything old. Ids of clients are kept for the oldest.
    replayed_until timestamptz,
    updated_at     timestamptz NOT NULL
);

-- +goose Down
DROP TABLE replay_positions;
