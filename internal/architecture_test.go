package internal_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/appmetrics/appmetrics/"

// rows lists the packages from the bottom up. A package imports only from rows
// below its own, so packages of one row never import each other.
var rows = [][]string{
	{"internal/sketch", "internal/spool", "internal/level"},
	{"internal/metric", "internal/text", "internal/databricks", "internal/tui/hush"},
	{"internal/store", "internal/ingest", "internal/admin", "internal/lakebase", "internal/tui/look"},
	{"internal/aggregate", "internal/query", "internal/transfer", "internal/tui/chart", "internal/tui/table"},
	{"internal/collect", "internal/api", "internal/report", "internal/tui", "internal/demo", "internal/doctor", "internal/web", "internal/inject"},
	{"internal/server"},
	{"internal/cli"},
	{"cmd/appmetrics"},
}

// only names the packages that exactly one other package may import.
var only = map[string]string{
	"migrations":            "internal/store",
	"internal/config":       "internal/cli",
	"config":                "internal/config",
	"internal/api/contract": "internal/api",
}

// forTests is what tests alone may import.
var forTests = []string{"internal", "internal/acceptance", "internal/mutations", "internal/proof", "internal/terminal", "internal/threats", "internal/store/storetest", "internal/spool/simfs", "internal/databricks/workspacetest"}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
	return all
}

func row(name string) int {
	return slices.IndexFunc(rows, func(names []string) bool { return slices.Contains(names, name) })
}

func TestPackagesImportOnlyFromLowerRows(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if slices.Contains(forTests, name) {
			continue
		}
		_, leaf := only[name]
		if row(name) < 0 && !leaf {
			t.Errorf("%s has no row: say in docs/architecture.md where it belongs, and here", name)
		}
		for _, path := range p.Imports {
			used, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			switch owner, leaf := only[used]; {
			case slices.Contains(forTests, used):
				t.Errorf("%s imports %s, which is for tests", name, used)
			case leaf && owner != name:
				t.Errorf("%s imports %s, which only %s may", name, used, owner)
			case !leaf && row(used) >= row(name):
				t.Errorf("%s (row %d) imports %s (row %d)", name, row(name), used, row(used))
			}
		}
	}
}

func TestSQLLivesInStore(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "grep", "-rlE", `\b(SELECT|INSERT INTO|UPDATE|DELETE FROM) `,
		"--include=*.go", "--exclude=*_test.go", "--exclude=*.gen.go", "--exclude-dir=store", ".").Output()
	if len(out) > 0 {
		t.Errorf("SQL outside internal/store:\n%s", out)
	} else if err == nil {
		t.Error("grep found files but named none")
	}
}

// One package speaks to the workspace, so that its traps are met once.
func TestTheWorkspaceSDKStaysInOnePackage(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		for _, path := range p.Imports {
			if strings.HasPrefix(path, "github.com/databricks/") && name != "internal/databricks" {
				t.Errorf("%s imports %s, which only internal/databricks may", name, path)
			}
		}
	}
}
