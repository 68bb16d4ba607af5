package ingest

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/appmetrics/appmetrics/internal/metric"
	"github.com/appmetrics/appmetrics/internal/spool"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// anyBatch draws batches with whatever a sample can hold, also what no store
// takes.
func anyBatch(t *rapid.T) metric.Batch {
	text := rapid.OneOf(rapid.String(), rapid.Just(""), rapid.Just("\xff\x00"))
	id := rapid.Custom(func(t *rapid.T) uuid.UUID {
		return uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	})
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	})
	request := rapid.Custom(func(t *rapid.T) metric.Request {
		return metric.Request{
			ID: id.Draw(t, "id"), Timestamp: at.Draw(t, "at"), App: text.Draw(t, "app"), Endpoint: text.Draw(t, "endpoint"),
			Method: text.Draw(t, "method"), StatusCode: rapid.Int().Draw(t, "status"),
			ResponseTimeMS: rapid.Float64().Draw(t, "ms"), UserID: text.Draw(t, "user"),
			ErrorType: text.Draw(t, "error"), CorrelationID: text.Draw(t, "correlation"),
		}
	})
	event := rapid.Custom(func(t *rapid.T) metric.Event {
		e := metric.Event{
			ID: id.Draw(t, "id"), Timestamp: at.Draw(t, "at"), App: text.Draw(t, "app"), EventType: text.Draw(t, "type"),
			UserID: text.Draw(t, "user"), PageName: text.Draw(t, "page"), ElementID: text.Draw(t, "element"),
			Success: rapid.Bool().Draw(t, "success"), CorrelationID: text.Draw(t, "correlation"),
		}
		if metadata := text.Draw(t, "metadata"); metadata != "" {
			e.Metadata = json.RawMessage(metadata)
		}
		return e
	})
	b := metric.Batch{CheckIDs: rapid.Bool().Draw(t, "check")}
	if n := rapid.IntRange(0, 5).Draw(t, "requests"); n > 0 {
		b.Requests = rapid.SliceOfN(request, n, n).Draw(t, "requests")
	}
	if n := rapid.IntRange(0, 5).Draw(t, "events"); n > 0 {
		b.Events = rapid.SliceOfN(event, n, n).Draw(t, "events")
	}
	return b
}

func TestBatchesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	c := newCodec()
	rapid.Check(t, func(t *rapid.T) {
		b, isRecorded := anyBatch(t), rapid.Bool().Draw(t, "recorded")
		records, err := c.encode(b, isRecorded)
		if err != nil || len(records) != 1 || records[0].Samples != b.Len() {
			t.Fatalf("encode: %d records, %v", len(records), err)
		}
		got, gotRecorded, err := c.decode(records[0].Payload)
		if err != nil || gotRecorded != isRecorded || !reflect.DeepEqual(got, b) {
			t.Fatalf("got %+v, %v, %v; want %+v, %v", got, gotRecorded, err, b, isRecorded)
		}
	})
}

func TestNumbersThatAreNoneComeBack(t *testing.T) {
	t.Parallel()
	c := newCodec()
	for _, ms := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.SmallestNonzeroFloat64} {
		records, err := c.encode(metric.Batch{Requests: []metric.Request{{ResponseTimeMS: ms}}}, true)
		if err != nil {
			t.Fatalf("encode %v: %v", ms, err)
		}
		b, _, err := c.decode(records[0].Payload)
		if err != nil || fmt.Sprint(b.Requests[0].ResponseTimeMS) != fmt.Sprint(ms) {
			t.Errorf("%v came back as %v, %v", ms, b.Requests, err)
		}
	}
}

// What one version has written, every later one reads.
func TestVersion1IsRead(t *testing.T) {
	t.Parallel()
	want := metric.Batch{
		CheckIDs: true,
		Requests: []metric.Request{{
			ID: uuid.UUID{15: 1}, Timestamp: time.Date(2025, 10, 18, 12, 35, 2, 123456789, time.UTC), App: "shop",
			Endpoint: "/orders/{id}", Method: "GET", StatusCode: 503, ResponseTimeMS: 12.5, UserID: "ada",
			ErrorType: "SERVER_ERROR_503", CorrelationID: "c-1",
		}},
		Events: []metric.Event{{
			Timestamp: time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), App: "shop", EventType: "page_view", UserID: "ada",
			PageName: "/", ElementID: "buy", Success: true, Metadata: json.RawMessage(`{"a":1}`), CorrelationID: "c-2",
		}},
	}
	c, path := newCodec(), filepath.Join("testdata", "batch.v1.hex")
	if *update {
		records, err := c.encode(want, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(hex.EncodeToString(records[0].Payload)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	got, isRecorded, err := c.decode(payload)
	if err != nil || !isRecorded || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, %v; want %+v", got, isRecorded, err, want)
	}
	records, err := c.encode(want, true)
	if err != nil || string(records[0].Payload) != string(payload) {
		t.Errorf("version 1 is written differently than before: %x, %v", records[0].Payload, err)
	}
}

func TestLargeBatchesBecomeSeveralRecords(t *testing.T) {
	t.Parallel()
	c := newCodec()
	var b metric.Batch
	for i := range 20 {
		r := metric.Request{StatusCode: i, Endpoint: strings.Repeat("x", 1<<20)}
		b.Requests = append(b.Requests, r)
	}
	b.Events = []metric.Event{{PageName: "last"}}
	records, err := c.encode(b, true)
	if err != nil || len(records) < 3 {
		t.Fatalf("%d records, %v; want several", len(records), err)
	}
	n := 0
	for _, r := range records {
		if len(r.Payload) > spool.MaxRecordBytes {
			t.Errorf("a record of %d bytes, want %d at most", len(r.Payload), spool.MaxRecordBytes)
		}
		part, _, err := c.decode(r.Payload)
		if err != nil || part.Len() != r.Samples {
			t.Fatalf("%d samples, %v; want %d", part.Len(), err, r.Samples)
		}
		for _, got := range part.Requests {
			if got.StatusCode != n {
				t.Fatalf("request %d where %d belongs", got.StatusCode, n)
			}
			n++
		}
	}
	if n != 20 {
		t.Errorf("%d requests came back, want 20", n)
	}
}

func TestWhatIsNoBatch(t *testing.T) {
	t.Parallel()
	c := newCodec()
	good, err := c.encode(metric.Batch{Events: []metric.Event{{PageName: "/"}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	payload := good[0].Payload
	newer := append([]byte{codecV1 + 1}, payload[1:]...)
	for name, c := range map[string]struct {
		payload []byte
		want    error
	}{
		"nothing":       {nil, errEncoding},
		"only version":  {payload[:1], errEncoding},
		"cut":           {payload[:len(payload)-1], errEncoding},
		"more":          {append(append([]byte{}, payload...), 0), errEncoding},
		"version 0":     {append([]byte{0}, payload[1:]...), errEncoding},
		"newer version": {newer, errNewer},
		"wrong shape":   {[]byte{codecV1, 0x83, 0, 0, 0}, errEncoding},
		"id too short":  {[]byte{codecV1, 0x83, 0, 0x81, 0x8b, 0x41, 1, 0, 0, 0x60, 0x60, 0x60, 0, 0xf9, 0, 0, 0x60, 0x60, 0x60, 0x80}, errEncoding},
		"huge array":    {[]byte{codecV1, 0x83, 0, 0x9a, 0xff, 0xff, 0xff, 0xff}, errEncoding},
	} {
		if _, _, err := newCodec().decode(c.payload); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Whatever the bytes: no panic, no more samples than bytes, and what is read is
// written and read again the same.
func FuzzDecodeBatch(f *testing.F) {
	c := newCodec()
	for _, b := range []metric.Batch{
		{Requests: []metric.Request{{Endpoint: "/a", StatusCode: 200}}},
		{Events: []metric.Event{{ID: uuid.UUID{1}, PageName: "/a", Metadata: json.RawMessage(`{}`)}}, CheckIDs: true},
	} {
		records, err := c.encode(b, true)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(records[0].Payload)
	}
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, payload []byte) {
		b, isRecorded, err := c.decode(payload)
		if err != nil {
			if b.Len() > 0 {
				t.Errorf("%d samples beside %v", b.Len(), err)
			}
			return
		}
		if b.Len() > len(payload) {
			t.Errorf("%d samples of %d bytes", b.Len(), len(payload))
		}
		records, err := c.encode(b, isRecorded)
		if err != nil || len(records) != 1 {
			t.Fatalf("encode: %d records, %v", len(records), err)
		}
		again, _, err := c.decode(records[0].Payload)
		second, _ := c.encode(again, isRecorded)
		if err != nil || string(second[0].Payload) != string(records[0].Payload) {
			t.Errorf("%+v came back as %+v, %v", b, again, err)
		}
	})
}
