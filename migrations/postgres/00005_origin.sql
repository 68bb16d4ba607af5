-- Which database this is, and which one it is a copy of. There is one row.

-- +goose Up
CREATE TABLE database_origin (
    id        uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
    copy_of   uuid,        -- the id of the other database; NULL when this is no copy
    copy_run  uuid,        -- the one run of the copy that may write here
    copied_at timestamptz  -- the copy holds what the other held at this time; NULL while it is not complete
);

INSERT INTO database_origin DEFAULT VALUES;

-- What a copy has brought: how many rows of each hour, and their checksum. What
-- differs from this was not written by the copy, and is never overwritten.
CREATE TABLE copied_slices (
    table_name text        NOT NULL,
    slice      timestamptz NOT NULL,
    row_count  bigint      NOT NULL,
    checksum   bigint      NOT NULL,
    PRIMARY KEY (table_name, slice)
);

-- +goose Down
DROP TABLE copied_slices;
DROP TABLE database_origin;
