package query_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/query"
)

// The API's client decodes what the server encoded: nothing may be lost.
func TestAnswersSurviveJSON(t *testing.T) {
	t.Parallel()
	answers := map[string]func() any{
		"performance": func() any { return new(query.Performance) },
		"usage":       func() any { return new(query.Usage) },
		"series":      func() any { return new(query.TimeSeries) },
		"count":       func() any { return new(query.Count) },
		"errors":      func() any { return new(query.Errors) },
		"requests":    func() any { return new(query.RequestsPage) },
		"events":      func() any { return new(query.EventsPage) },
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(file), ".json"), "empty_")
		kind, _, _ := strings.Cut(name, "_")
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			answer := answers[kind]()
			decoder := json.NewDecoder(strings.NewReader(string(want)))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(answer); err != nil {
				t.Fatal(err)
			}
			if got := encode(t, answer); got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestPointsCarryOnlyWhatWasAsked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		point query.Point
		want  string
	}{
		"nothing": {query.Point{}, `{"timestamp":"0001-01-01T00:00:00Z"}`},
		"performance of an empty hour": {query.Point{PerformancePoint: &query.PerformancePoint{}},
			`{"timestamp":"0001-01-01T00:00:00Z","avg_response_time_ms":null,"p50_response_time_ms":null,` +
				`"p95_response_time_ms":null,"p99_response_time_ms":null,"total_requests":0,"error_count":0,"error_rate":0,"active_users":0}`},
		"usage": {query.Point{UsagePoint: &query.UsagePoint{TotalEvents: 2, UniqueUsers: 1}},
			`{"timestamp":"0001-01-01T00:00:00Z","total_events":2,"unique_users":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(test.point)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			var back query.Point
			if err := json.Unmarshal(got, &back); err != nil {
				t.Fatal(err)
			}
			if (back.PerformancePoint == nil) != (test.point.PerformancePoint == nil) || (back.UsagePoint == nil) != (test.point.UsagePoint == nil) {
				t.Errorf("came back as %+v", back)
			}
		})
	}
}

func TestStatusSurvivesJSON(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]query.Status{
		"empty": {Apps: []string{}},
		"full": {
			Engine: "sqlite", SchemaVersion: 1, DatabaseBytes: 4096, Apps: []string{"default"},
			Tables:       query.Tables{UsageEvents: query.Table{Rows: 1, Oldest: now, Newest: now}},
			CompleteUpTo: now,
			Aggregation:  query.Aggregation{LastRun: now, Outcome: "done", LagSeconds: 1.5},
			SizeGuard:    query.SizeGuard{Rows: 1, Warn: 2, Limit: 3},
			Collection: query.Collection{
				DatabaseAwaySince: now,
				Queue:             query.Queue{Depth: 1, Capacity: 2, Bytes: 8, OldestUnsent: now, Written: 3, Retries: 4, LastError: "away"},
				Spool: &query.Spool{
					Bytes: 1, CapacityBytes: 2, Full: true, Samples: 3, Records: 4, Segments: 5, Oldest: now, Spooled: 6, Replayed: 7,
					Quarantined: 8, QuarantinedBytes: 9, TornBytes: 10, SyncErrors: 11, WriteErrors: 12, LastError: "full",
				},
				Dropped: 5, DroppedBy: map[string]int64{"queue_full": 5},
				Rejected: 6, RejectedBy: map[string]int64{"invalid": 6},
				Late: 7, Accepted: 8, Duplicates: 9,
				AdminCache: &query.AdminCache{Entries: 1, Hits: 2, Calls: 3, Unanswered: 4},
			},
			AsOf: now,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got query.Status
			if err := json.Unmarshal([]byte(encode(t, want)), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}
