-- The indexes of postgres/00002_apps.sql, for the same reasons. Here an index
-- on the column itself would cost every question about one app its range:
-- without statistics SQLite prefers an equality.

-- +goose Up
CREATE INDEX performance_metrics_app ON performance_metrics (app || '');
CREATE INDEX usage_events_app ON usage_events (app || '');
CREATE INDEX aggregated_metrics_app ON aggregated_metrics (app || '');

-- +goose Down
DROP INDEX aggregated_metrics_app;
DROP INDEX usage_events_app;
DROP INDEX performance_metrics_app;
