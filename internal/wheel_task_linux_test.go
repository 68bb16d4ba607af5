package internal_test

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
)

// showEnvironment stands in for the binary and says what it was started with.
const showEnvironment = `echo "args=$*"
for name in LAKEBASE_ENDPOINT EMPTY SECRET DATABRICKS_HOST DATABRICKS_TOKEN; do
  eval "echo \$name=\${$name-unset}"
done
echo "a line of the log" >&2
`

// sdk stands in for Python's Databricks client, with the calls that the wheel
// makes of it.
const sdk = `
class Secrets:
    def get(self, scope, key):
        if scope != "team":
            raise ValueError("Secret does not exist with scope: " + scope + "\nmore")
        return "secret-of-" + key

class Config:
    host = "https://workspace.example.com"
    def authenticate(self):
        return {"Authorization": "Bearer token-of-python"}

class WorkspaceClient:
    def __init__(self):
        self.config = Config()
        self.dbutils = type("dbutils", (), {"secrets": Secrets()})()
`

const sdkWithoutLogin = `
class WorkspaceClient:
    def __init__(self):
        raise ValueError("default auth: cannot configure default credentials\nmore")
`

func TestWheelTaskEnvironment(t *testing.T) {
	t.Parallel()
	folder := unpacked(t, showEnvironment)
	for name, test := range map[string]struct {
		sdk         string
		environment []string
		args        []string
		want        []string // lines of the program
		err         string   // or the end of what Python says
	}{
		"no client": {
			args: []string{"--env", "LAKEBASE_ENDPOINT=projects/p=q", "--env", "EMPTY=", "aggregate", "--env", "x"},
			want: []string{"args=aggregate --env x", "LAKEBASE_ENDPOINT=projects/p=q", "EMPTY=unset", "DATABRICKS_TOKEN=unset"},
		},
		"login of the client": {
			sdk:  sdk,
			args: []string{"aggregate"},
			want: []string{"args=aggregate", "DATABRICKS_HOST=https://workspace.example.com", "DATABRICKS_TOKEN=token-of-python"},
		},
		"login of the environment": {
			sdk:         sdk,
			environment: []string{"DATABRICKS_CLIENT_ID=principal"},
			args:        []string{"aggregate"},
			want:        []string{"DATABRICKS_HOST=unset", "DATABRICKS_TOKEN=unset"},
		},
		"login of the parameters": {
			sdk:  sdk,
			args: []string{"--env", "DATABRICKS_CONFIG_PROFILE=prod", "aggregate"},
			want: []string{"DATABRICKS_TOKEN=unset"},
		},
		"client without login": {
			sdk:  sdkWithoutLogin,
			args: []string{"aggregate"},
			want: []string{"DATABRICKS_TOKEN=unset"},
		},
		"secret": {
			sdk:  sdk,
			args: []string{"--secret", "SECRET=team/database", "aggregate"},
			want: []string{"SECRET=secret-of-database"},
		},
		"secret that is not there": {sdk: sdk, args: []string{"--secret", "SECRET=other/database"}, err: "--secret SECRET: read other/database: Secret does not exist with scope: other"},
		"secret without a client":  {args: []string{"--secret", "SECRET=team/database"}, err: "--secret SECRET needs the Python package databricks-sdk, which is not installed"},
		"secret without a key":     {args: []string{"--secret", "SECRET=team"}, err: "--secret SECRET needs scope/key after the ="},
		"variable without a value": {args: []string{"--env", "NAME"}, err: "--env needs NAME=VALUE after it"},
		"nothing after --env":      {args: []string{"--env"}, err: "--env needs NAME=VALUE after it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := folder
			if test.sdk != "" {
				path += string(os.PathListSeparator) + stub(t, test.sdk)
			}
			run := command(t, "python3", append([]string{"-c", asFunction}, test.args...)...)
			run.Env = append([]string{"PATH=" + os.Getenv("PATH"), "PYTHONPATH=" + path}, test.environment...)
			code, stdout, stderr := run.result()
			if test.err != "" {
				if code == 0 || !strings.HasSuffix(stderr, ": "+test.err+"\n") {
					t.Errorf("exit code %d, %s", code, stderr)
				}
				return
			}
			if code != 0 || !strings.HasSuffix(stdout, "the task returned\n") || !strings.HasSuffix(stderr, "a line of the log\n") {
				t.Fatalf("exit code %d, %s%s", code, stdout, stderr)
			}
			for _, line := range test.want {
				if !strings.Contains(stdout, line+"\n") {
					t.Errorf("%q is missing in %s", line, stdout)
				}
			}
			if strings.Contains(stderr, "token-of-python") || strings.Contains(stderr, "secret-of") {
				t.Errorf("a secret is shown: %s", stderr)
			}
		})
	}
}

// stub makes a folder with a package databricks.sdk.
func stub(t *testing.T, source string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "databricks", "sdk"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "databricks", "sdk", "__init__.py"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestWheelTaskFails(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"exit 3":        "ended with exit code 3 (the growth guard fired: the database is too large and grows too fast); the last lines of standard error:\n",
		"exit 70":       "ended with exit code 70 (the code of its command); the last lines of standard error:\n",
		"kill -TERM $$": "was ended by SIGTERM; the last lines of standard error:\n",
		// The last lines are repeated, the first ones not.
		"for i in $(seq 100); do echo \"line $i\" >&2; done; exit 1": "  line 99\n  line 100\n",
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			run := command(t, "python3", "-c", asFunction, "aggregate")
			run.Env = append(os.Environ(), "PYTHONPATH="+unpacked(t, script))
			code, stdout, stderr := run.result()
			if code != 1 || stdout != "" || !strings.HasSuffix(stderr, want) {
				t.Errorf("exit code %d, %q, %s", code, stdout, stderr)
			}
			if n := strings.Count(stderr, "line 1\n"); n > 1 {
				t.Errorf("the first line is repeated: %d times", n)
			}
		})
	}
}

// TestWheelTaskIsCancelled interrupts Python: the program must not go on.
func TestWheelTaskIsCancelled(t *testing.T) {
	t.Parallel()
	script := `trap 'echo stopped; exit 0' TERM; echo started; while :; do sleep 0.1; done`
	run := command(t, "python3", "-c", asFunction, "aggregate")
	run.Env = append(os.Environ(), "PYTHONPATH="+unpacked(t, script))
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	// Run in the background, the tests would hand an ignored INT down; one that
	// is caught becomes the default again there.
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, len("started\n"))
	if _, err := out.Read(said); err != nil {
		t.Fatal(err)
	}
	if err := run.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest := make([]byte, 100)
	n, _ := out.Read(rest)
	if string(said)+string(rest[:n]) != "started\nstopped\n" {
		t.Errorf("%q, then %q", said, rest[:n])
	}
	if err := run.Wait(); err == nil {
		t.Error("the task returned")
	}
}
