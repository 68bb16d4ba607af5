-- The tables of postgres/00003_coarse.sql, for the same reasons. Only this
-- program writes them, so that all their times are microseconds since 1970.

-- +goose Up
CREATE TABLE coarse_metrics (
    metric_type   TEXT    NOT NULL,
    grain         TEXT    NOT NULL,
    bucket        INTEGER NOT NULL,
    app           TEXT    NOT NULL,
    endpoint_path TEXT    NOT NULL,
    method        TEXT    NOT NULL,
    event_type    TEXT    NOT NULL,
    page_name     TEXT    NOT NULL,
    element_id    TEXT    NOT NULL,
    error_type    TEXT    NOT NULL,
    latency       BLOB,
    users         BLOB,
    figures       BLOB    NOT NULL
);

CREATE INDEX coarse_metrics_grain ON coarse_metrics (metric_type, grain, bucket);

-- How many hourly rollups the coarse ones of a day and kind are the sum of;
-- NULL when those changed since.
CREATE TABLE coarse_days (
    day         INTEGER NOT NULL,
    metric_type TEXT    NOT NULL,
    rollups     INTEGER,
    PRIMARY KEY (day, metric_type)
) WITHOUT ROWID;

-- Rollups of other programs, which are never summed but always read as they are.
CREATE INDEX aggregated_metrics_foreign ON aggregated_metrics (metric_type, time_bucket_us) WHERE figures IS NULL;

-- +goose Down
DROP INDEX aggregated_metrics_foreign;
DROP TABLE coarse_days;
DROP TABLE coarse_metrics;
