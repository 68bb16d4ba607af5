package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	//go:embed page.html
	pageTemplate string
	//go:embed page.css
	pageStyle string
)

// page serves the document for people to read. It is drawn once; nothing in it
// depends on who asks.
func (d *document) page() (http.Handler, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"prose": prose, "upper": strings.ToUpper,
		"json": indented, "kind": d.kind, "fields": d.fields, "example": d.example,
		"operations": d.operations, "response": d.response, "anchor": anchor, "allowed": allowed,
		"standard": standard,
	}).Parse(pageTemplate)
	if err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	var page bytes.Buffer
	err = t.Execute(&page, map[string]any{
		"Document": d,
		"Style":    template.CSS(pageStyle), //nolint:gosec // our own file
	})
	if err != nil {
		return nil, fmt.Errorf("draw page: %w", err)
	}
	hash := sha256.Sum256([]byte(pageStyle))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	write := static("text/html; charset=utf-8", page.Bytes())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Referrer-Policy", "no-referrer")
		write(w, r)
	}), nil
}

// route is an operation with its address.
type route struct {
	Method, Path string
	*operation
}

// operations returns those of a tag in the document's order.
func (d *document) operations(tag string) (found []route) {
	for _, path := range d.Paths {
		for _, o := range path.Value {
			if slices.Contains(o.Value.Tags, tag) {
				found = append(found, route{Method: o.Key, Path: path.Key, operation: o.Value})
			}
		}
	}
	return found
}

func anchor(r route) string {
	return r.Method + strings.ReplaceAll(strings.TrimPrefix(r.Path, "/api/v1"), "/", "-")
}

func (d *document) response(r response) response {
	if r.Ref != "" {
		return d.Components.Responses.named(r.Ref)
	}
	return r
}

func (d *document) resolve(s *schema) *schema {
	if s.Ref != "" {
		return d.Components.Schemas.named(s.Ref)
	}
	return s
}

// kind says in a word or two what a value is.
func (d *document) kind(s *schema) string {
	s = d.resolve(s)
	kind := s.Type
	switch {
	case s.Type == "array":
		return "list of " + d.kind(s.Items)
	case s.Format == "date-time":
		kind = "time"
	case s.Format == "uuid":
		kind = "UUID"
	}
	if s.Nullable {
		kind += " or null"
	}
	return kind
}

// allowed says which values of a schema are accepted, where it says.
func allowed(s *schema) string {
	switch {
	case len(s.Enum) > 0:
		return strings.Join(s.Enum, ", ")
	case s.Minimum != nil && s.Maximum != nil:
		return decimal(*s.Minimum) + " to " + decimal(*s.Maximum)
	case s.Minimum != nil:
		return "at least " + decimal(*s.Minimum)
	case s.MaxLength > 0:
		return fmt.Sprintf("at most %d characters", s.MaxLength)
	}
	return ""
}

// standard says what holds when nothing is given; "" when there is no such value.
func standard(s *schema) string {
	if s.Default == nil {
		return ""
	}
	return fmt.Sprintf("default %v", s.Default)
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// field is a property with the path that leads to it.
type field struct {
	Name     string
	Schema   *schema
	Required bool
}

// fields lists the properties of a body, those of objects inside it too, under
// dotted names.
func (d *document) fields(s *schema) []field { return d.fieldsUnder("", s) }

func (d *document) fieldsUnder(prefix string, s *schema) (found []field) {
	s = d.resolve(s)
	if s.Type == "array" {
		return d.fieldsUnder(strings.TrimSuffix(prefix, ".")+"[].", s.Items)
	}
	for _, p := range s.Properties {
		property := d.resolve(p.Value)
		found = append(found, field{
			Name: prefix + p.Key, Schema: property, Required: slices.Contains(s.Required, p.Key),
		})
		found = append(found, d.fieldsUnder(prefix+p.Key+".", property)...)
	}
	return found
}

// example builds one from the examples of the parts, unless there is one of
// the whole.
func (d *document) example(m mediaType) any {
	if m.Example != nil {
		return m.Example
	}
	return d.exampleOf(m.Schema)
}

func (d *document) exampleOf(s *schema) any {
	s = d.resolve(s)
	switch {
	case s.Example != nil:
		return s.Example
	case s.Type == "array":
		return []any{d.exampleOf(s.Items)}
	}
	whole := object{}
	for _, p := range s.Properties {
		whole = append(whole, entry[any]{p.Key, d.exampleOf(p.Value)})
	}
	return whole
}

// object is a JSON object whose order is kept.
type object []entry[any]

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(e.Key)
		if err != nil {
			return nil, fmt.Errorf("name %q: %w", e.Key, err)
		}
		value, err := json.Marshal(e.Value)
		if err != nil {
			return nil, fmt.Errorf("value of %s: %w", e.Key, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func indented(v any) (string, error) {
	if text, ok := v.(string); ok {
		return text, nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // the template escapes
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return "", fmt.Errorf("draw example: %w", err)
	}
	return b.String(), nil
}

var (
	codeText   = regexp.MustCompile("`([^`]+)`")
	strongText = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// prose draws the little Markdown that descriptions use: paragraphs, `code`
// and **strong**.
func prose(text string) template.HTML {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		safe := template.HTMLEscapeString(paragraph)
		safe = codeText.ReplaceAllString(safe, "<code>$1</code>")
		safe = strongText.ReplaceAllString(safe, "<strong>$1</strong>")
		b.WriteString("<p>" + safe + "</p>\n")
	}
	return template.HTML(b.String()) //nolint:gosec // escaped above
}
