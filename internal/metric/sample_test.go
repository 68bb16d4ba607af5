package metric_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// field returns the name of the field that an error is about, "" for no error.
func field(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var wrong *metric.FieldError
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v, want a *FieldError", err)
	}
	return wrong.Field
}

func TestRequestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*metric.Request)
		want   string
	}{
		"good":                    {func(*metric.Request) {}, ""},
		"every field at its most": {func(r *metric.Request) { fill(r) }, ""},
		"no timestamp":            {func(r *metric.Request) { r.Timestamp = time.Time{} }, "timestamp"},
		"no endpoint":             {func(r *metric.Request) { r.Endpoint = "" }, "endpoint"},
		"long endpoint":           {func(r *metric.Request) { r.Endpoint = strings.Repeat("é", 501) }, "endpoint"},
		"no method":               {func(r *metric.Request) { r.Method = "" }, "method"},
		"long method":             {func(r *metric.Request) { r.Method = strings.Repeat("A", 33) }, "method"},
		"status too low":          {func(r *metric.Request) { r.StatusCode = 99 }, "status_code"},
		"status too high":         {func(r *metric.Request) { r.StatusCode = 600 }, "status_code"},
		"negative time":           {func(r *metric.Request) { r.ResponseTimeMS = -1 }, "response_time_ms"},
		"infinite time":           {func(r *metric.Request) { r.ResponseTimeMS = math.Inf(1) }, "response_time_ms"},
		"no number":               {func(r *metric.Request) { r.ResponseTimeMS = math.NaN() }, "response_time_ms"},
		"long user":               {func(r *metric.Request) { r.UserID = strings.Repeat("u", 256) }, "user_id"},
		"NUL in user":             {func(r *metric.Request) { r.UserID = "a\x00b" }, "user_id"},
		"long error type":         {func(r *metric.Request) { r.ErrorType = strings.Repeat("e", 101) }, "error_type"},
		"long correlation id":     {func(r *metric.Request) { r.CorrelationID = strings.Repeat("c", 129) }, "correlation_id"},
		"broken UTF-8":            {func(r *metric.Request) { r.App = "a\xff" }, "app"},
		"long app":                {func(r *metric.Request) { r.App = strings.Repeat("a", 101) }, "app"},
	}
	for name, test := range tests {
		r := metric.Request{Timestamp: time.Unix(1, 0), Endpoint: "/", Method: "GET", StatusCode: 200}
		test.change(&r)
		if got := field(t, r.Validate()); got != test.want {
			t.Errorf("%s: Validate() is about %q, want %q", name, got, test.want)
		}
	}
}

func fill(r *metric.Request) {
	r.Endpoint = strings.Repeat("é", metric.MaxEndpoint)
	r.Method = strings.Repeat("M", metric.MaxMethod)
	r.StatusCode = 599
	r.ResponseTimeMS = metric.MaxResponseTimeMS
	r.UserID = strings.Repeat("界", metric.MaxUserID)
	r.ErrorType = strings.Repeat("e", metric.MaxErrorType)
	r.CorrelationID = strings.Repeat("c", metric.MaxCorrelationID)
	r.App = strings.Repeat("a", metric.MaxApp)
}

func TestEventValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*metric.Event)
		want   string
	}{
		"good":                {func(*metric.Event) {}, ""},
		"configured type":     {func(e *metric.Event) { e.EventType = "deploy" }, ""},
		"no timestamp":        {func(e *metric.Event) { e.Timestamp = time.Time{} }, "timestamp"},
		"no type":             {func(e *metric.Event) { e.EventType = "" }, "event_type"},
		"unknown type":        {func(e *metric.Event) { e.EventType = "Page_View" }, "event_type"},
		"long user":           {func(e *metric.Event) { e.UserID = strings.Repeat("u", 256) }, "user_id"},
		"long page":           {func(e *metric.Event) { e.PageName = strings.Repeat("p", 256) }, "page_name"},
		"long element":        {func(e *metric.Event) { e.ElementID = strings.Repeat("e", 101) }, "element_id"},
		"long correlation id": {func(e *metric.Event) { e.CorrelationID = strings.Repeat("c", 129) }, "correlation_id"},
		"long app":            {func(e *metric.Event) { e.App = strings.Repeat("a", 101) }, "app"},
		"metadata":            {func(e *metric.Event) { e.Metadata = json.RawMessage("[]") }, "metadata"},
	}
	for name, test := range tests {
		e := metric.Event{Timestamp: time.Unix(1, 0), EventType: "page_view"}
		test.change(&e)
		if got := field(t, e.Validate(append(metric.EventTypes(), "deploy"))); got != test.want {
			t.Errorf("%s: Validate() is about %q, want %q", name, got, test.want)
		}
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	nested := func(levels int) string {
		return strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1)
	}
	padded := func(size int) string {
		return `{"a":"` + strings.Repeat("x", size-len(`{"a":""}`)) + `"}`
	}
	tests := map[string]struct {
		raw  string
		want bool
	}{
		"none":                      {``, true},
		"empty object":              {` {} `, true},
		"values of every type":      {`{"a":[1,-2.5e3,"x",true,null,{"b":1E+308}],"":""}`, true},
		"keys may repeat":           {`{"a":1,"a":2}`, true},
		"32 levels":                 {nested(32), true},
		"33 levels":                 {nested(33), false},
		"33 levels of arrays":       {`{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, false},
		"many siblings":             {`{"a":[` + strings.Repeat("[],", 100) + `[]]}`, true},
		"brackets in strings":       {`{"a":"` + strings.Repeat("[{", 50) + `\""}`, true},
		"8 KiB":                     {padded(8 << 10), true},
		"more than 8 KiB":           {padded(8<<10 + 1), false},
		"only blanks":               {"  ", false},
		"null":                      {"null", false},
		"array":                     {`[{}]`, false},
		"number":                    {`1`, false},
		"broken":                    {`{"a":`, false},
		"two objects":               {`{}{}`, false},
		"broken UTF-8":              {"{\"a\":\"\xff\"}", false},
		"NUL as it is":              {"{\"a\":\"\x00\"}", false},
		"NUL escaped":               {`{"a":"x\u0000"}`, false},
		"NUL escaped in a key":      {`{"\u0000":1}`, false},
		"escaped backslash":         {`{"a":"\\u0000"}`, true},
		"backslash, then NUL":       {`{"a":"\\\u0000"}`, false},
		"escapes":                   {`{"a":"\u00e9\n\"\/\uFFFD"}`, true},
		"surrogate pair":            {`{"a":"\ud83d\ude00\u0041"}`, true},
		"high surrogate alone":      {`{"a":"\ud83d"}`, false},
		"high surrogate, then text": {`{"a":"\ud83dabcdef"}`, false},
		"low surrogate alone":       {`{"a":"\ude00"}`, false},
		"surrogates swapped":        {`{"a":"\ude00\ud83d"}`, false},
		"exponent of three digits":  {`{"a":1e999,"b":-1E-999}`, true},
		"exponent of four digits":   {`{"a":1e1000}`, false},
		"tiny number":               {`{"a":1.5e-99999}`, false},
		"exponents in strings":      {`{"a":"1e99999","1e99999":true}`, true},
	}
	for name, test := range tests {
		e := metric.Event{Timestamp: time.Unix(1, 0), EventType: "page_view", Metadata: json.RawMessage(test.raw)}
		if got := field(t, e.Validate(metric.EventTypes())); (got == "") != test.want {
			t.Errorf("%s: Validate() is about %q, want it to be accepted: %v", name, got, test.want)
		}
	}
}

func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":"\ud83d\ude00"}`, `{"a":"\\u0000"}`, `{"a":[1e10]}`, `{"\u0000":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e := metric.Event{Timestamp: time.Unix(1, 0), EventType: "page_view", Metadata: raw}
		if e.Validate(metric.EventTypes()) != nil || len(raw) == 0 {
			return
		}
		var object map[string]any
		d := json.NewDecoder(strings.NewReader(string(raw)))
		d.UseNumber()
		if err := d.Decode(&object); err != nil || object == nil {
			t.Fatalf("%q was accepted and is no object: %v", raw, err)
		}
		// What is accepted keeps its meaning: no character was lost on the way,
		// as the decoder replaces halves of surrogate pairs.
		again, err := json.Marshal(object)
		if err != nil || strings.Contains(string(again), `\u0000`) && !strings.Contains(string(raw), `\\u0000`) {
			t.Fatalf("%q was accepted and reads as %s", raw, again)
		}
	})
}

func TestErrorTypeFor(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		200: "", 399: "", 400: "CLIENT_ERROR_400", 499: "CLIENT_ERROR_499", 500: "SERVER_ERROR_500", 599: "SERVER_ERROR_599",
	} {
		if got := metric.ErrorTypeFor(status); got != want {
			t.Errorf("ErrorTypeFor(%d) = %q, want %q", status, got, want)
		}
	}
}

func TestFieldErrorIsOneShortLine(t *testing.T) {
	t.Parallel()
	r := metric.Request{Timestamp: time.Unix(1, 0), Endpoint: "/", Method: "GET", StatusCode: 200,
		UserID: "\x1b[31m\n" + strings.Repeat("x", 10_000)}
	message := r.Validate().Error()
	if strings.ContainsAny(message, "\n\x1b") || len(message) > 200 {
		t.Errorf("Error() = %q, want one line without control characters", message)
	}
	r.UserID, r.StatusCode = "", 7
	if got, want := r.Validate().Error(), "status_code: 7 is not allowed; 100 to 599"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if got := (metric.Batch{Requests: make([]metric.Request, 2), Events: make([]metric.Event, 3)}).Len(); got != 5 {
		t.Errorf("Len() = %d, want 5", got)
	}
}
