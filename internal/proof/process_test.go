//go:build unix

package proof

import (
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// process is one life of a program.
type process struct {
	*exec.Cmd
	up     chan struct{} // closed once it answers
	exited chan struct{} // closed when it has ended
}

// start begins a life and returns without waiting until it answers.
func (p *program) start(env ...string) *process {
	p.t.Helper()
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	command := exec.Command(p.binary, append([]string{"serve", "--listen", p.address}, p.args...)...)
	command.Env = append(append([]string{}, p.env...), env...)
	command.Dir, command.Stderr = p.dir, log
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	life := &process{Cmd: command, up: make(chan struct{}), exited: make(chan struct{})}
	go func() {
		_ = command.Wait() // how it ended is in ProcessState
		close(life.exited)
	}()
	go life.awaitAnswer(p.url())

	p.mu.Lock()
	defer p.mu.Unlock()
	p.process = life
	close(p.changed)
	p.changed = make(chan struct{})
	return life
}

// awaitAnswer waits until the process answers; the database may be away.
func (l *process) awaitAnswer(url string) {
	for {
		response, err := http.Get(url + "/internal/appmetrics/health")
		if err == nil {
			_ = response.Body.Close()
			close(l.up)
			return
		}
		select {
		case <-l.exited:
			return
		case <-time.After(again / 4):
		}
	}
}

// begin starts a life and waits until it answers.
func (p *program) begin(env ...string) *process {
	p.t.Helper()
	life := p.start(env...)
	select {
	case <-life.up:
	case <-life.exited:
		p.t.Fatalf("the program ended at once: %v\n%s", life.ProcessState, p.logged())
	case <-time.After(patience):
		p.t.Fatalf("the program does not answer\n%s", p.logged())
	}
	return life
}

func (l *process) hasEnded() bool {
	select {
	case <-l.exited:
		return true
	default:
		return false
	}
}

// kill ends the life as kill -9 does.
func (p *program) kill() {
	p.mu.Lock()
	life := p.process
	p.mu.Unlock()
	if life == nil {
		return
	}
	_ = life.Process.Kill() // it may have ended by itself
	<-life.exited
}

// terminate ends the life by SIGTERM and returns how long it took.
func (p *program) terminate() time.Duration {
	p.t.Helper()
	began := time.Now()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatalf("terminate: %v", err)
	}
	p.awaitEnd(p.process)
	return time.Since(began)
}

// awaitEnd waits until a life has ended.
func (p *program) awaitEnd(life *process) {
	p.t.Helper()
	select {
	case <-life.exited:
	case <-time.After(patience):
		p.t.Fatalf("the program did not end\n%s", p.logged())
	}
}

// stop ends the life by SIGTERM, which must leave nothing undone.
func (p *program) stop() {
	p.t.Helper()
	p.terminate()
	if code := p.process.ProcessState.ExitCode(); code != 0 {
		p.t.Fatalf("stopped with exit code %d\n%s", code, p.logged())
	}
}
