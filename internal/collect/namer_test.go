package collect_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/collect"
	"github.com/appmetrics/appmetrics/internal/metric"
)

var (
	noon   = time.Date(2025, 10, 18, 12, 0, 0, 0, time.UTC)
	ofNoon = collect.HoursOptions{Now: func() time.Time { return noon }}
)

func namer(t testing.TB, routes ...string) *collect.Namer {
	t.Helper()
	n, err := collect.NewNamer(routes, ofNoon)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNameRealPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/":                     "/",
		"":                      "/",
		"/orders":               "/orders",
		"/orders/":              "/orders/",
		"/orders/17":            "/orders/{id}",
		"/orders/17/items/-3":   "/orders/{id}/items/{id}",
		"/orders?id=17#top":     "/orders",
		"//orders///17":         "/orders/{id}",
		"orders/17":             "/orders/{id}",
		"https://shop.test/a/1": "/a/{id}",
		"https://shop.test":     "/",
		"/v1/api/utf8":          "/v1/api/utf8",
		"/api/v2.1/sha256":      "/api/v2.1/sha256",
		"/oauth2/callback":      "/oauth2/callback",
		"/s3/x86_64/mp3/h264":   "/s3/x86_64/mp3/h264",
		"/users/550e8400-e29b-41d4-a716-446655440000":      "/users/{id}",
		"/users/550E8400E29B41D4A716446655440000":          "/users/{id}",
		"/commit/da39a3ee5e6b4b0d3255bfef95601890afd80709": "/commit/{id}",
		"/commit/2fd4e1c6":                                   "/commit/{id}",
		"/words/deadbeef/facade":                             "/words/deadbeef/facade",
		"/words/decade-80":                                   "/words/decade-80",
		"/users/ann@example.com/posts":                       "/users/{id}/posts",
		"/users/ann%40example.com":                           "/users/{id}",
		"/@types/node":                                       "/@types/node",
		"/npm/lodash/4.17.21":                                "/npm/lodash/{id}",
		"/log/2025-10-18":                                    "/log/{id}",
		"/log/2025-10-18T12:00:00Z":                          "/log/{id}",
		"/hosts/10.0.0.1":                                    "/hosts/{id}",
		"/u/01ARZ3NDEKTSV4RRFFQ69G5FAV":                      "/u/{id}",
		"/u/V1StGXR8_Z5jdHi6B-myT":                           "/u/{id}",
		"/watch/dQw4w9WgXcQ":                                 "/watch/{id}",
		"/customers/cus_NffrFeUfNV2Hib":                      "/customers/{id}",
		"/channels/U024BE7LH":                                "/channels/{id}",
		"/docs/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms": "/docs/{id}",
		"/orders/order-12345":                                "/orders/{id}",
		"/verify/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U": "/verify/{id}",
		"/assets/index-DiwrgTda.js":                         "/assets/index-DiwrgTda.js",
		"/assets/index-B3x9Kq2L.css":                        "/assets/index-B3x9Kq2L.css",
		"/files/report-2024.pdf":                            "/files/report-2024.pdf",
		"/files/jquery.min.js":                              "/files/jquery.min.js",
		"/avatars/550e8400-e29b-41d4-a716-446655440000.png": "/avatars/{id}.png",
		"/photos/12345.jpg":                                 "/photos/{id}.jpg",
		"/blog/how-to-install-node-20-on-ubuntu-22-04":      "/blog/how-to-install-node-20-on-ubuntu-22-04",
		"/shop/iPhone-15-Pro-Max-256GB-Blue":                "/shop/iPhone-15-Pro-Max-256GB-Blue",
		"/rpc/getUserProfileByEmailAddress":                 "/rpc/getUserProfileByEmailAddress",
		"/grpc.health.v1.Health/Check":                      "/grpc.health.v1.Health/Check",
		"/RPC2":                                             "/RPC2",
		"/wp-login.php":                                     "/wp-login.php",
		"/caf%C3%A9/K%C3%B6ln":                              "/café/Köln",
		"/café":                                             "/café",
		"/a%2Fb/%2e%2e":                                     "/a%2Fb/..",
		"/a%25/x%00y":                                       "/a%25/x%00y",
		"/orders;jsessionid=1A2B3C4D5E/x":                   "/orders/x",
		"/login;token=secret":                               "/login",
		"/a/;x/b":                                           "/a/{id}/b",
		"/u/ann%40example.com%2Forders":                     "/u/{id}",
		"/u/ann%2540example.com":                            "/u/{id}",
		"/login%3Btoken=secret":                             "/login",
		"/100%25":                                           "/{id}",
		"/bad%zz":                                           "/bad%zz",
		"/bad\xff\n":                                        "/bad\uFFFD\uFFFD",
		"/number/\u0661\u0662\u0663":                        "/number/{id}",
		"/orders/{id}":                                      "/orders/{id}",
		"/orders/{order_id}/x":                              "/orders/{order_id}/x",
		"{other}":                                           "{other}",
		"/long/" + strings.Repeat("x", 101):                 "/long/{id}",
		strings.Repeat("/segment", 100):                     strings.Repeat("/segment", 62) + "/…",
		"/.well-known/openid-configuration":                 "/.well-known/openid-configuration",
		"/_next/static/chunks/pages/_app.js":                "/_next/static/chunks/pages/_app.js",
		"/socket.io/":                                       "/socket.io/",
		"/api/collections/posts/records/x7k2m9p4q1w8z3v":    "/api/collections/posts/records/{id}",
		"/orders/17/../18":                                  "/orders/{id}/../{id}",
		"/q/" + "a b":                                       "/q/a b",
		"/feed.xml":                                         "/feed.xml",
		"/objects/507f1f77bcf86cd799439011":                 "/objects/{id}",
		"/index.html":                                       "/index.html",
		"/reset/Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==":           "/reset/{id}",
		"/sessions/6ba7b810-9dad-11d1-80b4-00c04fd430c8/refresh": "/sessions/{id}/refresh",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			n := namer(t)
			got := n.Name(path, noon)
			if got != want {
				t.Errorf("Name(%q) = %q, want %q", path, got, want)
			}
			if again := n.Name(got, noon); again != got {
				t.Errorf("named again it is %q", again)
			}
		})
	}
}

func TestConfiguredRoutesWin(t *testing.T) {
	t.Parallel()
	n := namer(t, "/users/{name}", "/users/me", "/users/{name}/posts/{post}", "/files/{path...}", "/static/", "/exact/{$}", "/v1/2024")
	for path, want := range map[string]string{
		"/users/ann":           "/users/{name}",
		"/users/me":            "/users/me",
		"/users/17":            "/users/{name}",
		"/users/":              "/users/",
		"/users/me/posts/x":    "/users/{name}/posts/{post}",
		"/users/me/likes/9":    "/users/me/likes/{id}",
		"/files/a/b/c.txt":     "/files/{path...}",
		"/files/":              "/files/{path...}",
		"/files":               "/files",
		"/static/app/1.js?v=2": "/static/",
		"/exact/":              "/exact/{$}",
		"/exact/x":             "/exact/x",
		"/v1/2024":             "/v1/2024",
		"/v1/2025":             "/v1/{id}",
		"/users/%C3%A9":        "/users/{name}",
	} {
		if got := n.Name(path, noon); got != want {
			t.Errorf("Name(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestRoutePatternsAreChecked(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"", "orders", "/a{b}", "/{}", "/{a...}/b", "/{$}/x", "/a//b", "/a?b", "/" + strings.Repeat("x", 500), "GET /a", "/a\n"} {
		if _, err := collect.NewNamer([]string{"/ok", pattern}, ofNoon); err == nil {
			t.Errorf("pattern %q is taken", pattern)
		}
	}
}

func TestEndpointsPerHourAreBounded(t *testing.T) {
	t.Parallel()
	n := namer(t, "/configured/{x}")
	path := func(i int) string { // words, so that none is an id
		return "/" + strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i))
	}
	names := map[string]int{}
	for i := range 3000 {
		names[n.Name(path(i), noon)]++
	}
	if n.Name("/configured/1", noon) != "/configured/{x}" {
		t.Error("a configured route has no room")
	}
	if len(names) != 1000 || names[metric.OtherEndpoint] != 3000-999 {
		t.Errorf("%d endpoints, %d of them other; want 999 and {other}", len(names), names[metric.OtherEndpoint])
	}
	if got := n.Name(path(1), noon); got != path(1) {
		t.Errorf("a known endpoint became %s", got)
	}
	if got := n.Name("/new", noon.Add(time.Hour)); got != "/new" {
		t.Errorf("the next hour begins with %s", got)
	}
	for i := range 200 { // an import
		n.Name("/new", noon.Add(-time.Duration(i)*time.Hour))
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"/orders/17", "//a//", "/%41%2541", "/{id}.js", "/a\xff", "/x/…", strings.Repeat("/ab", 300), "/users/x", "/%7Bid%7D", "http:///"} {
		f.Add(seed)
	}
	n := namer(f, "/users/{name}", "/files/{rest...}")
	f.Fuzz(func(t *testing.T, path string) {
		got := n.Name(path, noon)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > metric.MaxEndpoint || got == "" {
			t.Fatalf("Name(%q) = %q", path, got)
		}
		if strings.ContainsAny(got, "?#") {
			t.Fatalf("Name(%q) = %q has a query", path, got)
		}
		for segment := range strings.SplitSeq(got, "/") {
			if segment != "" && strings.TrimFunc(segment, unicode.IsDigit) == "" {
				t.Fatalf("Name(%q) = %q has a number", path, got)
			}
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Fatalf("Name(%q) = %q is not printable", path, got)
			}
		}
		// The hour's set must not decide: a fresh namer names again.
		fresh := namer(t, "/users/{name}", "/files/{rest...}")
		once := fresh.Name(path, noon)
		if again := fresh.Name(once, noon); again != once {
			t.Fatalf("Name(%q) = %q, again %q", path, once, again)
		}
	})
}

// Before names become {other}, the log says so, once for every hour.
func TestNamerWarnsBeforeItIsFull(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	told := ofNoon
	told.Logger, told.What = slog.New(slog.NewTextHandler(&log, nil)), "endpoints"
	n, err := collect.NewNamer([]string{"/a", "/b"}, told) // leaves room for 998, of which 80 % are 799
	if err != nil {
		t.Fatal(err)
	}
	warnings := 0
	for hour := range 2 {
		for i := range 1200 {
			n.Name(fmt.Sprintf("/page-%c%c%c", 'a'+i/676, 'a'+i/26%26, 'a'+i%26), noon.Add(time.Duration(hour)*time.Hour))
			if isDue := i == 798; isDue {
				warnings++
			}
			if got := strings.Count(log.String(), `what="endpoints of an hour"`); got != warnings {
				t.Fatalf("hour %d, after %d names: %d warnings, want %d: %s", hour, i+1, got, warnings, log.String())
			}
		}
	}
}

func BenchmarkName(b *testing.B) {
	for _, path := range []string{"/orders", "/api/v1/orders/17/items/550e8400-e29b-41d4-a716-446655440000"} {
		b.Run(path, func(b *testing.B) {
			n := namer(b)
			b.ReportAllocs()
			for b.Loop() {
				n.Name(path, noon)
			}
		})
	}
}
