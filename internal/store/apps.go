package store

import (
	"context"
	"database/sql"
	"slices"
)

// appsStatement walks from each name to the next greater one, so it looks at
// as many rows as there are apps. Its expression is that of the indexes, which
// serve no other question. The empty name is nobody's: it asks for every app.
const appsStatement = `WITH RECURSIVE seen (app) AS (
	SELECT ''
	UNION ALL
	SELECT (SELECT min(next.app) FROM (
		SELECT min(app || '') AS app FROM performance_metrics WHERE app || '' > seen.app
		UNION ALL SELECT min(app || '') FROM usage_events WHERE app || '' > seen.app
		UNION ALL SELECT min(app || '') FROM aggregated_metrics WHERE app || '' > seen.app) AS next)
	FROM seen WHERE seen.app IS NOT NULL
) SELECT app FROM seen WHERE app <> ''`

// listApps returns the names of all apps that have rows, sorted.
func listApps(ctx context.Context, tx *sql.Tx) ([]string, error) {
	rows, err := tx.QueryContext(ctx, appsStatement)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var apps []string
	for rows.Next() {
		var app string
		if err := rows.Scan(&app); err != nil {
			return nil, err
		}
		apps = append(apps, app)
	}
	slices.Sort(apps) // a database may sort by the rules of a language
	return apps, rows.Err()
}
