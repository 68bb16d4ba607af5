package internal_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/service/jobs"
	"go.yaml.in/yaml/v3"
)

// bundleFields are the fields of a bundle that are not fields of a job, by the
// path of the object that has them; * is any name. They are those of the JSON
// schema of version 1.13 of the Databricks CLI.
var bundleFields = map[string]string{
	"":                         "artifacts bundle environments experimental include permissions presets python resources run_as scripts sync targets variables workspace",
	"bundle":                   "cluster_id compute_id databricks_cli_version deployment engine git name uuid",
	"variables":                "*",
	"variables.*":              "default description lookup type",
	"artifacts":                "*",
	"artifacts.*":              "build dynamic_version executable files path type",
	"artifacts.*.files.*":      "source",
	"sync":                     "exclude include paths",
	"resources":                "apps jobs",
	"resources.jobs":           "*",
	"targets":                  "*",
	"targets.*":                "artifacts bundle cluster_id compute_id default git mode permissions presets resources run_as sync variables workspace",
	"targets.*.variables":      "*",
	"targets.*.workspace":      "artifact_path auth_type client_id file_path host profile resource_path root_path state_path",
	"targets.*.run_as":         "service_principal_name user_name",
	"targets.*.permissions.*":  "group_name level service_principal_name user_name",
	"targets.*.resources":      "apps jobs",
	"targets.*.resources.jobs": "*",
}

var jobPath = regexp.MustCompile(`^(targets\.\*\.)?resources\.jobs\.\*$`)

func TestBundleHasOnlyKnownFields(t *testing.T) {
	t.Parallel()
	unknownFields(t.Errorf, "", readYAML(t, "databricks.yml"))
}

// complain takes what is wrong, as testing.T.Errorf does.
type complain func(format string, args ...any)

// unknownFields walks the bundle; at a job, the SDK's types say what there is.
// The CLI only warns about an unknown field, and it does nothing.
func unknownFields(complain complain, path string, value any) {
	if jobPath.MatchString(path) {
		unlikeType(complain, path, value, reflect.TypeFor[jobs.JobSettings]())
		return
	}
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			unknownFields(complain, path+".*", element)
		}
	case map[string]any:
		for name, inner := range value {
			step := name
			switch fields := bundleFields[path]; {
			case fields == "*":
				step = "*"
			case !slices.Contains(strings.Fields(fields), name):
				complain("%s has no field %s", path, name)
			}
			unknownFields(complain, strings.TrimPrefix(path+"."+step, "."), inner)
		}
	}
}

// unlikeType reports what is no JSON of a type. Any value may be a variable.
func unlikeType(complain complain, path string, value any, want reflect.Type) {
	if text, ok := value.(string); ok && strings.HasPrefix(text, "${") {
		return
	}
	if want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	fits := want.Kind() == reflect.TypeOf(value).Kind()
	switch value := value.(type) {
	case map[string]any:
		if fits = want.Kind() == reflect.Struct; !fits {
			break
		}
		for name, inner := range value {
			if field, ok := fieldNamed(want, name); ok {
				unlikeType(complain, path+"."+name, inner, field.Type)
			} else {
				complain("%s has no field %s", path, name)
			}
		}
	case []any:
		if fits = want.Kind() == reflect.Slice; !fits {
			break
		}
		for i, inner := range value {
			unlikeType(complain, path+"."+strconv.Itoa(i), inner, want.Elem())
		}
	case int:
		fits = fits || want.Kind() == reflect.Int64 || want.Kind() == reflect.Float64
	}
	if !fits {
		complain("%s is %v (%T), want %s", path, value, value, want)
	}
}

func fieldNamed(of reflect.Type, name string) (reflect.StructField, bool) {
	for field := range of.Fields() {
		if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); tag == name {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

func TestUnknownFieldsAreFound(t *testing.T) {
	t.Parallel()
	const job = "resources: {jobs: {aggregate: "
	for snippet, want := range map[string]string{
		"variable: {}":                                                             " has no field variable",
		job + "{max_retries: 2}}}":                                                 "resources.jobs.* has no field max_retries",
		job + "{retry_on_timeout: true}}}":                                         "resources.jobs.* has no field retry_on_timeout",
		job + "{tasks: [{max_retrys: 2}]}}}":                                       "resources.jobs.*.tasks.0 has no field max_retrys",
		job + "{tasks: [{max_retries: two}]}}}":                                    "resources.jobs.*.tasks.0.max_retries is two (string), want int",
		job + "{tasks: [{max_retries: 2}], queue: false}}}":                        "resources.jobs.*.queue is false (bool), want jobs.QueueSettings",
		job + "{environments: [{spec: {environment_version: 4}}]}}}":               "resources.jobs.*.environments.0.spec.environment_version is 4 (int), want string",
		"targets: {production: {resources: {jobs: {aggregate: {timeout: 7200}}}}}": "targets.*.resources.jobs.* has no field timeout",
	} {
		var bundle map[string]any
		if err := yaml.Unmarshal([]byte(snippet), &bundle); err != nil {
			t.Fatal(err)
		}
		var got []string
		unknownFields(func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }, "", bundle)
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q", snippet, got, want)
		}
	}
}
