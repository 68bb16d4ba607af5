package internal_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/appmetrics/appmetrics/internal/cli"
)

const deployment = "../config/databricks"

func TestAppStartsBehindAppmetrics(t *testing.T) {
	t.Parallel()
	app := readYAML(t, "app.yaml")
	for name := range app {
		if name != "command" && name != "env" {
			t.Errorf("app.yaml has no field %s", name)
		}
	}
	var command []string
	for i, word := range app["command"].([]any) { // a list: no shell reads it
		text, ok := word.(string)
		if !ok {
			t.Fatalf("command.%d is %v (%T), want text", i, word, word)
		}
		if strings.Contains(strings.ReplaceAll(text, "$DATABRICKS_APP_PORT", ""), "$") {
			t.Errorf("command.%d is %s: only $DATABRICKS_APP_PORT expands", i, text)
		}
		command = append(command, text)
	}
	checkCommand(t, command)
	for _, variable := range app["env"].([]any) {
		fields := variable.(map[string]any)
		_, value := fields["value"].(string)
		_, from := fields["valueFrom"].(string)
		if _, name := fields["name"].(string); !name || value == from || len(fields) != 2 {
			t.Errorf("%v: want a name, and either value or valueFrom", fields)
		}
	}
}

// checkCommand refuses a command of app.yaml that would not start appmetrics in
// front of something.
func checkCommand(t *testing.T, command []string) {
	t.Helper()
	dash := slices.Index(command, "--")
	if len(command) < 2 || command[0] != "appmetrics" || command[1] != "serve" || dash < 0 || dash == len(command)-1 {
		t.Fatalf("command is %v, want appmetrics serve … -- …", command)
	}
	usage := help(t, "serve")
	for i, word := range command[2:dash] {
		if flag, _, _ := strings.Cut(word, "="); strings.HasPrefix(flag, "--") && !strings.Contains(usage, flag+" ") {
			t.Errorf("serve has no flag %s", flag)
		}
		if word == "--upstream" && strings.HasSuffix(command[i+3], ":8000") {
			t.Errorf("%s is often the platform's own port", command[i+3])
		}
	}
}

func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/databricks.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("`(\\[\"appmetrics\", \"serve\".*?\\])`").FindAllSubmatch(page, -1)
	if len(commands) < 3 {
		t.Errorf("%d commands, want one each for FastAPI, Streamlit and Node", len(commands))
	}
	for _, match := range commands {
		var command []string
		if err := json.Unmarshal(match[1], &command); err != nil {
			t.Errorf("%s: %v", match[1], err)
			continue
		}
		checkCommand(t, command)
	}
}

// help asks the program what a command does.
func help(t *testing.T, command string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := cli.Run(t.Context(), cli.Streams{Out: &out, Err: &errs}, []string{command, "--help"}); code != 0 {
		t.Fatalf("appmetrics %s --help: exit code %d: %s", command, code, errs.String())
	}
	return out.String()
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(deployment, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func readYAML(t *testing.T, name string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := yaml.Unmarshal(readFile(t, name), &document); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return document
}

// at returns what stands at a path such as tasks.0.max_retries, or nil.
func at(value any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(inner) {
				return nil
			}
			value = inner[i]
		default:
			return nil
		}
	}
	return value
}
