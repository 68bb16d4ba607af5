package threats

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// injections are texts that mean something inside a statement, in one engine or
// the other.
var injections = []string{
	"'", "\"", "`", "\\", "\\'", ";", "--", "/*", "%", "_", "$1", "?", ":a", "@a", "$$", "''''",
	"' OR '1'='1", "' OR 1=1 --", `" OR ""="`, "1) OR (1=1", "x' UNION SELECT id FROM usage_events --",
	"'; DROP TABLE performance_metrics; --", "'); DELETE FROM usage_events; --", "$1; DROP TABLE usage_events",
	"' || (SELECT pg_sleep(10)) || '", "'||randomblob(1000000000)||'", "1; ATTACH DATABASE '/tmp/x' AS x", "\\'; COPY t TO PROGRAM 'x' --",
	"{app}", "{{.}}", "%s%d%!", "E'\\x27'", "\u02bc OR 1=1", "\uff07 OR 1=1", "a\x00b", "\xbf\x27 OR 1=1", "0x27", "null", "NaN", "-0", "1e999", "9223372036854775808",
	"seede_", "seeded%", "%seeded%",
}

// plant makes rows that nobody but their exact names may find.
func (s *site) plant() {
	s.t.Helper()
	for i := range 3 {
		s.post(requests, requestsOf(request("/seeded", "user_id", fmt.Sprintf("seeded-%c", 'a'+i), "error_type", "seeded"))).must(s.t, http.StatusAccepted)
		s.post(usageEvents, event("page_name", "seeded", "element_id", "seeded", "metadata", map[string]int{"seeded": i})).must(s.t, http.StatusAccepted)
	}
	for _, table := range []string{"performance_metrics WHERE endpoint = '/seeded'", "usage_events WHERE page_name = 'seeded'"} {
		for deadline := time.Now().Add(patience); s.column("SELECT count(*) FROM " + table)[0] != "3"; <-time.After(again) {
			if time.Now().After(deadline) {
				s.t.Fatalf("3 rows of %s are not stored", table)
			}
		}
	}
}

// operation is a question of the API and its parameters.
type operation struct {
	path       string
	required   url.Values
	parameters map[string]reply
}

// reply is what a question answers when a parameter has a name that nothing has,
// or, where that is refused, without the parameter.
type reply struct {
	shape []string
	finds bool // data all the same, which the parameter does not filter
}

func (s *site) reply(path string, values url.Values) reply {
	s.t.Helper()
	a := s.ask(http.MethodGet, path+"?"+values.Encode(), nil)
	if a.status == http.StatusBadRequest {
		return reply{finds: true}
	}
	return reply{s.shape(a.must(s.t, http.StatusOK)), found.MatchString(a.body)}
}

// operations reads them from the document that the program serves, and asks
// each once.
func (s *site) operations() []operation {
	s.t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Ref string `json:"$ref"`
			}
		}
		Components struct {
			Parameters map[string]struct {
				Name     string
				Required bool
				Schema   struct{ Enum []string }
			}
		}
	}
	s.ask(http.MethodGet, "/api/v1/openapi.json", nil).read(s.t, &document)
	var all []operation
	for path, methods := range document.Paths {
		question, ok := methods["get"]
		if !ok || !strings.HasPrefix(path, api) {
			continue
		}
		o := operation{path: path, parameters: map[string]reply{}, required: url.Values{}}
		for _, p := range question.Parameters {
			known := document.Components.Parameters[p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]]
			o.parameters[known.Name] = reply{}
			if known.Required {
				o.required.Set(known.Name, known.Schema.Enum[0])
			}
		}
		for name := range o.parameters {
			values := maps.Clone(o.required)
			values.Set(name, "nothing")
			o.parameters[name] = s.reply(path, values)
		}
		all = append(all, o)
	}
	if len(all) < 8 {
		s.t.Fatalf("%d operations: the document was not understood", len(all))
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path, b.path) })
	return all
}

// shape lists the members of an answer, and of the metrics in it.
func (s *site) shape(a answer) []string {
	s.t.Helper()
	var whole map[string]json.RawMessage
	a.read(s.t, &whole)
	names := slices.Collect(maps.Keys(whole))
	var metrics map[string]json.RawMessage
	if json.Unmarshal(whole["metrics"], &metrics) == nil {
		names = slices.AppendSeq(names, maps.Keys(metrics))
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "next_cursor" || name == "previous" })
}

// found matches an answer with data in it.
var found = regexp.MustCompile(`seeded|"(total_requests|total_events|count|request_count)":[1-9]`)

// inject puts a text into the parameters of every question, but for every other
// one when it is their turn: it is refused as a value, or nothing has that name.
func (s *site) inject(t *testing.T, all []operation, text string, turn int) {
	t.Helper()
	for _, o := range all {
		for i, name := range slices.Sorted(maps.Keys(o.parameters)) {
			if i%2 == turn {
				continue
			}
			usual := o.parameters[name]
			values := maps.Clone(o.required)
			values.Set(name, text)
			got := s.ask(http.MethodGet, o.path+"?"+values.Encode(), nil)
			switch {
			case got.status == http.StatusBadRequest:
			case got.status != http.StatusOK:
				t.Errorf("%s %s=%q: got %d %s", o.path, name, text, got.status, got.body)
			case usual.shape != nil && !slices.Equal(s.shape(got), usual.shape):
				t.Errorf("%s %s=%q: the answer has %q, want %q", o.path, name, text, s.shape(got), usual.shape)
			case !usual.finds && found.MatchString(got.body):
				t.Errorf("%s %s=%q found %s", o.path, name, text, got.body)
			}
		}
	}
}

// injectBody posts a text in every field, and in the headers that are stored.
func (s *site) injectBody(t *testing.T, text string) {
	t.Helper()
	header := []string{"X-Forwarded-Email", visibleOf(text), "X-Request-Id", visibleOf(text), "User-Agent", visibleOf(text), "Referer", visibleOf(text)}
	ok := func(got answer) {
		if got.status != http.StatusAccepted && got.status != http.StatusBadRequest {
			t.Errorf("%q: got %d %s", text, got.status, got.body)
		}
	}
	ok(s.post(usageEvents, event("page_name", text, "element_id", text, "metadata", map[string]any{text: []string{text}}), header...))
	for _, field := range []string{"event_type", "timestamp", "id", "success", "metadata"} {
		ok(s.post(usageEvents, strings.Replace(event(), `"event_type"`, strings.TrimPrefix(members(field, text), ",")+`,"x"`, 1), header...))
	}
	for _, field := range []string{"user_id", "error_type", "id", "x"} {
		ok(s.post(requests, requestsOf(request("/"+text, field, text)), header...))
	}
	ok(s.post(requests, requestsOf(strings.Replace(request("/x"), `"GET"`, strings.SplitN(members("m", text), ":", 2)[1], 1)), header...))
	s.ask(http.MethodGet, "/"+url.PathEscape(text)+"?"+url.QueryEscape(text), nil, header...)
}

// Whatever is asked or posted is a value: it finds nothing but what has that
// name, breaks no statement, and changes no table.
func TestNothingIsInjected(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := install(t, engine, "APPMETRICS_TRUSTED_PROXIES=127.0.0.1").serve()
		s.plant()
		tables, all := s.tables(), s.operations()
		for i, text := range injections {
			s.inject(t, all, text, i%2) // FuzzInjection puts each into all
			s.injectBody(t, text)
		}
		s.stop()
		if got := s.tables(); !slices.Equal(got, tables) {
			t.Errorf("tables %q, want %q", got, tables)
		}
		for _, question := range []string{
			"SELECT count(*) FROM performance_metrics WHERE endpoint = '/seeded'", "SELECT count(*) FROM usage_events WHERE page_name = 'seeded'",
		} {
			if got := s.column(question); got[0] != "3" {
				t.Errorf("%s: %s, want 3", question, got[0])
			}
		}
		// What is stored is what was sent, letter by letter.
		stored := s.column("SELECT DISTINCT element_id FROM usage_events")
		for _, text := range injections {
			if !strings.Contains(text, "\x00") && utf8.ValidString(text) && !slices.Contains(stored, text) {
				t.Errorf("%q is not stored", text)
			}
		}
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, `"level":"ERROR"`) {
				t.Errorf("the program failed: %s", line)
			}
		}
	})
}

func FuzzInjection(f *testing.F) {
	for _, text := range []string{"'", "' OR 1=1 --", "\\';$1"} { // the others are asked above
		f.Add(text)
	}
	var sites []*site
	var questions [][]operation
	for _, engine := range storetest.Engines() {
		s := install(f, engine, "APPMETRICS_TRUSTED_PROXIES=127.0.0.1").serve()
		s.plant()
		sites, questions = append(sites, s), append(questions, s.operations())
	}
	const posted = "-posted" // no question asks for what one before has posted
	own := []string{"get", "default", "page_view", "local", "/seeded", "seeded", "200", "appmetrics"}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1000 || slices.Contains(own, strings.ToLower(text)) || strings.HasPrefix(text, "seeded-") || text == "" ||
			strings.Contains(strings.ToLower(text), posted) {
			return // a name that exists, or none
		}
		for i := range sites {
			s := *sites[i]
			s.t = t
			s.inject(t, questions[i], text, -1)
			s.injectBody(t, text+posted)
			if got := s.ask(http.MethodGet, performance+"?endpoint=/seeded", nil).must(t, http.StatusOK); !strings.Contains(got.body, `"total_requests":3`) {
				t.Errorf("%q: the rows are gone: %s", text, got.body)
			}
		}
	})
}
