//go:build failpoints

package cli

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Environment of a program that a test wants to die. (Names that begin as those of
// settings do must be settings.)
const (
	// dieAt is NAME or NAME:N: the process kills itself, as by kill -9, when it
	// reaches the point of that name, for the Nth time.
	dieAt = "FAILPOINT"

	// tellPoints is a file to which every point is added, on a line of its own,
	// when it is reached for the first time.
	tellPoints = "FAILPOINTS_FILE"
)

// failpoint returns the function that store and spool call with the name of
// every point that they reach.
func failpoint() func(point string) error {
	name, times, found := strings.Cut(os.Getenv(dieAt), ":")
	left := 1
	if found {
		var err error
		if left, err = strconv.Atoi(times); err != nil {
			panic(fmt.Sprintf("%s: %v", dieAt, err))
		}
	}
	file := os.Getenv(tellPoints)
	var mu sync.Mutex
	told := map[string]bool{}
	return func(point string) error {
		mu.Lock()
		defer mu.Unlock()
		if file != "" && !told[point] {
			told[point] = true
			if err := tell(file, point); err != nil {
				return err
			}
		}
		if point != name {
			return nil
		}
		if left--; left > 0 {
			return nil
		}
		return die()
	}
}

func tell(file, point string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(f, point); err != nil {
		return err
	}
	return f.Close()
}

// die ends the process without a word to anybody, and does not return.
func die() error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Kill(); err != nil {
		return err
	}
	select {}
}
