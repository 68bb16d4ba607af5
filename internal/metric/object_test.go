package metric

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"
	"unicode/utf8"
)

// FuzzSplitObject compares with encoding/json on everything that is JSON, and
// asserts on everything else that there is an answer.
func FuzzSplitObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"a":1,"b":[{"c":"]}\""}], "d" : {"e":{}} ,"f":"","g":null}`, `{"\u0061\"":-1e3}`, `{"a":1,"a":2}`,
		``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{,}`, `{"a":]}`, `{a:1}`, `{"a":1}x`, `[1]`, `"\`, `{"a\`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		members, ok := splitObject(text)
		var want map[string]json.RawMessage
		if !utf8.ValidString(text) || json.Unmarshal([]byte(text), &want) != nil || want == nil {
			return
		}
		if !ok {
			t.Fatalf("%q is an object and was refused", text)
		}
		got := make(map[string]json.RawMessage, len(members))
		for _, m := range members {
			got[m.name] = json.RawMessage(m.value)
		}
		if !maps.EqualFunc(got, want, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			t.Fatalf("%q was split into %q, want %q", text, got, want)
		}
	})
}
