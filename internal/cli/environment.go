package cli

import (
	"net"
	"net/url"
	"os"

	"github.com/appmetrics/appmetrics/internal/config"
)

// portVariables tell an application where to listen, when it is not told
// otherwise.
var portVariables = [...]string{
	appsPort, "PORT", "STREAMLIT_SERVER_PORT", "GRADIO_SERVER_PORT", "UVICORN_PORT", "FLASK_RUN_PORT",
}

// appsPort is the port that Databricks Apps sends requests to.
const appsPort = "DATABRICKS_APP_PORT"

// commandEnv is what the application behind serve finds in its environment
// instead: in place of the port that serve itself took, the port of upstream,
// so that one that reads it needs no change; and in place of the secrets of
// appmetrics, nothing.
func commandEnv(listen string, upstream *url.URL) []string {
	if upstream == nil {
		return nil
	}
	port := upstream.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[upstream.Scheme]
	}
	if port == "" {
		port = "80"
	}
	_, own, err := net.SplitHostPort(listen)
	if err != nil {
		own = "" // the server refuses it
	}
	var env []string
	for _, name := range portVariables {
		if value := os.Getenv(name); value != "" && (value == own || name == appsPort) {
			env = append(env, name+"="+port)
		}
	}
	for _, name := range config.SecretVariables() {
		if os.Getenv(name) != "" {
			env = append(env, name+"=")
		}
	}
	return env
}
