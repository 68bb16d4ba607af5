package mutations

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mutation is one change of the sources that a test must notice.
type mutation struct {
	removed string // what is taken out, in plain words

	file   string // below internal/
	before string // what is in the file, once
	after  string // what takes its place

	// noticedBy is the test that must fail, with the names of subtests behind
	// slashes. in is its package below internal/; empty: that of the file.
	noticedBy string
	in        string
}

// all returns the mutations of every table.
func all() []mutation {
	return slices.Concat(ofSpool, ofSpoolReading, ofStore, ofAggregate, ofTransfer, ofIngest, ofIngestIsolation, ofIngestBodies, ofCollect, ofServer, ofAdmin, ofAPI, ofInject)
}

// root is where the sources are, seen from here.
const root = ".."

// tests returns the package of the test, below internal/.
func (m mutation) tests() string {
	if m.in != "" {
		return m.in
	}
	return path.Dir(m.file)
}

// name tells a mutation from all others.
func (m mutation) name() string { return m.file + ": " + m.removed }

// apply returns the file with the mutation.
func (m mutation) apply(t *testing.T) []byte {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.before); n != 1 {
		t.Fatalf("%d times in the file, wanted once:\n%s", n, m.before)
	}
	return []byte(strings.Replace(string(source), m.before, m.after, 1))
}

// The tables must fit the sources as they are: every text is in its file once,
// what comes of it is still Go, and every test is there.
func TestTablesFitTheSources(t *testing.T) {
	t.Parallel()
	known := map[string][]string{}
	names := map[string]bool{}
	for _, m := range all() {
		if names[m.name()] {
			t.Errorf("%s: twice in the tables", m.name())
		}
		names[m.name()] = true
		if known[m.tests()] == nil {
			known[m.tests()] = testsOf(t, m.tests())
		}
		t.Run(m.name(), func(t *testing.T) {
			if _, err := parser.ParseFile(token.NewFileSet(), m.file, m.apply(t), parser.SkipObjectResolution); err != nil {
				t.Errorf("what comes of it is no Go: %v", err)
			}
			if test, _, _ := strings.Cut(m.noticedBy, "/"); !slices.Contains(known[m.tests()], test) {
				t.Errorf("no test %s in internal/%s", test, m.tests())
			}
		})
	}
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)

// testsOf returns the names of the tests of a package.
func testsOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range testFunction.FindAllSubmatch(source, -1) {
			names = append(names, string(found[1]))
		}
	}
	return names
}
