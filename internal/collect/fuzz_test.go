package collect_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/metric"
)

// FuzzRoutes names a path by any pattern that is taken.
func FuzzRoutes(f *testing.F) {
	for _, pattern := range []string{"/", "/a", "/a/{id}", "/a/{rest...}", "/{$}", "/a/", "a", "/{", "/}{", "//", "/{a}{b}", "/\xff"} {
		f.Add(pattern, "/a/17/b")
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		n, err := collect.NewNamer([]string{pattern}, ofNoon)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Fatal(err)
			}
			return
		}
		if name := n.Name(path, noon); !utf8.ValidString(name) || !strings.HasPrefix(name, "/") && name != metric.OtherEndpoint {
			t.Fatalf("%q by %q is %q", path, pattern, name)
		}
	})
}

// FuzzPage holds names of pages to what can be stored.
func FuzzPage(f *testing.F) {
	for _, name := range []string{"", "/", "/orders/17?q=1", "https://a/b;c", "Checkout", "://", strings.Repeat("/1", 200), "/\xff", "x{other}"} {
		f.Add(name)
	}
	n := namer(f)
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) || strings.ContainsRune(name, 0) || utf8.RuneCountInString(name) > metric.MaxPageName {
			return // refused before
		}
		got := n.Page(name, noon)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > metric.MaxPageName || (got == "") != (name == "") {
			t.Fatalf("%q is %q", name, got)
		}
		if strings.HasPrefix(got, "/") && strings.ContainsAny(got, "?#;") && strings.HasPrefix(name, "/") {
			t.Fatalf("%q keeps more than a path: %q", name, got)
		}
	})
}
