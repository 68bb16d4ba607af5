package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// published is openapi.yaml, read once by a library that is not ours and made
// strict: an answer may not hold a field that the document does not describe.
var published = sync.OnceValues(func() (*openapi3.T, error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	no := false
	for _, s := range doc.Components.Schemas {
		if len(s.Value.Properties) > 0 {
			s.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}
	}
	return doc, nil
})

func document(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := published()
	if err != nil {
		t.Fatalf("load openapi.yaml: %v", err)
	}
	return doc
}

// checked is the transport of every test here: it holds each answer of the
// handler against the document.
type checked struct {
	t    testing.TB
	next http.RoundTripper
}

func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err := conforms(document(c.t), r, response, body); err != nil {
		c.t.Errorf("%s %s answered %d against the contract: %v\n%s", r.Method, r.URL, response.StatusCode, err, body)
	}
	return response, nil
}

func conforms(doc *openapi3.T, r *http.Request, response *http.Response, body []byte) error {
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		return fmt.Errorf("Cache-Control is %q", got)
	}
	if response.StatusCode == http.StatusNoContent { // a preflight, which belongs to no operation
		return nil
	}
	method := r.Method
	if method == http.MethodHead {
		return nil
	}
	path := doc.Paths.Value(r.URL.Path)
	if path == nil || path.GetOperation(method) == nil {
		return conformsToError(doc, response.StatusCode, body)
	}
	question := &openapi3filter.RequestValidationInput{
		Request: r,
		Route:   &routers.Route{Spec: doc, Path: r.URL.Path, PathItem: path, Method: method, Operation: path.GetOperation(method)},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, ExcludeRequestBody: true},
	}
	if response.StatusCode < http.StatusMultipleChoices { // what is answered must have been allowed
		if err := openapi3filter.ValidateRequest(context.Background(), question); err != nil {
			return fmt.Errorf("the request: %w", err)
		}
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: question,
		Status:                 response.StatusCode,
		Header:                 response.Header,
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, MultiError: true,
			ExcludeResponseBody: strings.HasPrefix(response.Header.Get("Content-Type"), "text/html"),
		},
	}
	input.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(context.Background(), input)
}

// conformsToError is for answers that belong to no operation.
func conformsToError(doc *openapi3.T, status int, body []byte) error {
	if status != http.StatusNotFound && status != http.StatusMethodNotAllowed && status != http.StatusForbidden {
		return fmt.Errorf("status %d of an operation that the document does not have", status)
	}
	var answer any
	if err := unmarshal(body, &answer); err != nil {
		return err
	}
	return doc.Components.Schemas["Error"].Value.VisitJSON(answer)
}

func TestDocumentIsValidWithItsExamples(t *testing.T) {
	t.Parallel()
	if err := document(t).Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation()); err != nil {
		t.Error(err)
	}
}

func TestDocumentDescribesEverything(t *testing.T) {
	t.Parallel()
	doc := document(t)
	complain := func(format string, args ...any) { t.Helper(); t.Errorf(format, args...) }
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			if o.Summary == "" || o.Description == "" || o.OperationID == "" || len(o.Tags) != 1 {
				complain("%s %s lacks a summary, a description, an id or its tag", method, path)
			}
		}
	}
	for name, p := range doc.Components.Parameters {
		if p.Value.Description == "" || p.Value.Example == nil {
			complain("parameter %s lacks a description or an example", name)
		}
	}
	for name, s := range doc.Components.Schemas {
		if s.Value.Description == "" {
			complain("schema %s lacks a description", name)
		}
		if len(s.Value.Properties) == 0 && s.Value.Example == nil && name != "ErrorDetails" {
			complain("schema %s lacks an example", name)
		}
		for field, p := range s.Value.Properties {
			whole := p.Value.Type.Is("object") || p.Value.Type.Is("array")
			if p.Value.Description == "" || p.Value.Example == nil && !whole {
				complain("field %s.%s lacks a description or an example", name, field)
			}
		}
	}
	for name, r := range doc.Components.Responses {
		if *r.Value.Description == "" {
			complain("response %s lacks a description", name)
		}
	}
	if strings.Contains(fmt.Sprint(doc.Extensions), "x-go") {
		complain("the published document has Go types")
	}
}
