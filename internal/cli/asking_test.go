package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/config"
)

// A session lasts longer than a token: whoever renews it writes it into the
// file, and the next question shows it.
func TestATokenThatWasRenewedIsShown(t *testing.T) {
	t.Parallel()
	shown := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown <- r.Header.Get("Authorization")
		_, _ = io.WriteString(w, `{"engine":"sqlite"}`)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := &run{settings: &config.Settings{}, now: time.Now}
	write("first")
	source, _, err := r.source(t.Context(), asking{server.URL, file})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"first", "second"} {
		write(token)
		if _, err := source.Status(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := <-shown; got != "Bearer "+token {
			t.Errorf("got %q, want %s", got, token)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "--token-file: open") {
		t.Errorf("without a file: got %v", err)
	}
}
