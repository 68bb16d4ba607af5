package databricks_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

const endpoint = "projects/p/branches/production/endpoints/primary"

func TestLakebase(t *testing.T) {
	byToken(t)
	w := workspacetest.New()
	w.SetUser(token, ada())
	issued := 0
	credential := func() databricks.Credential {
		issued++
		return databricks.Credential{Password: fmt.Sprint("password-", issued), ExpiresAt: time.Date(2026, 3, 1, 13, 0, issued, 500e6, time.UTC)}
	}
	w.SetEndpoint(endpoint, "ep.example.com", credential)
	w.SetInstance("main-db", "instance.example.com", credential)
	l := login(t, w, databricks.LoginOptions{})

	if got, err := l.EndpointHost(t.Context(), endpoint); err != nil || got != "ep.example.com" {
		t.Errorf("EndpointHost = %q, %v", got, err)
	}
	if got, err := l.InstanceHost(t.Context(), "main-db"); err != nil || got != "instance.example.com" {
		t.Errorf("InstanceHost = %q, %v", got, err)
	}
	want := func(n int) databricks.Credential {
		return databricks.Credential{Password: fmt.Sprint("password-", n), ExpiresAt: time.Date(2026, 3, 1, 13, 0, n, 500e6, time.UTC)}
	}
	if got, err := l.EndpointCredential(t.Context(), endpoint); err != nil || got != want(1) {
		t.Errorf("EndpointCredential = %+v, %v", got, err)
	}
	if got, err := l.InstanceCredential(t.Context(), "main-db"); err != nil || got != want(2) {
		t.Errorf("InstanceCredential = %+v, %v", got, err)
	}
}

func TestUnknownDatabases(t *testing.T) {
	byToken(t)
	w := workspacetest.New()
	w.SetUser(token, ada())
	l := login(t, w, databricks.LoginOptions{})
	before := w.Calls("")
	for _, name := range []string{
		"", "projects/p", "primary", "../../2.0/jobs/list", endpoint + "/", endpoint + "?x=1", endpoint + "\n",
		"projects/../branches/b/endpoints/e", "projects/p/branches/b/endpoints/e/../../../../../x",
	} {
		_, err := l.EndpointHost(t.Context(), name)
		checkFailure(t, err, databricks.ErrNotFound)
		_, err = l.EndpointCredential(t.Context(), name)
		checkFailure(t, err, databricks.ErrNotFound)
	}
	for _, name := range []string{"", "a/b", "..", ".", "a?b", "a b", "ä"} {
		_, err := l.InstanceHost(t.Context(), name)
		checkFailure(t, err, databricks.ErrNotFound)
		_, err = l.InstanceCredential(t.Context(), name)
		checkFailure(t, err, databricks.ErrNotFound)
	}
	if w.Calls("") != before {
		t.Error("a call was made for a name that cannot be one")
	}
	_, err := l.EndpointHost(t.Context(), endpoint)
	checkFailure(t, err, databricks.ErrNotFound)
	_, err = l.InstanceCredential(t.Context(), "main")
	checkFailure(t, err, databricks.ErrNotFound)
}

func TestDatabasesThatAreNotReady(t *testing.T) {
	byToken(t)
	w := workspacetest.New()
	w.SetUser(token, ada())
	none := func() databricks.Credential { return databricks.Credential{ExpiresAt: time.Now()} }
	w.SetEndpoint(endpoint, "", none)
	w.SetInstance("main", "", none)
	l := login(t, w, databricks.LoginOptions{})
	_, err := l.EndpointHost(t.Context(), endpoint)
	checkFailure(t, err, databricks.ErrUnavailable)
	_, err = l.EndpointCredential(t.Context(), endpoint)
	checkFailure(t, err, databricks.ErrUnavailable)
	_, err = l.InstanceHost(t.Context(), "main")
	checkFailure(t, err, databricks.ErrUnavailable)
	_, err = l.InstanceCredential(t.Context(), "main")
	checkFailure(t, err, databricks.ErrUnavailable)
}

// The answers that hold passwords are those that errors must not repeat.
func TestMalformedCredentials(t *testing.T) {
	clean(t)
	body := ""
	t.Setenv("DATABRICKS_TOKEN", token)
	t.Setenv("DATABRICKS_HOST", answering(t, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(body))
	}))
	l, err := databricks.NewLogin(t.Context(), databricks.LoginOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, body = range []string{
		``, `{}`, `null`, `{"token": "pw-0123456789"}`, `{"expire_time": "2026-03-01T00:00:00Z", "expiration_time": "2026-03-01T00:00:00Z"}`,
		`{"token": "pw-0123456789", "expire_time": 7, "expiration_time": 7}`,
		`{"token": "pw-0123456789", "expire_time": "tomorrow", "expiration_time": "tomorrow"}`,
		`{"token": "pw-0123456789", `, `pw-0123456789`, `<html>pw-0123456789`,
	} {
		_, err := l.EndpointCredential(t.Context(), endpoint)
		checkFailure(t, err, databricks.ErrUnavailable)
		_, err = l.InstanceCredential(t.Context(), "main")
		checkFailure(t, err, databricks.ErrUnavailable)
	}
}
