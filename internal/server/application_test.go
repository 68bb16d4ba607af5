package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/appmetrics/appmetrics/internal/server"
)

// applications are the programs that the tests start as commands, by name. They
// do without the testing package: they run in a process of their own.
var applications = map[string]func(args []string) int{
	"web":    web,
	"exit":   func(args []string) int { return number(args[0]) },
	"copy":   copyThrough,
	"silent": func([]string) int { select {} },
	"deaf":   deaf,
	"parent": func(args []string) int { return parent("deaf", args) },
	"family": func(args []string) int { return parent("web", args) },
	"signed": signed,
	"orders": orders,
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 99
	}
	return n
}

// web listens on args[0], answers with its process id, and ends with code 7
// once TERM or INT has let requests in flight end. /exit/N ends it with N.
func web(args []string) int {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	codes := make(chan int, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("/exit/{code}", func(_ http.ResponseWriter, r *http.Request) { codes <- number(r.PathValue("code")) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, os.Getpid())
	})
	s := &http.Server{Addr: args[0], Handler: mux}
	go func() {
		select {
		case code := <-codes:
			os.Exit(code)
		case <-stop.Done():
		}
		_ = s.Shutdown(context.Background())
		codes <- 7
	}()
	if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return 98
	}
	return <-codes
}

// orders is ordersApplication on args[0], with the timeouts of appmetrics and
// nothing else of it.
func orders(args []string) int {
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return 98
	}
	_ = server.NewHTTPServer(http.HandlerFunc(ordersApplication)).Serve(l)
	return 97
}

// copyThrough copies its input to its output, and its environment's GREETING to
// its errors.
func copyThrough([]string) int {
	fmt.Fprint(os.Stderr, os.Getenv("GREETING"))
	if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
		return 97
	}
	return 0
}

// deaf listens on args[0], writes to args[1] once it does, and hears no TERM.
func deaf(args []string) int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	if _, err := net.Listen("tcp", args[0]); err != nil {
		return 98
	}
	select {}
}

// parent starts another application on args[0], as shells and package managers
// do, and ends at the first TERM without a thought for it.
func parent(child string, args []string) int {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), "SERVER_TEST_APPLICATION="+child)
	if err := c.Start(); err != nil {
		return 96
	}
	_ = c.Wait()
	return 0
}

// signed listens on args[0] and prints the name of each signal it gets, TERM
// being the last.
func signed(args []string) int {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGINT, syscall.SIGTERM)
	if _, err := net.Listen("tcp", args[0]); err != nil {
		return 98
	}
	for sig := range signals {
		fmt.Println(sig)
		if sig == syscall.SIGTERM || sig == syscall.SIGINT {
			return 0
		}
	}
	return 1
}
