package cli

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/appmetrics/appmetrics/internal/config"
)

// emptyDatabase makes a PostgreSQL database without a schema and returns its
// URL behind a door: nobody answers there until open is called.
func emptyDatabase(t *testing.T) (address string, open func()) {
	t.Helper()
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		t.Fatal("TEST_DATABASE_URL is not set: it names the PostgreSQL server for the tests")
	}
	admin, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	name := "cli_" + unique()
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background()
		_, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		if closed := admin.Close(ctx); err != nil || closed != nil {
			t.Error(err, closed)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	behind := u.Host
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.Path = door.Addr().String(), "/"+name
	if err := door.Close(); err != nil {
		t.Fatal(err)
	}
	return u.String(), func() { letThrough(t, u.Host, behind) }
}

// letThrough hands connections at one address on to another, until the test
// ends.
func letThrough(t *testing.T, at, to string) {
	t.Helper()
	door, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = door.Close() })
	go func() {
		for {
			client, err := door.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
		}
	}()
}

// said is a log that a test reads while it is written.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestDatabaseThatIsAwayWhenServeStarts(t *testing.T) {
	t.Parallel()
	for _, auto := range []bool{true, false} {
		address, open := emptyDatabase(t)
		var log said
		r := &run{
			Streams:  Streams{Out: io.Discard, Err: io.Discard},
			settings: &config.Settings{DatabaseURL: address, AutoMigrate: auto, Pool: config.Pool{Min: 1, Max: 4, Timeout: 5 * time.Second}},
			log:      slog.New(slog.NewTextHandler(&log, nil)), now: time.Now,
		}
		s, settle, err := r.openServed(t.Context())
		if err != nil || settle == nil {
			t.Fatalf("opened with %v, to be settled later: %v; want no error, and true", err, settle != nil)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := s.CheckSchema(t.Context()); err == nil {
			t.Fatal("a database that nobody answers for has a schema")
		}
		open()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		settled := make(chan struct{})
		go func() { defer close(settled); r.awaitSchema(ctx, s, 10*time.Millisecond) }()
		if auto {
			<-settled
		} else {
			for !strings.Contains(log.String(), "the database cannot be used") && ctx.Err() == nil {
				<-time.After(10 * time.Millisecond)
			}
			if !strings.Contains(log.String(), "run `appmetrics migrate up`") {
				t.Errorf("the log does not say what to do:\n%s", log.String())
			}
			if _, err := s.MigrateUp(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			<-settled
		}
		cancel()
		if err := s.CheckSchema(t.Context()); err != nil {
			t.Errorf("auto %v: %v", auto, err)
		}
	}
}
