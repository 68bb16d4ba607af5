package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/config"
)

// FuzzFile reads any file as a configuration: it is taken, or refused in one
// line; and what is taken can be printed.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		config.Example(), "", "app: shop", "pool: {min: 3, max: 1}", "pool.max: 7", "listen: [1]", "timeout: 1h30m", "timeout: -1", "a: &a [*a]",
		"spool:\n  max_bytes: 1GiB", "auth:\n  mode: proxy\ntrusted_proxies: [10.0.0.0/8]", "database_url: postgres://a:b@c/d?e#f", "routes: [/a/{b...}]",
		"\xff", "? [a]: b", "exclude: null", "cors:\n  origins: ['*']", "event_types: [a b]", "- x", "!!binary x: y",
	} {
		f.Add(text)
	}
	file := filepath.Join(f.TempDir(), "config.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		settings, err := config.Load(config.Options{File: file})
		if err != nil {
			if !errors.As(err, new(*config.Error)) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%T in lines: %v", err, err)
			}
			return
		}
		if err := settings.Write(&strings.Builder{}); err != nil {
			t.Fatal(err)
		}
	})
}
