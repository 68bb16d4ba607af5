-- The columns of postgres/00001_metrics.sql, for the same reasons.
--
-- SQLite has no type for times. This program writes integers, microseconds
-- since 1970 in UTC; other programs may write ISO 8601 text with any offset,
-- Unix time in seconds, milliseconds, microseconds or nanoseconds, or a Julian
-- day. A virtual column (…_us) reads them all, and what it cannot read is
-- refused. The index on it is what every question uses.

-- +goose Up
CREATE TABLE performance_metrics (
    id               TEXT    NOT NULL DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
            || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    timestamp        INTEGER NOT NULL,
    endpoint         TEXT    NOT NULL,
    method           TEXT    NOT NULL,
    status_code      INTEGER NOT NULL,
    response_time_ms REAL    NOT NULL,
    user_id          TEXT,
    error_type       TEXT,
    correlation_id   TEXT,
    app              TEXT    NOT NULL DEFAULT 'default',
    timestamp_zone TEXT GENERATED ALWAYS AS (
        replace(trim(ltrim(substr(timestamp, 20), '.0123456789')), ':', '')
    ) VIRTUAL,
    timestamp_us INTEGER GENERATED ALWAYS AS (
        CASE
        WHEN typeof(timestamp) = 'integer' AND timestamp BETWEEN 1e14 AND 1e17 THEN timestamp
        WHEN typeof(timestamp) = 'text' THEN CASE
            WHEN timestamp NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN NULL
            WHEN substr(timestamp, 17, 1) <> ':' THEN unixepoch(timestamp) * 1000000
            ELSE unixepoch(substr(timestamp, 1, 19)) * 1000000
                + CASE WHEN substr(timestamp, 20, 1) = '.'
                    THEN CAST(round(CAST('0' || substr(timestamp, 20) AS REAL) * 1000000) AS INTEGER)
                    ELSE 0 END
                - CASE
                    WHEN timestamp_zone IN ('', 'Z', 'z', 'UTC') THEN 0
                    WHEN timestamp_zone GLOB '[+-][0-9][0-9]' OR timestamp_zone GLOB '[+-][0-9][0-9][0-9][0-9]*' THEN
                        CAST(substr(timestamp_zone, 1, 3) AS INTEGER) * 3600000000
                        + CAST(substr(timestamp_zone, 1, 1) || substr(timestamp_zone, 4, 2) AS INTEGER) * 60000000
                    END
            END
        WHEN timestamp BETWEEN 2440587 AND 5373485 THEN CAST(round((timestamp - 2440587.5) * 86400000) AS INTEGER) * 1000
        WHEN timestamp < 1e11 THEN CAST(round(timestamp * 1000000) AS INTEGER)
        WHEN timestamp < 1e14 THEN CAST(round(timestamp * 1000) AS INTEGER)
        WHEN timestamp <= 1e17 THEN CAST(round(timestamp) AS INTEGER)
        WHEN typeof(timestamp) = 'integer' THEN timestamp / 1000
        END
    ) VIRTUAL,
    CONSTRAINT timestamp_is_iso_8601_or_unix_time
        CHECK (coalesce(timestamp_us BETWEEN 0 AND 253402300799999999, 0)),
    CONSTRAINT status_code_is_an_integer
        CHECK (typeof(status_code) = 'integer'),
    CONSTRAINT response_time_ms_within_0_and_1e9
        CHECK (typeof(response_time_ms) = 'real' AND response_time_ms BETWEEN 0 AND 1e9)
);

CREATE INDEX performance_metrics_time ON performance_metrics (timestamp_us);

CREATE TABLE usage_events (
    id             TEXT    NOT NULL DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
            || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    timestamp      INTEGER NOT NULL,
    event_type     TEXT    NOT NULL,
    user_id        TEXT,
    page_name      TEXT,
    element_id     TEXT,
    success        BOOLEAN DEFAULT true,
    metadata       TEXT,
    correlation_id TEXT,
    app            TEXT    NOT NULL DEFAULT 'default',
    timestamp_zone TEXT GENERATED ALWAYS AS (
        replace(trim(ltrim(substr(timestamp, 20), '.0123456789')), ':', '')
    ) VIRTUAL,
    timestamp_us INTEGER GENERATED ALWAYS AS (
        CASE
        WHEN typeof(timestamp) = 'integer' AND timestamp BETWEEN 1e14 AND 1e17 THEN timestamp
        WHEN typeof(timestamp) = 'text' THEN CASE
            WHEN timestamp NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN NULL
            WHEN substr(timestamp, 17, 1) <> ':' THEN unixepoch(timestamp) * 1000000
            ELSE unixepoch(substr(timestamp, 1, 19)) * 1000000
                + CASE WHEN substr(timestamp, 20, 1) = '.'
                    THEN CAST(round(CAST('0' || substr(timestamp, 20) AS REAL) * 1000000) AS INTEGER)
                    ELSE 0 END
                - CASE
                    WHEN timestamp_zone IN ('', 'Z', 'z', 'UTC') THEN 0
                    WHEN timestamp_zone GLOB '[+-][0-9][0-9]' OR timestamp_zone GLOB '[+-][0-9][0-9][0-9][0-9]*' THEN
                        CAST(substr(timestamp_zone, 1, 3) AS INTEGER) * 3600000000
                        + CAST(substr(timestamp_zone, 1, 1) || substr(timestamp_zone, 4, 2) AS INTEGER) * 60000000
                    END
            END
        WHEN timestamp BETWEEN 2440587 AND 5373485 THEN CAST(round((timestamp - 2440587.5) * 86400000) AS INTEGER) * 1000
        WHEN timestamp < 1e11 THEN CAST(round(timestamp * 1000000) AS INTEGER)
        WHEN timestamp < 1e14 THEN CAST(round(timestamp * 1000) AS INTEGER)
        WHEN timestamp <= 1e17 THEN CAST(round(timestamp) AS INTEGER)
        WHEN typeof(timestamp) = 'integer' THEN timestamp / 1000
        END
    ) VIRTUAL,
    CONSTRAINT timestamp_is_iso_8601_or_unix_time
        CHECK (coalesce(timestamp_us BETWEEN 0 AND 253402300799999999, 0)),
    CONSTRAINT success_is_0_or_1
        CHECK (success IN (0, 1)),
    CONSTRAINT metadata_is_json
        CHECK (metadata IS NULL OR json_valid(metadata))
);

CREATE INDEX usage_events_time ON usage_events (timestamp_us);

CREATE TABLE aggregated_metrics (
    id                TEXT    NOT NULL DEFAULT (
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
            || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    time_bucket       INTEGER NOT NULL,
    metric_type       TEXT    NOT NULL,
    endpoint_path     TEXT,
    event_type        TEXT,
    aggregated_values TEXT    NOT NULL DEFAULT '{}',
    sample_count      INTEGER NOT NULL DEFAULT 0,
    app               TEXT    NOT NULL DEFAULT 'default',
    method            TEXT    NOT NULL DEFAULT '',
    page_name         TEXT    NOT NULL DEFAULT '',
    element_id        TEXT    NOT NULL DEFAULT '',
    error_type        TEXT    NOT NULL DEFAULT '',
    latency           BLOB,
    users             BLOB,
    figures           BLOB,
    time_bucket_zone TEXT GENERATED ALWAYS AS (
        replace(trim(ltrim(substr(time_bucket, 20), '.0123456789')), ':', '')
    ) VIRTUAL,
    time_bucket_us INTEGER GENERATED ALWAYS AS (
        CASE
        WHEN typeof(time_bucket) = 'integer' AND time_bucket BETWEEN 1e14 AND 1e17 THEN time_bucket
        WHEN typeof(time_bucket) = 'text' THEN CASE
            WHEN time_bucket NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN NULL
            WHEN substr(time_bucket, 17, 1) <> ':' THEN unixepoch(time_bucket) * 1000000
            ELSE unixepoch(substr(time_bucket, 1, 19)) * 1000000
                + CASE WHEN substr(time_bucket, 20, 1) = '.'
                    THEN CAST(round(CAST('0' || substr(time_bucket, 20) AS REAL) * 1000000) AS INTEGER)
                    ELSE 0 END
                - CASE
                    WHEN time_bucket_zone IN ('', 'Z', 'z', 'UTC') THEN 0
                    WHEN time_bucket_zone GLOB '[+-][0-9][0-9]' OR time_bucket_zone GLOB '[+-][0-9][0-9][0-9][0-9]*' THEN
                        CAST(substr(time_bucket_zone, 1, 3) AS INTEGER) * 3600000000
                        + CAST(substr(time_bucket_zone, 1, 1) || substr(time_bucket_zone, 4, 2) AS INTEGER) * 60000000
                    END
            END
        WHEN time_bucket BETWEEN 2440587 AND 5373485 THEN CAST(round((time_bucket - 2440587.5) * 86400000) AS INTEGER) * 1000
        WHEN time_bucket < 1e11 THEN CAST(round(time_bucket * 1000000) AS INTEGER)
        WHEN time_bucket < 1e14 THEN CAST(round(time_bucket * 1000) AS INTEGER)
        WHEN time_bucket <= 1e17 THEN CAST(round(time_bucket) AS INTEGER)
        WHEN typeof(time_bucket) = 'integer' THEN time_bucket / 1000
        END
    ) VIRTUAL,
    CONSTRAINT time_bucket_is_iso_8601_or_unix_time
        CHECK (coalesce(time_bucket_us BETWEEN 0 AND 253402300799999999, 0)),
    CONSTRAINT aggregated_values_is_json
        CHECK (json_valid(aggregated_values)),
    CONSTRAINT sample_count_is_an_integer
        CHECK (typeof(sample_count) = 'integer')
);

CREATE INDEX aggregated_metrics_time ON aggregated_metrics (time_bucket_us);
CREATE INDEX aggregated_metrics_kind_time ON aggregated_metrics (metric_type, time_bucket_us);

-- Ids that clients chose, kept for as long as they may send them again.
CREATE TABLE received_ids (
    id          TEXT    NOT NULL PRIMARY KEY,
    received_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE aggregation_runs (
    id              TEXT    NOT NULL PRIMARY KEY,
    started_at      INTEGER NOT NULL,
    finished_at     INTEGER NOT NULL,
    outcome         TEXT    NOT NULL,
    raw_before      INTEGER NOT NULL,
    requests_before INTEGER NOT NULL,
    events_before   INTEGER NOT NULL,
    rollups_before  INTEGER NOT NULL,
    requests_after  INTEGER NOT NULL,
    events_after    INTEGER NOT NULL,
    rollups_after   INTEGER NOT NULL
);

-- +goose Down
DROP TABLE aggregation_runs;
DROP TABLE received_ids;
DROP TABLE aggregated_metrics;
DROP TABLE usage_events;
DROP TABLE performance_metrics;
