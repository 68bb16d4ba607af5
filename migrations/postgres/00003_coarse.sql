-- Coarse rollups: sums of the hourly rollups of one whole day in UTC, so that a
-- question about months reads hundreds of rows and not hundreds of thousands.
-- They can be made again from the hourly ones at any time, and a question uses
-- them only where coarse_days proves that they still are the sum of what is
-- there.

-- +goose Up
CREATE TABLE coarse_metrics (
    metric_type   text        NOT NULL,
    grain         text        NOT NULL,
    bucket        timestamptz NOT NULL,
    app           text        NOT NULL,
    endpoint_path text        NOT NULL,
    method        text        NOT NULL,
    event_type    text        NOT NULL,
    page_name     text        NOT NULL,
    element_id    text        NOT NULL,
    error_type    text        NOT NULL,
    latency       bytea,
    users         bytea,
    figures       bytea       NOT NULL
);

CREATE INDEX coarse_metrics_grain ON coarse_metrics (metric_type, grain, bucket);

-- How many hourly rollups the coarse ones of a day and kind are the sum of;
-- NULL when those changed since.
CREATE TABLE coarse_days (
    day         timestamptz NOT NULL,
    metric_type text        NOT NULL,
    rollups     bigint,
    PRIMARY KEY (day, metric_type)
);

-- Rollups of other programs, which are never summed but always read as they are.
CREATE INDEX aggregated_metrics_foreign ON aggregated_metrics (metric_type, time_bucket) WHERE figures IS NULL;

-- +goose Down
DROP INDEX aggregated_metrics_foreign;
DROP TABLE coarse_days;
DROP TABLE coarse_metrics;
