package cli

import (
	"net/url"
	"os"
	"slices"
	"testing"

	"github.com/appmetrics/appmetrics/internal/config"
)

func TestCommandEnvironment(t *testing.T) {
	for _, c := range []struct {
		name, listen, upstream string
		env                    []string
		want                   []string
	}{
		{"nothing set", "127.0.0.1:8080", "http://127.0.0.1:3000", nil, nil},
		{
			"Databricks Apps", "0.0.0.0:8000", "http://127.0.0.1:3000",
			[]string{"DATABRICKS_APP_PORT", "8000", "STREAMLIT_SERVER_PORT", "8000", "GRADIO_SERVER_PORT", "8000", "UVICORN_PORT", "8000", "FLASK_RUN_PORT", "8000"},
			[]string{"DATABRICKS_APP_PORT=3000", "STREAMLIT_SERVER_PORT=3000", "GRADIO_SERVER_PORT=3000", "UVICORN_PORT=3000", "FLASK_RUN_PORT=3000"},
		},
		{"another port is meant for somebody else", "127.0.0.1:8080", "http://127.0.0.1:3000", []string{"PORT", "3000", "UVICORN_PORT", "9"}, nil},
		{"a platform that sets PORT", ":8080", "h2c://127.0.0.1:3000", []string{"PORT", "8080"}, []string{"PORT=3000"}},
		{
			"an explicit address does not hand the platform's port on", "127.0.0.1:1", "http://127.0.0.1:3000",
			[]string{"DATABRICKS_APP_PORT", "8000", "PORT", "8000"},
			[]string{"DATABRICKS_APP_PORT=3000"},
		},
		{"the scheme's port", "0.0.0.0:8000", "http://app", []string{"DATABRICKS_APP_PORT", "8000"}, []string{"DATABRICKS_APP_PORT=80"}},
		{"the scheme's port with TLS", "0.0.0.0:8000", "https://app", []string{"DATABRICKS_APP_PORT", "8000"}, []string{"DATABRICKS_APP_PORT=443"}},
		{
			"secrets stay here", ":8080", "http://127.0.0.1:3000",
			[]string{"APPMETRICS_TOKEN", "hush", "APPMETRICS_PRIVACY_KEY", "hush", "DATABASE_URL", "postgres:///shop"},
			[]string{"APPMETRICS_PRIVACY_KEY=", "APPMETRICS_TOKEN="},
		},
		{"no application", "0.0.0.0:8000", "", []string{"DATABRICKS_APP_PORT", "8000"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range slices.Concat(portVariables[:], config.SecretVariables()) {
				t.Setenv(name, "")
				_ = os.Unsetenv(name)
			}
			for pair := range slices.Chunk(c.env, 2) {
				t.Setenv(pair[0], pair[1])
			}
			var upstream *url.URL
			if c.upstream != "" {
				var err error
				if upstream, err = url.Parse(c.upstream); err != nil {
					t.Fatal(err)
				}
			}
			got := slices.Sorted(slices.Values(commandEnv(c.listen, upstream)))
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
