package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	example "github.com/appmetrics/appmetrics/config"
)

// Options say where settings come from besides the environment.
type Options struct {
	// File is read instead of the usual places; it must exist.
	File string
	// Flags maps keys to the flags that set them. A flag counts when it was
	// given.
	Flags map[string]*pflag.Flag
}

// Error is a setting that cannot be used: one line that names the key, the
// value, where it came from and what is allowed.
type Error struct{ message string }

func (e *Error) Error() string { return e.message }

func errorf(format string, args ...any) error {
	return &Error{message: fmt.Sprintf(format, args...)}
}

// Load reads and checks all settings. Every error is an *Error.
func Load(o Options) (*Settings, error) {
	v := viper.New()
	file, err := readFile(v, o.File)
	if err != nil {
		return nil, err
	}
	if err := checkFileKeys(v, file); err != nil {
		return nil, err
	}
	if err := checkEnvironment(os.Environ()); err != nil {
		return nil, err
	}
	s := &Settings{File: file, origins: map[string]string{}, printed: map[string]any{}}
	for _, k := range keys() {
		v.SetDefault(k.name, k.initial)
		v.MustBindEnv(append([]string{k.name}, k.environment()...)...)
		if flag := o.Flags[k.name]; flag != nil {
			if err := v.BindPFlag(k.name, flag); err != nil {
				return nil, errorf("flag --%s: %v", flag.Name, err)
			}
		}
		origin := originOf(v, k, o.Flags[k.name], file)
		value := v.Get(k.name)
		if err := k.set(s, value); err != nil {
			return nil, errorf("%s: %s (%s) is not allowed; allowed: %s", k.name, shown(k, value), origin, k.allowed)
		}
		s.origins[k.name] = origin
		s.printed[k.name] = value
	}
	s.derive()
	if err := s.check(o.Flags); err != nil {
		return nil, err
	}
	return s, nil
}

// Files returns where the configuration file is looked for, first match wins.
func Files() []string {
	return []string{
		filepath.Join(xdg.ConfigHome, "appmetrics", "config.yaml"),
		"/etc/appmetrics/config.yaml",
	}
}

// Example returns the documented configuration file: every key with its
// default.
func Example() string { return example.Example }

func readFile(v *viper.Viper, named string) (string, error) {
	candidates := Files()
	if named != "" {
		candidates = []string{named}
	}
	for _, path := range candidates {
		if _, err := os.Stat(path); err != nil {
			if named == "" && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			return "", errorf("config file %s: %v; name an existing YAML file with --config", path, cause(err))
		}
		v.SetConfigFile(path)
		v.SetConfigType("yaml")
		if err := v.ReadInConfig(); err != nil {
			if errors.As(err, new(*fs.PathError)) {
				return "", errorf("config file %s: %v; name an existing YAML file with --config", path, cause(err))
			}
			return "", errorf("config file %s: %s", path, oneLine(cause(err)))
		}
		return path, nil
	}
	return "", nil
}

// checkFileKeys must run before defaults are set: all keys that v then knows
// are the file's.
func checkFileKeys(v *viper.Viper, file string) error {
	names := keyNames()
	found := v.AllKeys()
	slices.Sort(found)
	for _, name := range found {
		if !slices.Contains(names, name) {
			return errorf("%s: unknown key in %s; %s", name, file, advice(name, names))
		}
	}
	return nil
}

// kubernetes matches what a cluster sets by itself in every container when a
// Service is called appmetrics.
var kubernetes = regexp.MustCompile(`^APPMETRICS_(SERVICE_|PORT$|PORT_)`)

func checkEnvironment(environ []string) error {
	var known []string
	for _, k := range keys() {
		known = append(known, k.environment()...)
	}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "APPMETRICS_") || kubernetes.MatchString(name) || slices.Contains(known, name) {
			continue
		}
		return errorf("%s: unknown environment variable; %s", name, advice(name, known))
	}
	return nil
}

func originOf(v *viper.Viper, k key, flag *pflag.Flag, file string) string {
	if flag != nil && flag.Changed {
		return "flag --" + flag.Name
	}
	for _, name := range k.environment() {
		if os.Getenv(name) != "" {
			return "environment " + name
		}
	}
	if v.InConfig(k.name) {
		return "file " + file
	}
	return byDefault
}

// byDefault is the origin of a value that nobody set.
const byDefault = "default"

func keyNames() []string {
	var names []string
	for _, k := range keys() {
		names = append(names, k.name)
	}
	return names
}

func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
