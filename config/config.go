// Package config holds the documented example of the configuration file, in
// which every key stands with its default. It reads no settings.
package config

import _ "embed"

// Example is the text of appmetrics.yaml.
//
//go:embed appmetrics.yaml
var Example string
