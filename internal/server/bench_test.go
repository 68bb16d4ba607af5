package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/server"
)

// BenchmarkProxiedRequest is one small GET over a connection that stays open:
// to the application itself, through the proxy, and through it recorded.
func BenchmarkProxiedRequest(b *testing.B) {
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"orders":[]}`)
	}))
	b.Cleanup(application.Close)
	unrecorded := func(o *server.Options) { o.Upstream, o.Observe = parse(b, application.URL), nil }
	recorded := func(o *server.Options) {
		o.Upstream = parse(b, application.URL)
		o.Observe = collect.New(collect.Options{Recorder: o.Metrics.Recorder(nothing{})}).Middleware
	}
	for _, bench := range []struct {
		name string
		url  func(b *testing.B) string
	}{
		{"direct", func(*testing.B) string { return application.URL }},
		{"proxied", func(b *testing.B) string { return serve(b, unrecorded).URL }},
		{"recorded", func(b *testing.B) string {
			return serve(b, func(o *server.Options) { o.Metrics = server.NewMetrics(); recorded(o) }).URL
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			url := bench.url(b) + "/orders/17"
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
			defer client.CloseIdleConnections()
			b.ReportAllocs()
			for b.Loop() {
				res, err := client.Get(url)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
}

// BenchmarkProxiedDownload is 64 MiB through the proxy.
func BenchmarkProxiedDownload(b *testing.B) {
	const size = 64 << 20
	g := before(b, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.Copy(w, io.LimitReader(zeros{}, size))
	}, nil)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		res, err := g.client.Get(g.URL)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, res.Body); n != size || err != nil {
			b.Fatal(n, err)
		}
		_ = res.Body.Close()
	}
}
