package config

import (
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// defaultDatabase is the embedded database in the user's state directory, so
// that every command finds the same data from any directory. Where libpq's
// variables name a server, that server is meant.
func defaultDatabase() string {
	if os.Getenv("PGHOST") != "" || os.Getenv("PGHOSTADDR") != "" || os.Getenv("PGSERVICE") != "" {
		return "postgres:///"
	}
	return "sqlite://" + filepath.Join(xdg.StateHome, "appmetrics", "appmetrics.db")
}

// lakebaseDatabase is the database that every Lakebase endpoint begins with,
// unless libpq's variables name another. A name in the URL would win over
// them.
func lakebaseDatabase() string {
	if os.Getenv("PGDATABASE") != "" {
		return "postgres:///"
	}
	return "postgres:///databricks_postgres"
}

// defaultListen is the port that Databricks Apps sends requests to, else one of
// this machine only.
func defaultListen() string {
	if port := os.Getenv(appsPort); port != "" {
		return "0.0.0.0:" + port
	}
	return "127.0.0.1:8080"
}

// defaultProxies is everyone on Databricks Apps, where nobody but the
// platform's proxy reaches the port, and nobody elsewhere.
func defaultProxies() []string {
	if onDatabricksApps() {
		return []string{"0.0.0.0/0", "::/0"}
	}
	return []string{}
}

func onDatabricksApps() bool { return os.Getenv(appsPort) != "" && os.Getenv(appsName) != "" }

// What Databricks Apps sets in the environment of every app.
const (
	appsPort = "DATABRICKS_APP_PORT"
	appsName = "DATABRICKS_APP_NAME"
)
