package databricks_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

func TestJobs(t *testing.T) {
	byToken(t)
	w := workspacetest.New()
	w.SetUser(token, ada())
	daily := databricks.Job{
		ID: 1, Name: "appmetrics aggregate", Cron: "0 0 2 * * ?", Zone: "UTC", MaxConcurrentRuns: 1,
		FailureEmails: []string{"ops@example.com"}, FailureDestinations: []string{"d1", "d2"},
	}
	paused := databricks.Job{ID: 2, Name: "appmetrics aggregate", Cron: "0 0 3 * * ?", Zone: "Europe/Berlin", Paused: true, MaxConcurrentRuns: 3}
	manual := databricks.Job{ID: 3, Name: "manual", MaxConcurrentRuns: 1}
	all := []databricks.Job{daily, {ID: 4, Name: "Appmetrics Aggregate"}, manual}
	for i := range 50 { // the same name in another case, to fill pages
		all = append(all, databricks.Job{ID: int64(100 + i), Name: "APPMETRICS aggregate"})
	}
	w.SetJobs(append(all, paused))
	l := login(t, w, databricks.LoginOptions{})

	got, err := l.Jobs(t.Context(), "appmetrics aggregate")
	if err != nil || !reflect.DeepEqual(got, []databricks.Job{daily, paused}) {
		t.Errorf("Jobs = %+v, %v", got, err)
	}
	if n := w.Calls(workspacetest.JobsPath); n != 3 {
		t.Errorf("%d pages, want 3", n)
	}
	if got, err := l.Jobs(t.Context(), "manual"); err != nil || !reflect.DeepEqual(got, []databricks.Job{manual}) {
		t.Errorf("Jobs = %+v, %v", got, err)
	}
	if got, err := l.Jobs(t.Context(), "none"); err != nil || len(got) != 0 {
		t.Errorf("Jobs = %+v, %v", got, err)
	}
}

func TestDestinations(t *testing.T) {
	byToken(t)
	w := workspacetest.New()
	w.SetUser(token, ada())
	l := login(t, w, databricks.LoginOptions{})
	if got, err := l.Destinations(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("Destinations = %+v, %v; want none", got, err)
	}
	var want []databricks.Destination
	for i := range 41 {
		want = append(want, databricks.Destination{ID: fmt.Sprint("id-", i), Name: fmt.Sprint("channel ", i), Type: "SLACK"})
	}
	w.SetDestinations(want)
	if got, err := l.Destinations(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d destinations, %v; want %d", len(got), err, len(want))
	}
}
