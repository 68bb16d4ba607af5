package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGoldenAnswers keeps the shape of answers, on both engines.
func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"performance":          "/performance?compare=previous",
		"performance_endpoint": "/performance?endpoint=/orders/{id}",
		"performance_empty":    "/performance?app=nobody",
		"usage":                "/usage?include_anonymous=true&compare=previous",
		"usage_empty":          "/usage?app=nobody",
		"time_series":          "/time-series?metric_type=both&start_time=2025-10-18T09:00:00Z&end_time=2025-10-18T12:00:00Z",
		"time_series_usage":    "/time-series?metric_type=usage&interval=daily&time_range=7d",
		"errors":               "/errors",
		"requests":             "/requests?status=2xx",
		"events":               "/events",
		"count":                "/usage/count?time_range=7d",
		"bad_request":          "/performance?time_range=1y",
	}
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := open(t, engine)
			s.fill()
			for name, path := range cases {
				got := s.get("/api/v1/metrics" + path)
				text := bytes.ReplaceAll(got.Body, []byte(got.Header.Get("X-Request-Id")), []byte("0f5e0b5c"))
				compareGolden(t, filepath.Join("testdata", name+".json"), text)
			}
		})
	}
}

func compareGolden(t *testing.T, file string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s differs (go test -update writes it):\ngot  %s\nwant %s", file, got.Bytes(), want)
	}
}
