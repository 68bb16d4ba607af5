package inject_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/inject"
)

// BenchmarkPage is a page of 100 KB with a head of 5 KB, without the network.
func BenchmarkPage(b *testing.B) {
	var page strings.Builder
	page.WriteString("<!doctype html><html><head><meta charset=utf-8><title>x</title>")
	page.WriteString(strings.Repeat("<link rel=preload href=/assets/a.js>", 30))
	page.WriteString("<style>" + strings.Repeat("p{color:red}", 300) + "</style></head><body>")
	for n := 0; page.Len() < 100_000; n++ {
		fmt.Fprintf(&page, "<tr><td>%d</td><td>order %x</td></tr>\n", n, n*7919)
	}
	for _, c := range codings() {
		if c.name == "identity" || c.name == "X-Gzip" {
			continue
		}
		text := []byte(c.encode(page.String()))
		for how, length := range map[string]int64{"known": int64(len(text)), "unknown": -1} {
			b.Run(fmt.Sprintf("encoding=%s/length=%s", c.name, how), func(b *testing.B) {
				a := answer{header: header("Content-Encoding", c.name), length: length}
				i := inject.New(script, application(func(r *http.Request) *http.Response {
					a.body = bytes.NewReader(text)
					return a.response(r)
				}))
				r, buffer := request("GET"), make([]byte, 32<<10)
				b.SetBytes(int64(page.Len()))
				b.ReportAllocs()
				var n int64
				for b.Loop() {
					res := roundTrip(b, i, r)
					n, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{res.Body}, buffer)
					_ = res.Body.Close()
				}
				b.ReportMetric(float64(n)/float64(len(text)), "size/size")
			})
		}
	}
}
