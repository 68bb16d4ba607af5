-- Tables that other programs may INSERT into: every column that they need not
-- name has a default. No primary key and no unique constraint: they double the
-- cost of a write, and no question looks a row up by its id. The index on time
-- is the only one, because every question has a range.

-- +goose Up
CREATE TABLE performance_metrics (
    id               uuid             NOT NULL DEFAULT gen_random_uuid(),
    timestamp        timestamptz      NOT NULL,
    endpoint         text             NOT NULL,
    method           text             NOT NULL,
    status_code      integer          NOT NULL,
    response_time_ms double precision NOT NULL,
    user_id          text,
    error_type       text,
    correlation_id   text,
    app              text             NOT NULL DEFAULT 'default',
    CONSTRAINT timestamp_within_1970_and_9999
        CHECK (timestamp >= '1970-01-01 00:00:00+00' AND timestamp < '10000-01-01 00:00:00+00'),
    CONSTRAINT response_time_ms_within_0_and_1e9
        CHECK (response_time_ms BETWEEN 0 AND 1e9)
);

CREATE INDEX performance_metrics_time ON performance_metrics (timestamp);

CREATE TABLE usage_events (
    id             uuid        NOT NULL DEFAULT gen_random_uuid(),
    timestamp      timestamptz NOT NULL,
    event_type     text        NOT NULL,
    user_id        text,
    page_name      text,
    element_id     text,
    success        boolean     DEFAULT true,
    metadata       jsonb,
    correlation_id text,
    app            text        NOT NULL DEFAULT 'default',
    CONSTRAINT timestamp_within_1970_and_9999
        CHECK (timestamp >= '1970-01-01 00:00:00+00' AND timestamp < '10000-01-01 00:00:00+00')
);

CREATE INDEX usage_events_time ON usage_events (timestamp);

CREATE TABLE aggregated_metrics (
    id                uuid        NOT NULL DEFAULT gen_random_uuid(),
    time_bucket       timestamptz NOT NULL,
    metric_type       text        NOT NULL,
    endpoint_path     text,
    event_type        text,
    aggregated_values jsonb       NOT NULL DEFAULT '{}',
    sample_count      bigint      NOT NULL DEFAULT 0,
    app               text        NOT NULL DEFAULT 'default',
    method            text        NOT NULL DEFAULT '',
    page_name         text        NOT NULL DEFAULT '',
    element_id        text        NOT NULL DEFAULT '',
    error_type        text        NOT NULL DEFAULT '',
    latency           bytea,
    users             bytea,
    figures           bytea,
    CONSTRAINT time_bucket_within_1970_and_9999
        CHECK (time_bucket >= '1970-01-01 00:00:00+00' AND time_bucket < '10000-01-01 00:00:00+00')
);

CREATE INDEX aggregated_metrics_time ON aggregated_metrics (time_bucket);

-- Questions ask for one kind at a time, and each kind has as many rows.
CREATE INDEX aggregated_metrics_kind_time ON aggregated_metrics (metric_type, time_bucket);

-- Ids that clients chose, kept for as long as they may send them again.
CREATE TABLE received_ids (
    id          uuid        NOT NULL PRIMARY KEY,
    received_at timestamptz NOT NULL
);

CREATE TABLE aggregation_runs (
    id              uuid        NOT NULL PRIMARY KEY,
    started_at      timestamptz NOT NULL,
    finished_at     timestamptz NOT NULL,
    outcome         text        NOT NULL,
    raw_before      timestamptz NOT NULL,
    requests_before bigint      NOT NULL,
    events_before   bigint      NOT NULL,
    rollups_before  bigint      NOT NULL,
    requests_after  bigint      NOT NULL,
    events_after    bigint      NOT NULL,
    rollups_after   bigint      NOT NULL
);

-- +goose Down
DROP TABLE aggregation_runs;
DROP TABLE received_ids;
DROP TABLE aggregated_metrics;
DROP TABLE usage_events;
DROP TABLE performance_metrics;
