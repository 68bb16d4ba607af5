package store_test

import (
	"fmt"
	"testing"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// TestFiguresAndDocumentAgree asks the same of rollups with and without their
// figures, in every dimension and by page: a copy of the documented columns
// alone answers alike.
func TestFiguresAndDocumentAgree(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, url := storetest.OpenURL(t, engine, atNow)
			appendAll(t, s, history())
			retire(t, s, store.RetireRequest{RawBefore: now})
			db := storetest.DB(t, url)
			questions := []store.Question{{}, {PageName: "/orders"}}
			var every store.Dims
			for _, dim := range allDims {
				questions = append(questions, store.Question{By: dim})
				every |= dim
			}
			questions = append(questions, store.Question{By: every})
			var quick [][]metric.Rollup
			for _, q := range questions {
				quick = append(quick, ask(t, s, q))
			}
			result, err := db.ExecContext(t.Context(), `UPDATE aggregated_metrics SET figures = NULL WHERE figures IS NOT NULL`)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := result.RowsAffected(); n == 0 {
				t.Fatal("no rollup has figures")
			}
			for i, q := range questions {
				same(t, fmt.Sprintf("%+v", q), ask(t, s, q), quick[i])
			}
		})
	}
}
