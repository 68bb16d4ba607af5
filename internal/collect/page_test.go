package collect_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/metric"
)

func TestPagesAreNamed(t *testing.T) {
	t.Parallel()
	n := namer(t, "/shop/{product}")
	for name, want := range map[string]string{
		"":                                       "",
		"/":                                      "/",
		"/orders/17":                             "/orders/{id}",
		"/shop/red-shoes":                        "/shop/{product}",
		"/people/ann@example.com?tab=1#top":      "/people/{id}",
		"https://shop.test/people/ann@shop.test": "/people/{id}",
		"app://shop.test/people/17":              "/app:/shop.test/people/{id}",
		"Checkout 2: your address":               "Checkout 2: your address",
		strings.Repeat("/1", 127):                strings.Repeat("/{id}", 50) + "/{id" + "…",
	} {
		got := n.Page(name, noon)
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		if utf8.RuneCountInString(got) > metric.MaxPageName {
			t.Errorf("%q: %d characters", name, utf8.RuneCountInString(got))
		}
	}
}

func TestPagesOfAnHourAreBounded(t *testing.T) {
	t.Parallel()
	n := namer(t)
	seen := map[string]bool{}
	for i := range 5000 {
		seen[n.Page(fmt.Sprintf("Page %c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676), noon)] = true
	}
	if len(seen) != 1001 || !seen[metric.OtherEndpoint] {
		t.Errorf("%d pages", len(seen))
	}
}
