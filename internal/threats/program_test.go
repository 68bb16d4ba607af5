package threats

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/cli"
	"github.com/appmetrics/appmetrics/internal/store"
	"github.com/appmetrics/appmetrics/internal/store/storetest"
)

// asProgram makes the test binary be appmetrics.
const asProgram = "THREATS_RUN_APPMETRICS"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Run(context.Background(), cli.Terminal(), os.Args[1:]))
	}
	// The pipes of a worker that fuzzes are not for the programs that it starts:
	// who waits for their end would wait for these programs.
	const first, last = 3, 9
	for fd := first; fd <= last; fd++ {
		syscall.CloseOnExec(fd)
	}
	os.Exit(m.Run())
}

const (
	// patience is how long a test waits for what should happen at once, unless
	// the machine is busy.
	patience = time.Minute
	again    = 10 * time.Millisecond
)

// site is an installation of appmetrics: a database, a home, an environment,
// and the program that serves them.
type site struct {
	t        testing.TB
	engine   string
	database string // URL
	store    *store.Store
	home     string // all that the program may write to
	env      []string

	url     string // of the program while it serves
	log     *transcript
	running *exec.Cmd
}

// install makes a site with an empty, migrated database. env is NAME=VALUE.
func install(t testing.TB, engine string, env ...string) *site {
	t.Helper()
	s := &site{t: t, engine: engine, home: t.TempDir(), log: newTranscript()}
	s.store, s.database = storetest.OpenURL(t, engine)
	s.env = []string{
		asProgram + "=1", "HOME=" + s.home, "TMPDIR=" + s.home,
		"XDG_CONFIG_HOME=" + filepath.Join(s.home, "config"), "XDG_STATE_HOME=" + filepath.Join(s.home, "state"),
		"APPMETRICS_LOG_LEVEL=debug", "PATH=" + os.Getenv("PATH"),
	}
	for _, name := range []string{"GOCOVERDIR", "GORACE"} {
		if value := os.Getenv(name); value != "" {
			s.env = append(s.env, name+"="+value)
		}
	}
	s.env = append(s.env, "DATABASE_URL="+s.database)
	s.env = append(s.env, env...)
	t.Cleanup(func() { s.stop() })
	return s
}

// eachEngine runs a test on a site of its own with every engine, in parallel.
func eachEngine(t *testing.T, test func(*testing.T, string)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, engine)
		})
	}
}

func (s *site) command(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env, cmd.Dir = s.env, s.home
	return cmd
}

// run runs a command to its end.
func (s *site) run(args ...string) (stdout, stderr string, code int) {
	s.t.Helper()
	var out, errs bytes.Buffer
	cmd := s.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		s.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// serve starts the program and waits until it serves.
func (s *site) serve(args ...string) *site {
	s.t.Helper()
	s.running = s.command(append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	out, in, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.running.Stdout, s.running.Stderr = in, in
	s.log.follow(out)
	if err := s.running.Start(); err != nil {
		s.t.Fatal(err)
	}
	_ = in.Close() // the program has its own
	select {
	case s.url = <-s.log.serving:
	case <-s.log.ended:
		s.t.Fatalf("the program ended:\n%s", s.log)
	case <-time.After(patience):
		s.t.Fatalf("the program does not serve:\n%s", s.log)
	}
	return s
}

// stop lets the program write what it holds and end.
func (s *site) stop() {
	s.t.Helper()
	if s.running == nil {
		return
	}
	_ = s.running.Process.Signal(syscall.SIGTERM) // it may have ended: Wait says how
	err := s.running.Wait()
	<-s.log.ended
	if err != nil {
		s.t.Errorf("the program ended with %v:\n%s", err, s.log)
	}
	s.running = nil
}

// answer is what the program answered.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends one request. header is NAME, VALUE, …; the body of a nil reader is
// none.
func (s *site) ask(method, path string, body io.Reader, header ...string) answer {
	s.t.Helper()
	a, err := s.try(method, path, body, header...)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s *site) try(method, path string, body io.Reader, header ...string) (answer, error) {
	return s.via(http.DefaultTransport, method, path, body, header...)
}

// from reaches the program from another address of this machine.
func from(address string) http.RoundTripper {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
}

func (s *site) via(network http.RoundTripper, method, path string, body io.Reader, header ...string) (answer, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+path, body)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Add(header[i], header[i+1])
	}
	response, err := network.RoundTrip(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

const (
	api         = "/api/v1/metrics"
	usageEvents = api + "/usage-events"
	requests    = api + "/requests"
)

// post sends a JSON body.
func (s *site) post(path, body string, header ...string) answer {
	s.t.Helper()
	return s.ask(http.MethodPost, path, strings.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
}

// must fails the test unless the answer has this status.
func (a answer) must(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("got %d %.500s, want %d", a.status, a.body, status)
	}
	return a
}

// read puts a JSON answer into v.
func (a answer) read(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v in %.500s", err, a.body)
	}
}

// event is the body of a post of one usage event, of now, with more fields.
func event(fields ...any) string {
	return `{"events":[{"event_type":"page_view",` + now() + members(fields...) + `}]}`
}

// request is one sample of a post of requests, of now, with more fields.
func request(endpoint string, fields ...any) string {
	return `{` + now() + members("endpoint", endpoint, "method", "GET", "status_code", 200, "response_time_ms", 1) + members(fields...) + `}`
}

// requestsOf is the body of a post of requests.
func requestsOf(samples ...string) string { return `{"requests":[` + strings.Join(samples, ",") + `]}` }

func now() string { return `"timestamp":"` + time.Now().UTC().Format(time.RFC3339) + `"` }

// members are NAME, VALUE, … as they stand in a JSON object after others.
func members(fields ...any) string {
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		value, err := json.Marshal(fields[i+1])
		if err != nil {
			panic(err) // of a test's own text
		}
		fmt.Fprintf(&b, `,%q:%s`, fields[i], value)
	}
	return b.String()
}

// transcript is what a program has written to its output and its log.
type transcript struct {
	serving chan string   // its URL
	ended   chan struct{} // closed at the end of the output

	mu   sync.Mutex
	text strings.Builder
}

func newTranscript() *transcript { return &transcript{serving: make(chan string, 1)} }

func (x *transcript) follow(out *os.File) {
	x.ended = make(chan struct{})
	go func() {
		defer close(x.ended)
		defer out.Close()
		for lines := bufio.NewReader(out); ; {
			line, err := lines.ReadString('\n')
			x.mu.Lock()
			x.text.WriteString(line)
			x.mu.Unlock()
			var said struct{ Msg, Address string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "serving" {
				x.serving <- said.Address
			} else if _, rest, found := strings.Cut(line, " serving address="); found {
				x.serving <- strings.Fields(rest)[0]
			}
			if err != nil {
				return
			}
		}
	}()
}

func (x *transcript) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.String()
}
