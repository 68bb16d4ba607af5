package internal_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var (
	// published finds the names that figures are published under.
	published = regexp.MustCompile("[\"`](appmetrics_[a-z_]+)[\"`{]")

	figureName = regexp.MustCompile(`\bappmetrics_[a-z_]+\b`)
)

// figures are the names of all figures of the server.
func figures(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob("server/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "cli/gauges.go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, found := range published.FindAllStringSubmatch(read(t, file), -1) {
			names[found[1]] = true
		}
	}
	if len(names) < 30 {
		t.Fatalf("found %d figures only: %v", len(names), names)
	}
	return names
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Who meets a figure finds it explained, and what is explained exists.
func TestEveryFigureIsExplained(t *testing.T) {
	t.Parallel()
	known, explained := figures(t), map[string]bool{}
	for _, name := range figureName.FindAllString(read(t, "../docs/operations.md"), -1) {
		if explained[name] = true; !known[name] {
			t.Errorf("docs/operations.md: %s is not published", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !explained[name] {
			t.Errorf("docs/operations.md: nothing on %s", name)
		}
	}
}

// An alert on a figure that does not exist never fires.
func TestAlertsAreOnFiguresThatExist(t *testing.T) {
	t.Parallel()
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "../config/prometheus/alerts.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	known, alerts := figures(t), map[string]bool{}
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			if rule.Alert == "" || alerts[rule.Alert] {
				t.Errorf("alert %q has no name of its own", rule.Alert)
			}
			alerts[rule.Alert] = true
			for _, name := range figureName.FindAllString(rule.Expr, -1) {
				if !known[name] {
					t.Errorf("%s: %s is not published", rule.Alert, name)
				}
			}
			if rule.Annotations["summary"] == "" || rule.Labels["severity"] == "" {
				t.Errorf("%s: no summary or severity", rule.Alert)
			}
		}
	}
	if len(alerts) == 0 {
		t.Error("no alerts")
	}
}

// watched finds the limits of which the log warns before they are reached.
var watched = regexp.MustCompile(`level\.New\("([^"]+)", "([^"]+)"\)`)

// Who meets a warning finds it explained.
func TestEveryWatchedLimitIsExplained(t *testing.T) {
	t.Parallel()
	explained, found := read(t, "../docs/operations.md"), 0
	for _, folder := range []string{"ingest", "server", "api", "collect", "spool"} {
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, limit := range watched.FindAllStringSubmatch(read(t, file), -1) {
				found++
				row := regexp.MustCompile(`(?m)^\| .*` + "`" + regexp.QuoteMeta(limit[1]) + "`.*`" + regexp.QuoteMeta(limit[2]) + "`")
				if !row.MatchString(explained) {
					t.Errorf("docs/operations.md: nothing on %q, and that then %q (%s)", limit[1], limit[2], file)
				}
			}
		}
	}
	if found < 6 {
		t.Errorf("found %d limits only", found)
	}
}

// Who looks at the time of an operation finds what it is.
func TestEveryOperationIsExplained(t *testing.T) {
	t.Parallel()
	explained := read(t, "../docs/operations.md")
	_, list, _ := strings.Cut(read(t, "cli/measured.go"), "func operations()")
	list, _, _ = strings.Cut(list, "\n}\n")
	names := regexp.MustCompile(`"([a-z_]+)"`).FindAllStringSubmatch(list, -1)
	if len(names) < 12 {
		t.Fatalf("found %d operations only", len(names))
	}
	for _, name := range names {
		if !strings.Contains(explained, "`"+name[1]+"`") {
			t.Errorf("docs/operations.md: nothing on %s", name[1])
		}
	}
}
