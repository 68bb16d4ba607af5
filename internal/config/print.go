package config

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cast"
	"go.yaml.in/yaml/v3"
)

// Mask is what is printed in place of a secret.
const Mask = "***"

// Write prints the effective settings as YAML that Load accepts, apart from
// masked secrets, each line with where its value came from.
func (s *Settings) Write(w io.Writer) error {
	for _, k := range keys() {
		value, err := yaml.Marshal(printable(k, s.printed[k.name]))
		if err != nil {
			return err
		}
		line := strings.TrimSpace(string(value))
		if _, err := fmt.Fprintf(w, "%s: %s  # %s\n", k.name, line, s.origins[k.name]); err != nil {
			return err
		}
	}
	return nil
}

// MaskedDatabaseURL returns the database's address without its password.
func (s *Settings) MaskedDatabaseURL() string { return maskURL(s.DatabaseURL) }

// MaskedCopyTo returns the address of the database that copy writes to without
// its password.
func (s *Settings) MaskedCopyTo() string { return maskURL(s.CopyTo) }

// shown is a value as an error message repeats it.
func shown(k key, value any) string {
	if k.secret && !k.isDatabase() {
		return Mask
	}
	text, ok := value.(string)
	if !ok {
		return fmt.Sprint(value)
	}
	if k.isDatabase() {
		text = maskURL(text)
	} else {
		text = passwordIn.ReplaceAllString(text, "${1}"+Mask+"@")
	}
	const most = 200
	if len(text) > most {
		text = text[:most] + "…"
	}
	return fmt.Sprintf("%q", text)
}

func printable(k key, value any) yaml.Node {
	node := yaml.Node{}
	text, _ := value.(string)
	switch {
	case k.isDatabase() && text != "":
		node.SetString(maskURL(text))
	case k.secret && cast.ToString(value) == "" && len(cast.ToStringSlice(value)) == 0:
		_ = node.Encode(value)
	case k.secret:
		node.SetString(Mask)
	default:
		if err := node.Encode(value); err != nil {
			node.SetString(fmt.Sprint(value))
		}
	}
	node.Style = yaml.FlowStyle
	return node
}
