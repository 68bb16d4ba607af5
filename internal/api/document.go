package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var openAPI []byte

// document is what the handler and its page need of openapi.yaml, in its
// order. References are resolved with its methods.
type document struct {
	Info struct {
		Title       string `yaml:"title"`
		Version     string `yaml:"version"`
		Description string `yaml:"description"`
	} `yaml:"info"`
	Tags []struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
	} `yaml:"tags"`
	Paths      ordered[ordered[*operation]] `yaml:"paths"`
	Components struct {
		Parameters ordered[parameter] `yaml:"parameters"`
		Responses  ordered[response]  `yaml:"responses"`
		Schemas    ordered[*schema]   `yaml:"schemas"`
	} `yaml:"components"`

	// parameters are those of each route, by the pattern of the mux.
	parameters map[string][]parameter
	raw        []byte
}

type operation struct {
	Tags        []string          `yaml:"tags"`
	Summary     string            `yaml:"summary"`
	Description string            `yaml:"description"`
	Parameters  []parameter       `yaml:"parameters"`
	RequestBody *response         `yaml:"requestBody"`
	Responses   ordered[response] `yaml:"responses"`
}

type parameter struct {
	Ref         string  `yaml:"$ref"`
	Name        string  `yaml:"name"`
	Description string  `yaml:"description"`
	Required    bool    `yaml:"required"`
	Schema      *schema `yaml:"schema"`
	Example     any     `yaml:"example"`
}

// response is a response or a request body: both describe content.
type response struct {
	Ref         string             `yaml:"$ref"`
	Description string             `yaml:"description"`
	Content     ordered[mediaType] `yaml:"content"`
}

type mediaType struct {
	Schema  *schema `yaml:"schema"`
	Example any     `yaml:"example"`
}

type schema struct {
	Ref         string           `yaml:"$ref"`
	Type        string           `yaml:"type"`
	Format      string           `yaml:"format"`
	Description string           `yaml:"description"`
	Nullable    bool             `yaml:"nullable"`
	Enum        []string         `yaml:"enum"`
	Default     any              `yaml:"default"`
	Minimum     *float64         `yaml:"minimum"`
	Maximum     *float64         `yaml:"maximum"`
	MaxLength   int              `yaml:"maxLength"`
	Pattern     string           `yaml:"pattern"`
	Required    []string         `yaml:"required"`
	Properties  ordered[*schema] `yaml:"properties"`
	Items       *schema          `yaml:"items"`
	Example     any              `yaml:"example"`
}

// ordered is a YAML mapping whose order is kept.
type ordered[T any] []entry[T]

type entry[T any] struct {
	Key   string
	Value T
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (o *ordered[T]) UnmarshalYAML(node *yaml.Node) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		e := entry[T]{Key: node.Content[i].Value}
		if err := node.Content[i+1].Decode(&e.Value); err != nil {
			return fmt.Errorf("%s: %w", e.Key, err)
		}
		*o = append(*o, e)
	}
	return nil
}

// named returns what a local reference such as #/components/schemas/Error
// points at.
func (o ordered[T]) named(ref string) (found T) {
	name := ref[strings.LastIndex(ref, "/")+1:]
	for _, e := range o {
		if e.Key == name {
			return e.Value
		}
	}
	return found
}

func parseDocument(text []byte) (*document, error) {
	d := document{raw: text, parameters: map[string][]parameter{}}
	if err := yaml.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	for _, path := range d.Paths {
		for _, o := range path.Value {
			for i, p := range o.Value.Parameters {
				if p.Ref != "" {
					o.Value.Parameters[i] = d.Components.Parameters.named(p.Ref)
				}
			}
			d.parameters[strings.ToUpper(o.Key)+" "+path.Key] = o.Value.Parameters
		}
	}
	return &d, nil
}

// handler serves the document as JSON.
func (d *document) handler() (http.Handler, error) {
	var tree any
	if err := yaml.Unmarshal(d.raw, &tree); err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("write document as JSON: %w", err)
	}
	return static("application/json", text), nil
}

// static answers the same bytes every time.
func static(contentType string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body) // the reader is gone: nothing left to tell
	}
}
