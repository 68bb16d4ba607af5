package databricks_test

import (
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://adb-1.2.azuredatabricks.net":                    "https://adb-1.2.azuredatabricks.net",
		"adb-1.2.azuredatabricks.net":                            "https://adb-1.2.azuredatabricks.net",
		"https://adb-1.2.azuredatabricks.net/":                   "https://adb-1.2.azuredatabricks.net",
		"https://x.cloud.databricks.com/?o=123#job/1":            "https://x.cloud.databricks.com",
		"https://x.cloud.databricks.com/browse/folders/1?o=123#": "https://x.cloud.databricks.com",
		"https://x.cloud.databricks.com:8443":                    "https://x.cloud.databricks.com:8443",
		"http://127.0.0.1:8080":                                  "http://127.0.0.1:8080",
		"http://localhost:8080/":                                 "http://localhost:8080",
		"http://[::1]:8080":                                      "http://[::1]:8080",

		"":                                  "",
		"http://x.cloud.databricks.com":     "",
		"http://localhost.example.com":      "",
		"ftp://x.cloud.databricks.com":      "",
		"https://":                          "",
		"https://user:pw@x.databricks.com":  "",
		"user:pw@x.databricks.com":          "",
		"https://x.cloud.databricks.com:no": "",
		"\x00":                              "",
	} {
		d, err := databricks.NewDirectory(databricks.DirectoryOptions{Host: text})
		if (err == nil) != (want != "") {
			t.Errorf("NewDirectory(%q): %v", text, err)
		}
		if err == nil && d.Host() != want {
			t.Errorf("NewDirectory(%q).Host() = %q, want %q", text, d.Host(), want)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("NewDirectory(%q): %v repeats a password", text, err)
		}
	}
}
