package databricks

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// canned answers every request with one user, at no cost worth measuring.
type canned struct{}

func (canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"id":"42","userName":"ada@example.com","active":true,
			"groups":[{"display":"admins","type":"direct","value":"1","$ref":"Groups/1"}]}`)),
	}, nil
}

func newCanned(b *testing.B) *Directory {
	d, err := NewDirectory(DirectoryOptions{Host: "https://workspace.test", Transport: canned{}})
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// What a client of one's own costs each token.
func BenchmarkDirectoryClient(b *testing.B) {
	d := newCanned(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.client("dapi0123456789abcdef"); err != nil {
			b.Fatal(err)
		}
	}
}

// The whole question, without a network.
func BenchmarkDirectoryUser(b *testing.B) {
	d := newCanned(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := d.User(b.Context(), "dapi0123456789abcdef"); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
