package ingest_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/ingest"
)

// list is a body whose second event is the one given.
func list(second string) string { return `{"events":[` + goodEvent + `,` + second + `]}` }

const plain = `"event_type":"page_view","timestamp":"2025-10-18T12:35:00Z"`

func nested(levels int, left, right, inside string) string {
	return strings.Repeat(left, levels) + inside + strings.Repeat(right, levels)
}

// What programs may read in more than one way is refused, with its place.
func TestAmbiguousBodiesAreRefused(t *testing.T) {
	t.Parallel()
	const million = 500_000 // of each bracket
	for _, tt := range []struct {
		name, body string
		index      int
		field      string
		words      string // in the error
	}{
		{"two lists", `{"events":[` + goodEvent + `],"events":[` + goodEvent + `]}`, -1, "body", `a second "events"`},
		{"a name twice outside", `{"a":1,"events":[` + goodEvent + `],"a":1}`, -1, "body", `a second "a"`},
		{"a field twice", list(`{` + plain + `,"page_name":"a","page_name":"b"}`), 1, "page_name", `a second "page_name"`},
		{"a field twice, once escaped", list(`{` + plain + `,"page_name":"a","page\u005fname":"b"}`), 1, "page_name", `a second "page_name"`},
		{"an unknown field twice", list(`{` + plain + `,"x":1,"x":1}`), 1, "x", `a second "x"`},
		{"a name twice in metadata", list(`{` + plain + `,"metadata":{"a":{"b":1,"c":2,"b":3}}}`), 1, "metadata", `a second "b"`},
		{"a name twice in what is not read", list(`{` + plain + `,"later":[{"b":1,"b":3}]}`), 1, "later", `a second "b"`},
		{"text that is no UTF-8", list(`{` + plain + `,"page_name":"` + "a\xff" + `"}`), 1, "page_name", "valid UTF-8"},
		{"metadata that is no UTF-8", list(`{` + plain + `,"metadata":{"a":"` + "\xc3" + `"}}`), 1, "metadata", "valid UTF-8"},
		{"a name that is no UTF-8", list(`{` + plain + `,"` + "\xed\xa0\x80" + `":1}`), 1, "sample", "valid UTF-8"},
		{"no UTF-8 outside", `{"` + "\xff" + `":1,"events":[` + goodEvent + `]}`, -1, "body", "valid UTF-8"},
		{"no UTF-8 between", `{"events":` + "\xff" + `[]}`, -1, "body", "not valid JSON at byte 11"},
		{"deep metadata", list(`{` + plain + `,"metadata":{"a":` + nested(32, "[", "]", "") + `}}`), 1, "metadata", "at most 32 levels"},
		{"deep unknown field", list(`{` + plain + `,"x":` + nested(33, "[", "]", "") + `}`), 1, "x", "at most 32 levels"},
		{"deep beside the list", `{"x":` + nested(33, `{"a":`, "}", "1") + `,"events":[` + goodEvent + `]}`, -1, "body", "at most 32 levels"},
		{"a million arrays", nested(million, "[", "]", ""), -1, "body", "must be a JSON object with events"},
		{"a million arrays beside the list", `{"x":` + nested(million, "[", "]", "") + `}`, -1, "body", "at most 32 levels"},
		{"a million arrays for a sample", list(nested(million, "[", "]", "")), 1, "sample", "at most 32 levels"},
		{"a million arrays for a text", list(`{"page_name":` + nested(million, "[", "]", "") + `}`), 1, "page_name", "at most 32 levels"},
		{"a million arrays in metadata", list(`{"metadata":` + nested(million, "[", "]", "") + `}`), 1, "metadata", "at most 32 levels"},
		{"a million arrays left open", `{"events":[` + strings.Repeat("[", 2*million), 0, "sample", "at most 32 levels"},
		{"objects in objects", `{"events":[{"metadata":` + strings.Repeat(`{"a":`, 200_000), 0, "metadata", "at most 32 levels"},
		{"a second body", list(`{`+plain+`}`) + `{"events":[]}`, -1, "body", "after the object"},
		{"a sample that is a list", list(`[]`), 1, "sample", "a JSON object"},
		{"a sample that is nothing", list(`null`), 1, "sample", "a JSON object"},
		{"a list that is an object", `{"events":{}}`, -1, "events", "required, an array of 1 to 1000"},
		{"a name without value", `{"events"}`, -1, "body", "not valid JSON at byte 10"},
		{"cut short", `{"events":[{"page_name":"a`, -1, "body", "unexpected end of JSON input"},
		{"a flag that is a text", list(`{` + plain + `,"success":"yes"}`), 1, "success", "a JSON boolean"},
		{"a text that is a flag", list(`{` + plain + `,"element_id":true}`), 1, "element_id", "a JSON string"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := ingest.DecodeEvents(strings.NewReader(tt.body), options())
			var wrong *ingest.BodyError
			if !errors.As(err, &wrong) || got != nil {
				t.Fatalf("got %v, %v; want a *BodyError", got, err)
			}
			if wrong.Index != tt.index || wrong.Field != tt.field || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("got %q with index %d, field %q; want %d, %q and %q", err, wrong.Index, wrong.Field, tt.index, tt.field, tt.words)
			}
			if len(err.Error()) > 400 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestNumbersOfRequestsAreRead(t *testing.T) {
	t.Parallel()
	const rest = `"timestamp":"2025-10-18T12:35:00Z","endpoint":"/","method":"GET"`
	for fields, want := range map[string]string{
		`"status_code":200,"response_time_ms":1`:      "",
		`"status_code":200,"response_time_ms":1.25e2`: "",
		`"status_code":200.5,"response_time_ms":1`:    "sample 0: status_code: number 200.5 is not allowed; a whole number",
		`"status_code":1e400,"response_time_ms":1`:    "sample 0: status_code: number 1e400 is not allowed; a whole number",
		`"status_code":"200","response_time_ms":1`:    "sample 0: status_code: string is not allowed; a whole number",
		`"status_code":null,"response_time_ms":1`:     `sample 0: status_code: "" is not allowed; required, 100 to 599`,
		`"status_code":200,"response_time_ms":"1"`:    "sample 0: response_time_ms: string is not allowed; a JSON number",
		`"status_code":200,"response_time_ms":1e400`:  "sample 0: response_time_ms: number 1e400 is not allowed; a JSON number",
	} {
		_, _, err := ingest.DecodeRequests(strings.NewReader(`{"requests":[{`+rest+`,`+fields+`}]}`), options())
		if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
			t.Errorf("%s:\ngot  %s\nwant %s", fields, got, want)
		}
	}
}

// Half of a character, as a script cuts it off, must not cost the batch.
func TestHalvesOfCharactersAreReplaced(t *testing.T) {
	t.Parallel()
	got, _, err := ingest.DecodeEvents(strings.NewReader(list(`{`+plain+`,"page_name":"a\ud83d","element_id":"\t\u00e9\"\/"}`)), options())
	if err != nil {
		t.Fatal(err)
	}
	if got[1].PageName != "a\uFFFD" || got[1].ElementID != "\té\"/" {
		t.Errorf("got %q and %q", got[1].PageName, got[1].ElementID)
	}
}

// Names are what the contract says, letter by letter: programs that ignore case
// disagree about which of two counts.
func TestNamesAreExact(t *testing.T) {
	t.Parallel()
	got, _, err := ingest.DecodeEvents(strings.NewReader(`{"Events":[],"events":[{`+plain+`,"Page_Name":"/a","page_name":"/b","PAGE_NAME":"/c"}]}`), options())
	if err != nil {
		t.Fatal(err)
	}
	if got[0].PageName != "/b" {
		t.Errorf("page %q", got[0].PageName)
	}
}

// What is kept of an event keeps no more of its body than that.
func TestMetadataIsACopy(t *testing.T) {
	t.Parallel()
	got, _, err := ingest.DecodeEvents(strings.NewReader(list(`{`+plain+`,"metadata" : `+"\n"+` {"a": [1, {}]} }`)), options())
	if err != nil {
		t.Fatal(err)
	}
	if m := got[1].Metadata; string(m) != `{"a": [1, {}]}` || cap(m) > 64 {
		t.Errorf("metadata %s with room for %d", m, cap(m))
	}
}

func TestRefusedBodiesSayHowManySamples(t *testing.T) {
	t.Parallel()
	_, report, err := ingest.DecodeEvents(strings.NewReader(list(`{}`)), options())
	if err == nil || report.Received != 2 {
		t.Errorf("%d received, %v", report.Received, err)
	}
	_, report, err = ingest.DecodeEvents(strings.NewReader(`{"events":[`+strings.Repeat(goodEvent+",", 1000)+`7]}`), options())
	if many := (*ingest.ErrTooMany)(nil); !errors.As(err, &many) || report.Received != 1001 {
		t.Errorf("%d received, %v", report.Received, err)
	}
}

// bomb is gzip of 10 MB that inflates to 10 GB. The same block again and again
// is the cheapest way to make one.
func bomb(t testing.TB, members bool) io.Reader {
	t.Helper()
	const block, times = 10 << 20, 1000
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	zeros := make([]byte, block)
	if _, err := w.Write(zeros); err != nil {
		t.Fatal(err)
	}
	if !members {
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		const header = 10
		body := bytes.Repeat(b.Bytes()[header:], times)
		return io.MultiReader(bytes.NewReader(b.Bytes()[:header]), bytes.NewReader(body))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(bytes.Repeat(b.Bytes(), times))
}

// Not parallel: it counts what the whole process allocates.
func TestBombsTakeLittleMemory(t *testing.T) {
	const most = 16 << 20 // in all, at any time less
	empty := gzipped("").Bytes()
	names := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%x":0`, i)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		body io.Reader
		gzip bool
		want error // nil: a *BodyError
	}{
		"10 GB":                  {bomb(t, false), true, ingest.ErrTooLarge},
		"10 GB in many members":  {bomb(t, true), true, ingest.ErrTooLarge},
		"many empty members":     {bytes.NewReader(bytes.Repeat(empty, 10<<20/len(empty))), true, nil},
		"nested arrays":          {strings.NewReader(`{"x":` + strings.Repeat("[", 1_000_000)), false, nil},
		"nested metadata":        {strings.NewReader(`{"events":[{"metadata":` + strings.Repeat(`{"":`, 200_000)), false, nil},
		"many names":             {strings.NewReader(`{"x":{"":0` + names(80_000) + `}}`), false, nil},
		"one long string":        {strings.NewReader(`{"events":[{"page_name":"` + strings.Repeat("x", 1_000_000) + `"}]}`), false, nil},
		"one long, escaped":      {strings.NewReader(`{"events":[{"page_name":"` + strings.Repeat(`\n`, 500_000) + `"}]}`), false, nil},
		"one long number":        {strings.NewReader(`{"events":[{"success":` + strings.Repeat("1", 1_000_000) + `}]}`), false, nil},
		"one long name":          {strings.NewReader(`{"events":[{"` + strings.Repeat("x", 500_000) + `":1,"` + strings.Repeat("x", 500_000) + `":1}]}`), false, nil},
		"an endless plain body":  {endless{}, false, ingest.ErrTooLarge},
		"an endless zipped body": {bomb(t, false), true, ingest.ErrTooLarge},
	} {
		opts := options()
		if c.gzip {
			opts.ContentEncoding = "gzip"
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := ingest.DecodeEvents(c.body, opts)
		runtime.ReadMemStats(&after)
		var wrong *ingest.BodyError
		if c.want != nil && !errors.Is(err, c.want) || c.want == nil && !errors.As(err, &wrong) {
			t.Errorf("%s: %.200v, want %v", name, err, c.want)
		}
		took := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d KiB", name, took>>10)
		if took > most {
			t.Errorf("%s: %d MiB allocated", name, took>>20)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
