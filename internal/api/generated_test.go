package api_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/appmetrics/appmetrics/internal/query"
)

// TestGeneratedCodeIsCurrent generates once more, by the directive in api.go,
// and compares.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("api.go")
	if err != nil {
		t.Fatal(err)
	}
	_, directive, found := strings.Cut(string(source), "\n//go:generate ")
	if !found {
		t.Fatal("api.go has no go:generate directive")
	}
	directive, _, _ = strings.Cut(directive, "\n")
	const generated = "contract/contract.gen.go"
	fresh := filepath.Join(t.TempDir(), "contract.gen.go")
	command := strings.Fields(strings.Replace(directive, generated, fresh, 1))
	if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	got, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("contract.gen.go is not what openapi.yaml makes; run go generate ./internal/api")
	}
}

// TestSchemasDescribeTheTypesOfQuery compares names and presence of all fields.
func TestSchemasDescribeTheTypesOfQuery(t *testing.T) {
	t.Parallel()
	answers := map[string]any{
		"Performance": query.Performance{}, "Usage": query.Usage{}, "TimeSeries": query.TimeSeries{},
		"Errors": query.Errors{}, "Requests": query.RequestsPage{}, "Events": query.EventsPage{},
		"Count": query.Count{}, "Status": query.Status{},
	}
	for name, answer := range answers {
		compare(t, name, document(t).Components.Schemas[name], reflect.TypeOf(answer))
	}
}

func compare(t *testing.T, name string, schema *openapi3.SchemaRef, of reflect.Type) {
	t.Helper()
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice && schema.Value.Type.Is("array") {
		if of.Kind() == reflect.Slice {
			schema = schema.Value.Items
		}
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || len(schema.Value.Properties) == 0 {
		return
	}
	fields := map[string]jsonField{}
	collect(of, true, fields)
	for field, f := range fields {
		property := schema.Value.Properties[field]
		if property == nil {
			t.Errorf("%s.%s is not in the document", name, field)
			continue
		}
		if required := slices.Contains(schema.Value.Required, field); required != f.always {
			t.Errorf("%s.%s is required in the document: %v, always there: %v", name, field, required, f.always)
		}
		compare(t, name+"."+field, property, f.of)
	}
	for field := range schema.Value.Properties {
		if _, ok := fields[field]; !ok {
			t.Errorf("%s.%s of the document is in no answer", name, field)
		}
	}
}

type jsonField struct {
	of     reflect.Type
	always bool
}

// collect finds the fields of a struct as JSON has them.
func collect(of reflect.Type, always bool, into map[string]jsonField) {
	for i := range of.NumField() {
		f := of.Field(i)
		if f.Anonymous {
			embedded, certain := f.Type, always
			if embedded.Kind() == reflect.Pointer {
				embedded, certain = embedded.Elem(), false
			}
			collect(embedded, certain, into)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		into[name] = jsonField{f.Type, always && !strings.HasPrefix(options, "omit")}
	}
}
