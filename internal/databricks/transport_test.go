package databricks_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/databricks/workspacetest"
)

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	endless := func(status int) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, `{"userName": "`)
			for block := bytes.Repeat([]byte("a"), 64<<10); r.Context().Err() == nil; {
				if _, err := rw.Write(block); err != nil {
					return
				}
			}
		}
	}
	announced := func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Length", "1000000000")
		rw.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	header := func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Long", strings.Repeat("a", 1<<20))
		_, _ = io.WriteString(rw, `{"userName": "ada@example.com", "active": true}`)
	}
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"endless body":       {endless(200), databricks.ErrUnavailable},
		"endless error body": {endless(500), databricks.ErrUnavailable},
		"endless refusal":    {endless(401), databricks.ErrUnavailable},
		"announced body":     {announced, databricks.ErrUnavailable},
		"header":             {header, databricks.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := directoryAt(t, databricks.DirectoryOptions{Host: answering(t, tc.handler), Timeout: time.Hour})
			_, err := d.User(t.Context(), token)
			checkFailure(t, err, tc.want)
		})
	}
}

// Redirects leave the token behind, also those that net/http would follow with
// it: to the same host, and to another port or name of it.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	other := answering(t, func(rw http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		_, _ = io.WriteString(rw, `{"userName": "mallory", "active": true, "groups": [{"display": "admins"}]}`)
	})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(other, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for name, target := range map[string]string{
			"other host": other, "other name": "http://localhost:" + port, "same host": "/elsewhere", "nowhere": "",
		} {
			t.Run(fmt.Sprint(name, status), func(t *testing.T) {
				t.Parallel()
				host := answering(t, func(rw http.ResponseWriter, r *http.Request) {
					if r.URL.Path != workspacetest.MePath {
						reached.Add(1)
					}
					if target != "" {
						rw.Header().Set("Location", target)
					}
					rw.WriteHeader(status)
				})
				user, err := directoryAt(t, databricks.DirectoryOptions{Host: host}).User(t.Context(), token)
				checkFailure(t, err, databricks.ErrUnavailable)
				if user.Name != "" || reached.Load() > 0 {
					t.Errorf("the redirect was followed: %+v", user)
				}
			})
		}
	}
}

// Whatever a call comes to, it leaves neither goroutines nor connections that
// are in use.
func TestNothingIsLeftRunning(t *testing.T) {
	before := goleak.IgnoreCurrent()
	w := workspacetest.New()
	w.SetUser(token, ada())
	server := httptest.NewServer(w)
	transport := &http.Transport{}
	d := directoryAt(t, databricks.DirectoryOptions{Host: server.URL, Transport: transport, Timeout: 10 * time.Millisecond})
	for _, fault := range []workspacetest.Fault{{}, {Status: 403}, {Status: 429}, {Status: 500}, {Status: 301}, {Reset: true}, {Hang: true}} {
		w.Respond(func(*http.Request) workspacetest.Fault { return fault })
		_, _ = d.User(t.Context(), token)
	}
	transport.CloseIdleConnections()
	server.CloseClientConnections()
	server.Close()
	goleak.VerifyNone(t, before)
}
