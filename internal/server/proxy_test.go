package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/server"
)

// echoed is what an application saw of a request.
type echoed struct {
	Method, URI, Host string
	Header            http.Header
	Body              string
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(echoed{r.Method, r.RequestURI, r.Host, r.Header, string(body)})
}

func decode(t *testing.T, text string) echoed {
	t.Helper()
	var seen echoed
	if err := json.Unmarshal([]byte(text), &seen); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return seen
}

func TestRequestsPassAsTheyCame(t *testing.T) {
	t.Parallel()
	g := before(t, echo, nil)
	for _, target := range []string{
		"/", "/orders", "/orders/", "//orders", "/a/../b", "/a/./b", "/a%2Fb", "/%41", "/a%20b+c", "/%E2%82%AC", "/a:b@c",
		"/?", "/?a=1;b=2", "/?a=%zz", "/?q=a+b&q=%2B", "/?=&&", "/a;x=1/b?c=d?e", "/%2e%2e/x",
	} {
		text := raw(t, g, "GET "+target+" HTTP/1.1\r\nHost: shop.example:99\r\nConnection: close\r\n\r\n")
		_, body, _ := strings.Cut(text, "\r\n\r\n")
		if seen := decode(t, body); seen.URI != target || seen.Host != "shop.example:99" {
			t.Errorf("%s: application saw %s on %s", target, seen.URI, seen.Host)
		}
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "X-OWN"} {
		_, text := g.do(t, method, "/", strings.NewReader("body"))
		if seen := decode(t, text); seen.Method != method || seen.Body != "body" {
			t.Errorf("%s: application saw %s with %q", method, seen.Method, seen.Body)
		}
	}
}

func TestUpstreamWithPath(t *testing.T) {
	t.Parallel()
	application := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(application.Close)
	g := serve(t, func(o *server.Options) { o.Upstream = parse(t, application.URL+"/base/") })
	_, text := g.get(t, "/orders?a=1")
	if seen := decode(t, text); seen.URI != "/base/orders?a=1" {
		t.Errorf("application saw %s", seen.URI)
	}
}

// raw sends a request byte by byte as given and returns all of the answer.
func raw(t *testing.T, g *rig, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil && len(answer) == 0 {
		t.Fatal(err)
	}
	return string(answer)
}

func TestHopByHopHeadersStayOnTheirHop(t *testing.T) {
	t.Parallel()
	type header = http.Header
	for _, test := range []struct {
		name       string
		sent, want header // the request's, without those that are always there
	}{
		{"end to end", header{"X-Own": {"1", "2"}, "Cookie": {"a=b"}, "Authorization": {"Bearer t"}},
			header{"X-Own": {"1", "2"}, "Cookie": {"a=b"}, "Authorization": {"Bearer t"}}},
		{"standard", header{"Keep-Alive": {"timeout=5"}, "Proxy-Connection": {"keep-alive"}, "Proxy-Authorization": {"x"}, "Te": {"gzip"}}, header{}},
		{"named by Connection", header{"Connection": {"X-Secret, x-other"}, "X-Secret": {"1"}, "X-Other": {"2"}, "X-Kept": {"3"}},
			header{"X-Kept": {"3"}}},
		{"trailers are announced on", header{"Te": {"trailers"}}, header{"Te": {"trailers"}}},
		{"identity passes", header{"X-Forwarded-Email": {"a@b"}, "X-Forwarded-User": {"a"}, "X-Forwarded-Access-Token": {"t"}},
			header{"X-Forwarded-Email": {"a@b"}, "X-Forwarded-User": {"a"}, "X-Forwarded-Access-Token": {"t"}}},
		{"Connection cannot take what the proxy sets", header{"Connection": {"X-Forwarded-For, X-Forwarded-Host"}}, header{}},
		{"upgrade to HTTP/2 is not tunnelled", header{"Connection": {"Upgrade, HTTP2-Settings"}, "Upgrade": {"h2c"}, "Http2-Settings": {"AAMAAABk"}}, header{}},
		{"compression is neither asked for nor undone", header{"Accept-Encoding": {"br, gzip"}}, header{"Accept-Encoding": {"br, gzip"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := before(t, echo, nil)
			var request strings.Builder
			request.WriteString("GET / HTTP/1.1\r\nHost: shop.example\r\n")
			_ = test.sent.Write(&request)
			request.WriteString("\r\n")
			conn, err := net.Dial("tcp", g.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, request.String())
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			got := decode(t, string(body)).Header
			for name, want := range map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "http"} {
				if got.Get(name) != want {
					t.Errorf("%s: got %q, want %q", name, got.Get(name), want)
				}
				got.Del(name)
			}
			got.Del("X-Request-Id")
			if !maps.EqualFunc(got, test.want, slices.Equal) {
				t.Errorf("application saw %v, want %v", got, test.want)
			}
		})
	}
}

func TestForwardedHeaders(t *testing.T) {
	t.Parallel()
	trusted, err := admin.ParseTrustedProxies([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	sent := []string{
		"Host", "inner.example", "X-Forwarded-For", "203.0.113.9, 10.0.0.1", "X-Forwarded-For", "10.0.0.2",
		"X-Forwarded-Host", "shop.example", "X-Forwarded-Proto", "https", "Forwarded", "for=203.0.113.9",
	}
	for _, test := range []struct {
		name    string
		trusted admin.TrustedProxies
		want    map[string]string
	}{
		{"from a trusted peer", trusted, map[string]string{
			"X-Forwarded-For": "203.0.113.9, 10.0.0.1, 10.0.0.2, 127.0.0.1", "X-Forwarded-Host": "shop.example",
			"X-Forwarded-Proto": "https", "Forwarded": "for=203.0.113.9",
		}},
		{"from anyone", nil, map[string]string{
			"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "inner.example", "X-Forwarded-Proto": "http", "Forwarded": "",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := before(t, echo, func(o *server.Options) { o.TrustedProxies = test.trusted })
			_, text := g.get(t, "/", sent...)
			for name, want := range test.want {
				if got := strings.Join(decode(t, text).Header.Values(name), " | "); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestResponsesPassAsTheyAre(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = io.WriteString(zip, "hello")
	_ = zip.Close()
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		case "/untyped":
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "<html>")
		case "/hops":
			w.Header().Set("Connection", "X-Hop")
			w.Header().Set("X-Hop", "1")
			w.Header().Set("Keep-Alive", "timeout=5")
			w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
			w.Header().Set("Server", "own/1.0")
		case "/file":
			w.Header().Set("Etag", `"v1"`)
			http.ServeContent(w, r, "file.txt", time.Time{}, strings.NewReader("0123456789"))
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}, nil)

	if res, body := g.get(t, "/packed"); body != packed.String() || res.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("packed: got %q with %v", body, res.Header)
	}
	if res, body := g.get(t, "/untyped"); body != "<html>" || res.Header["Content-Type"] != nil {
		t.Errorf("untyped: got %q with %v", body, res.Header)
	}
	if res, _ := g.get(t, "/none"); res.StatusCode != http.StatusNoContent {
		t.Errorf("none: got %d", res.StatusCode)
	}
	if res, _ := g.get(t, "/moved"); res.StatusCode != http.StatusFound || res.Header.Get("Location") != "/elsewhere" {
		t.Errorf("moved: got %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	if res, body := g.do(t, http.MethodHead, "/file", http.NoBody); res.ContentLength != 10 || body != "" {
		t.Errorf("head: got length %d and body %q", res.ContentLength, body)
	}
	if res, body := g.get(t, "/file", "Range", "bytes=2-4"); res.StatusCode != http.StatusPartialContent || body != "234" {
		t.Errorf("range: got %d %q", res.StatusCode, body)
	}
	if res, body := g.get(t, "/file", "If-None-Match", `"v1"`); res.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("not modified: got %d %q", res.StatusCode, body)
	}
	res, _ := g.get(t, "/hops")
	if res.Header.Get("X-Hop")+res.Header.Get("Keep-Alive") != "" {
		t.Errorf("hop-by-hop headers passed: %v", res.Header)
	}
	if cookies := res.Header.Values("Set-Cookie"); len(cookies) != 2 || res.Header.Get("Server") != "own/1.0" {
		t.Errorf("got %v", res.Header)
	}
}

func TestOneCorrelationID(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.Header.Get("X-Request-Id"))
		if r.URL.Path == "/own" {
			w.Header().Set("X-Request-Id", "of-the-application")
		}
		if r.Header.Get("Upgrade") != "" {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "chat")
			w.WriteHeader(http.StatusSwitchingProtocols)
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
		}
	}, nil)
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "chat"}
	const sent = "e5f6a7b8-0000-4000-8000-000000000001"
	for _, test := range []struct {
		name, path, sent string
		header           []string
		want             string // empty: the one that the application saw
	}{
		{"made", "/", "", nil, ""},
		{"taken over", "/", sent, nil, sent},
		{"the application's own", "/own", sent, nil, "of-the-application"},
		{"upgraded", "/", sent, upgrade, sent},
		{"upgraded, whatever the application says", "/own", sent, upgrade, sent},
		{"of the API", "/api/v1/metrics/usage", sent, nil, sent},
	} {
		already := len(g.samples.taken())
		res, _ := g.get(t, test.path, append([]string{"X-Request-Id", test.sent}, test.header...)...)
		want := test.want
		if want == "" {
			want = res.Header.Get("X-Seen")
		}
		if ids := res.Header.Values("X-Request-Id"); len(ids) != 1 || ids[0] != want {
			t.Errorf("%s: answered %q, want %q", test.name, ids, want)
		}
		if got := g.samples.wait(t, already+1)[already].CorrelationID; got != want {
			t.Errorf("%s: recorded %q, want %q", test.name, got, want)
		}
	}
}

func TestInformationalResponses(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("X-Final", "1")
		_, _ = io.WriteString(w, "done")
	}, nil)
	var hints []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			hints = append(hints, fmt.Sprint(code, " ", header.Get("Link")))
			return nil
		},
	})
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, g.URL, http.NoBody)
	res, err := g.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if len(hints) != 1 || hints[0] != "103 </style.css>; rel=preload" || res.Header.Get("X-Final") != "1" {
		t.Errorf("got hints %q, then %v", hints, res.Header)
	}
	if res.Header.Get("X-Request-Id") == "" {
		t.Error("the hint took the correlation id away")
	}
}

func TestExpectContinue(t *testing.T) {
	t.Parallel()
	g := before(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusForbidden) // without looking at the body
			return
		}
		echo(w, r)
	}, nil)
	g.AwaitContinue(time.Hour)
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	head := " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"

	_, _ = io.WriteString(conn, "POST /taken"+head)
	if line, _ := in.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("got %q", line)
	}
	if _, err := textproto.NewReader(in).ReadMIMEHeader(); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, "body")
	res, err := http.ReadResponse(in, nil)
	// The server asks for the body when the proxy begins to read it, and the
	// application's own 100, which made it begin, is passed on at the same
	// moment. RFC 9110, 15.2: any number may precede the final response.
	for err == nil && res.StatusCode == http.StatusContinue {
		res, err = http.ReadResponse(in, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if seen := decode(t, string(body)); seen.Body != "body" {
		t.Errorf("application saw %q", seen.Body)
	}

	_, _ = io.WriteString(conn, "POST /refused"+head)
	if line, _ := in.ReadString('\n'); line != "HTTP/1.1 403 Forbidden\r\n" {
		t.Errorf("got %q, want the refusal and no body asked for", line)
	}
}
