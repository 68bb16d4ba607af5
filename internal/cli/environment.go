package cli

import (
	"net"
	"net/url"
	"os"
)

// portVariables tell an application where to listen, when it is not told
// otherwise.
var portVariables = [...]string{
	appsPort, "PORT", "STREAMLIT_SERVER_PORT", "GRADIO_SERVER_PORT", "UVICORN_PORT", "FLASK_RUN_PORT",
}

// appsPort is the port that Databricks Apps sends requests to.
const appsPort = "DATABRICKS_APP_PORT"

// commandEnv is what the application behind serve finds in its environment in
// place of the port that serve itself took: the port of upstream. So one that
// reads it needs no change.
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
	return env
}
