package ingest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/ingest"
	"github.com/appmetrics/appmetrics/internal/metric"
)

var received = time.Date(2025, 10, 18, 12, 35, 2, 0, time.UTC)

func options() ingest.DecodeOptions {
	return ingest.DecodeOptions{Received: received, App: "shop", UserID: "ann", CorrelationID: "c1"}
}

const goodEvent = `{"id":"7c1e0000-0000-4000-8000-000000000001","event_type":"button_click","timestamp":"2025-10-18T14:35:00+02:00",
 "page_name":"/orders","element_id":"add-order","success":false,"metadata":{"rows":3},"from_the_future":[1]}`

func TestDecodeEvents(t *testing.T) {
	t.Parallel()
	got, report, err := ingest.DecodeEvents(strings.NewReader(`{"events":[`+goodEvent+`,
		{"event_type":"page_view","timestamp":"2025-10-18T12:35:00Z","metadata":null,"page_name":null}]}`), options())
	if err != nil {
		t.Fatal(err)
	}
	if report.Received != 2 || report.Late != 0 || !report.HasIDs {
		t.Errorf("report %+v", report)
	}
	a, b := got[0], got[1]
	if a.App != "shop" || a.UserID != "ann" || a.CorrelationID != "c1" || a.Success ||
		!a.Timestamp.Equal(received.Add(-2*time.Second)) || a.Timestamp.Location() != time.UTC ||
		string(a.Metadata) != `{"rows":3}` || a.PageName != "/orders" || a.ElementID != "add-order" {
		t.Errorf("first event %+v", a)
	}
	if !b.Success || b.Metadata != nil || b.PageName != "" {
		t.Errorf("second event %+v, want success by default and no metadata", b)
	}
}

// Pages and elements are named by the time that is stored, an element with the
// name of its page, and those of a body that is refused not at all.
func TestDecodeEventsNamesPagesAndElements(t *testing.T) {
	t.Parallel()
	opts := options()
	var named []string
	opts.Page = func(name string, at time.Time) string {
		named = append(named, name+" at "+at.Format(time.RFC3339))
		return "named " + name
	}
	opts.Element = func(page, id string, at time.Time) string {
		named = append(named, id+" of "+page+" at "+at.Format(time.RFC3339))
		return "named " + id
	}
	old := `{"event_type":"page_view","timestamp":"2024-10-18T12:35:00Z","page_name":"/old","element_id":"buy"}`
	if _, _, err := ingest.DecodeEvents(strings.NewReader(`{"events":[`+goodEvent+`,{"event_type":"no such"}]}`), opts); err == nil || named != nil {
		t.Errorf("refused: %v, named %q", err, named)
	}
	got, _, err := ingest.DecodeEvents(strings.NewReader(`{"events":[`+goodEvent+`,`+old+`]}`), opts)
	if err != nil {
		t.Fatal(err)
	}
	now, before := received.Format(time.RFC3339), got[0].Timestamp.Format(time.RFC3339)
	if want := []string{
		"/orders at " + before, "add-order of named /orders at " + before, "/old at " + now, "buy of named /old at " + now,
	}; !slices.Equal(named, want) {
		t.Errorf("named %q, want %q", named, want)
	}
	if got[1].PageName != "named /old" || got[1].ElementID != "named buy" {
		t.Errorf("got %+v", got[1])
	}
}

func TestDecodeEventsReplacesTimestamps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		age  time.Duration
		late int
	}{
		{"now", 0, 0},
		{"seven days", 7 * 24 * time.Hour, 0},
		{"older", 7*24*time.Hour + time.Second, 1},
		{"five minutes ahead", -5 * time.Minute, 0},
		{"more ahead", -5*time.Minute - time.Second, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sent := received.Add(-tt.age)
			got, report, err := ingest.DecodeEvents(strings.NewReader(fmt.Sprintf(
				`{"events":[{"event_type":"page_view","timestamp":%q}]}`, sent.Format(time.RFC3339))), options())
			if err != nil {
				t.Fatal(err)
			}
			want := sent
			if tt.late > 0 {
				want = received
			}
			if report.Late != tt.late || !got[0].Timestamp.Equal(want) {
				t.Errorf("late %d at %v, want %d at %v", report.Late, got[0].Timestamp, tt.late, want)
			}
		})
	}
}

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const at = `"timestamp":"2025-10-18T12:35:00Z"`
	for _, tt := range []struct {
		name, body string
		index      int
		field      string
	}{
		{"empty", ``, -1, "body"},
		{"not JSON", `{"events":[}`, -1, "body"},
		{"trailing", `{"events":[` + goodEvent + `]} x`, -1, "body"},
		{"array", `[]`, -1, "body"},
		{"no events", `{}`, -1, "events"},
		{"null", `{"events":null}`, -1, "events"},
		{"none", `{"events":[]}`, -1, "events"},
		{"no object", `{"events":[` + goodEvent + `,7]}`, 1, "sample"},
		{"type", `{"events":[` + goodEvent + `,{"event_type":7,` + at + `}]}`, 1, "event_type"},
		{"unknown type", `{"events":[{"event_type":"x",` + at + `}]}`, 0, "event_type"},
		{"no time", `{"events":[{"event_type":"page_view"}]}`, 0, "timestamp"},
		{"bad time", `{"events":[{"event_type":"page_view","timestamp":"yesterday"}]}`, 0, "timestamp"},
		{"bad id", `{"events":[{"event_type":"page_view","id":"7",` + at + `}]}`, 0, "id"},
		{"long page", `{"events":[{"event_type":"page_view","page_name":"` + strings.Repeat("x", 256) + `",` + at + `}]}`, 0, "page_name"},
		{"metadata", `{"events":[{"event_type":"page_view","metadata":[1],` + at + `}]}`, 0, "metadata"},
		{"NUL", `{"events":[{"event_type":"page_view","page_name":"a\u0000b",` + at + `}]}`, 0, "page_name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := ingest.DecodeEvents(strings.NewReader(tt.body), options())
			var wrong *ingest.BodyError
			if !errors.As(err, &wrong) || got != nil {
				t.Fatalf("got %v, %v; want a *BodyError", got, err)
			}
			if wrong.Index != tt.index || wrong.Field != tt.field || wrong.Allowed == "" {
				t.Errorf("%+v, want index %d, field %s", wrong, tt.index, tt.field)
			}
		})
	}
}

func TestDecodeBounds(t *testing.T) {
	t.Parallel()
	list := func(n int) string {
		return `{"events":[` + strings.TrimSuffix(strings.Repeat(`{"event_type":"page_view","timestamp":"2025-10-18T12:35:00Z"},`, n), ",") + `]}`
	}
	if got, _, err := ingest.DecodeEvents(strings.NewReader(list(1000)), options()); err != nil || len(got) != 1000 {
		t.Errorf("1,000 events: %d, %v", len(got), err)
	}
	var many *ingest.ErrTooMany
	if _, _, err := ingest.DecodeEvents(strings.NewReader(list(1001)), options()); !errors.As(err, &many) ||
		many.Received != 1001 || many.Error() != "Batch size exceeds maximum of 1000 events" {
		t.Errorf("1,001 events: %v", err)
	}
	big := `{"x":"` + strings.Repeat("x", ingest.MaxBodyBytes) + `"}`
	if _, _, err := ingest.DecodeEvents(strings.NewReader(big), options()); !errors.Is(err, ingest.ErrTooLarge) {
		t.Errorf("big body: %v, want ErrTooLarge", err)
	}
	zipped := options()
	zipped.ContentEncoding = "gzip"
	if _, _, err := ingest.DecodeEvents(gzipped(big), zipped); !errors.Is(err, ingest.ErrTooLarge) {
		t.Errorf("big body behind gzip: %v, want ErrTooLarge", err)
	}
	if got, _, err := ingest.DecodeEvents(gzipped(list(3)), zipped); err != nil || len(got) != 3 {
		t.Errorf("gzip: %d, %v", len(got), err)
	}
	full := list(3) + strings.Repeat(" ", ingest.MaxBodyBytes-len(list(3)))
	if got, _, err := ingest.DecodeEvents(stored(full), zipped); err != nil || len(got) != 3 {
		t.Errorf("a full body that gzip makes larger: %d, %v", len(got), err)
	}
	var wrong *ingest.BodyError
	if _, _, err := ingest.DecodeEvents(strings.NewReader(list(3)), zipped); !errors.As(err, &wrong) {
		t.Errorf("gzip that is none: %v", err)
	}
	zipped.ContentEncoding = "br"
	if _, _, err := ingest.DecodeEvents(strings.NewReader(list(3)), zipped); !errors.Is(err, ingest.ErrEncoding) {
		t.Errorf("br: %v, want ErrEncoding", err)
	}
}

func gzipped(s string) *bytes.Buffer { return encoded(s, gzip.DefaultCompression) }

// stored is gzip that compresses nothing.
func stored(s string) *bytes.Buffer { return encoded(s, gzip.NoCompression) }

func encoded(s string, level int) *bytes.Buffer {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return &b
}

func TestDecodeRequests(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.Name = func(path string, _ time.Time) string { return "named " + path }
	body := `{"requests":[{"timestamp":"2025-10-18T12:35:01.5Z","endpoint":"/orders/17","method":"get","status_code":503,"response_time_ms":12.5,"user_id":"bob"}]}`
	got, _, err := ingest.DecodeRequests(strings.NewReader(body), opts)
	if err != nil {
		t.Fatal(err)
	}
	want := metric.Request{
		Timestamp: received.Add(-500 * time.Millisecond), App: "shop", Endpoint: "named /orders/17", Method: "GET",
		StatusCode: 503, ResponseTimeMS: 12.5, UserID: "bob", ErrorType: "SERVER_ERROR_503", CorrelationID: "c1",
	}
	if got[0] != want {
		t.Errorf("got  %+v\nwant %+v", got[0], want)
	}
	for field, change := range map[string][2]string{
		"endpoint":         {`/orders/17`, ``},
		"method":           {`get`, ``},
		"status_code":      {`503`, `42`},
		"response_time_ms": {`12.5`, `-1`},
		"timestamp":        {`2025-10-18T12:35:01.5Z`, `2025-10-18T12:36:00Z`},
	} {
		var wrong *ingest.BodyError
		_, _, err := ingest.DecodeRequests(strings.NewReader(strings.Replace(body, change[0], change[1], 1)), opts)
		if !errors.As(err, &wrong) || wrong.Field != field || wrong.Index != 0 {
			t.Errorf("%s %q: %v", field, change[1], err)
		}
	}
	old := strings.Replace(body, "2025-10-18", "2025-07-19", 1)
	var wrong *ingest.BodyError
	if _, _, err := ingest.DecodeRequests(strings.NewReader(old), opts); !errors.As(err, &wrong) || wrong.Field != "timestamp" {
		t.Errorf("older than the retention: %v", err)
	}
	long := strings.Replace(body, "503", "5"+strings.Repeat("0", 1000), 1)
	if _, _, err := ingest.DecodeRequests(strings.NewReader(long), opts); !errors.As(err, &wrong) || len(wrong.Value) != 80+len("…") {
		t.Errorf("a number of 1,001 digits: %v, want 80 characters of it", err)
	}
}

func FuzzDecodeEvents(f *testing.F) {
	f.Add([]byte(`{"events":[` + goodEvent + `]}`))
	f.Add([]byte(`{"events":[{}]}`))
	f.Add([]byte(list(`{` + plain + `,"page_name":"a\ud83d","metadata":{"a":[{},1e3,null]},"x":[[]],"success":false}`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, report, err := ingest.DecodeEvents(bytes.NewReader(body), options())
		if err != nil {
			if got != nil {
				t.Fatal("events besides an error")
			}
			return
		}
		if !json.Valid(body) || !utf8.Valid(body) {
			t.Fatalf("taken, and no JSON: %q", body)
		}
		if len(got) == 0 || len(got) > metric.MaxBatch || report.Received != len(got) {
			t.Fatalf("%d events, report %+v", len(got), report)
		}
		for _, e := range got {
			if err := e.Validate(metric.EventTypes()); err != nil {
				t.Fatal(err)
			}
			if age := received.Sub(e.Timestamp); age > metric.RawRetention || age < -5*time.Minute {
				t.Fatalf("timestamp %v", e.Timestamp)
			}
		}
	})
}

func FuzzDecodeRequests(f *testing.F) {
	f.Add([]byte(`{"requests":[{"timestamp":"2025-10-18T12:35:01.5Z","endpoint":"/a","method":"GET","status_code":200,"response_time_ms":1}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, _, err := ingest.DecodeRequests(bytes.NewReader(body), options())
		if err != nil {
			return
		}
		for _, r := range got {
			if err := r.Validate(); err != nil {
				t.Fatal(err)
			}
			if r.Timestamp.After(received) {
				t.Fatalf("timestamp %v", r.Timestamp)
			}
		}
	})
}

func BenchmarkDecodeEvents(b *testing.B) {
	body := []byte(`{"events":[` + strings.TrimSuffix(strings.Repeat(goodEvent+",", 1000), ",") + `]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := ingest.DecodeEvents(bytes.NewReader(body), options()); err != nil {
			b.Fatal(err)
		}
	}
}
