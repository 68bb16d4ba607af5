-- The tables of postgres/00005_origin.sql, for the same reasons. Only this
-- program writes them, so that all their times are microseconds since 1970.

-- +goose Up
CREATE TABLE database_origin (
    id        TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
            || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    copy_of   TEXT,
    copy_run  TEXT,
    copied_at INTEGER
) WITHOUT ROWID;

INSERT INTO database_origin DEFAULT VALUES;

CREATE TABLE copied_slices (
    table_name TEXT    NOT NULL,
    slice      INTEGER NOT NULL,
    row_count  INTEGER NOT NULL,
    checksum   INTEGER NOT NULL,
    PRIMARY KEY (table_name, slice)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE copied_slices;
DROP TABLE database_origin;
