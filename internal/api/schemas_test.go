package api_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/appmetrics/appmetrics/internal/query"
)

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
