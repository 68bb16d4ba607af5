-- Which apps there are: an index finds the next one at once, however many rows
-- each has. It is on an expression, which is the name unchanged, so that only
-- the list of apps uses it: every other question has a range, and must keep to
-- the index on time also when it asks about one app.

-- +goose Up
CREATE INDEX performance_metrics_app ON performance_metrics ((app || ''));
CREATE INDEX usage_events_app ON usage_events ((app || ''));
CREATE INDEX aggregated_metrics_app ON aggregated_metrics ((app || ''));

-- +goose Down
DROP INDEX aggregated_metrics_app;
DROP INDEX usage_events_app;
DROP INDEX performance_metrics_app;
