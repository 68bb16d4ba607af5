package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"go.yaml.in/yaml/v3"
)

// maxFile is the largest file that a Databricks App may consist of.
const maxFile = 10_485_760

// manifest says how the platform starts the app.
const manifest = "app.yaml"

// checkBundle looks for what fails a deployment of an app.
func (p *patient) checkBundle(ctx context.Context) finding {
	if p.Bundle == "" {
		return skipped("no folder to look at: name it with --bundle")
	}
	files, tooLarge, err := measure(ctx, p.Bundle)
	if err != nil {
		return failed("name the folder that holds "+manifest+" with --bundle", "%v", err)
	}
	if len(tooLarge) > 0 {
		return failed("ship it compressed, or install it from a wheel", "more than %s bytes: %s",
			humanize.Comma(maxFile), strings.Join(tooLarge, ", "))
	}
	if err := checkManifest(filepath.Join(p.Bundle, manifest)); err != nil {
		return failed(`write command as a list, such as ["./start", "--listen", "0.0.0.0:$DATABRICKS_APP_PORT"]`, "%s: %v", manifest, err)
	}
	return passed("%s, each within %s bytes, and a command in %s", plural(files, "file", "files"), humanize.Comma(maxFile), manifest)
}

// measure counts the files of a folder and names those that are too large. What
// the databricks CLI never uploads is left out.
func measure(ctx context.Context, folder string) (files int, tooLarge []string, err error) {
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != folder && (entry.Name() == ".git" || entry.Name() == ".databricks") {
				return filepath.SkipDir
			}
			return ctx.Err()
		}
		info, err := os.Stat(path) // of what a link leads to
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return nil
		}
		files++
		if info.Size() > maxFile {
			name, err := filepath.Rel(folder, path)
			if err != nil {
				return err
			}
			tooLarge = append(tooLarge, fmt.Sprintf("%s (%s)", name, humanize.Comma(info.Size())))
		}
		return nil
	})
	return files, tooLarge, err
}

// checkManifest refuses a command that is no list of words: no shell reads it.
func checkManifest(path string) error {
	content, err := os.ReadFile(path) //nolint:gosec // the user names the folder
	if err != nil {
		return cause(err)
	}
	var app struct {
		Command yaml.Node `yaml:"command"`
	}
	if err := yaml.Unmarshal(content, &app); err != nil {
		return fmt.Errorf("is no YAML: %w", err)
	}
	if app.Command.Kind != yaml.SequenceNode || len(app.Command.Content) == 0 {
		return errors.New("command is not a list of words")
	}
	for i, word := range app.Command.Content {
		if word.Kind != yaml.ScalarNode || word.Tag != "!!str" {
			return fmt.Errorf("command[%d] is not text: put it into quotes", i)
		}
	}
	return nil
}
