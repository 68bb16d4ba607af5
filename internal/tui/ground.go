package tui

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// askGround asks a terminal for the colour of its ground (OSC 11, xterm's
// control sequences). Terminals that do not know the question never answer, and
// others when they come to it: nobody waits.
const askGround = "\x1b]11;?\x1b\\"

// groundMsg says what ground the terminal turned out to have.
type groundMsg struct{ dark bool }

// keyboard is standard input, or what stands in for it, without the answer to
// askGround, which would read as keys.
type keyboard struct {
	*os.File
	found  func(dark bool)
	kept   []byte // the beginning of an answer
	sought atomic.Bool
}

// answerStart is what an answer to askGround begins with.
var answerStart = []byte("\x1b]11;")

const (
	tellingBytes  = 2  // of answerStart: the first alone is the key Esc
	longestAnswer = 64 // of what follows answerStart
)

// Read reads what was typed. It is for one goroutine.
func (k *keyboard) Read(p []byte) (int, error) {
	n, err := k.File.Read(p)
	if n == 0 || !k.sought.Load() {
		return n, err
	}
	rest := k.sift(p[:n])
	// Nothing is left of an answer alone. To read on here would be to wait where
	// the program cannot end the wait; it comes again for more.
	return copy(p, rest), err
}

// sift takes the answer out of what was read.
func (k *keyboard) sift(read []byte) []byte {
	all := slices.Concat(k.kept, read)
	k.kept = nil
	at := bytes.Index(all, answerStart)
	if at < 0 {
		if at = beginning(all); at >= 0 {
			k.kept = bytes.Clone(all[at:])
			return all[:at]
		}
		return all
	}
	body := all[at+len(answerStart):]
	end, length := bytes.IndexByte(body, '\a'), 1
	if st := bytes.Index(body, []byte("\x1b\\")); st >= 0 && (end < 0 || st < end) {
		end, length = st, 2
	}
	switch {
	case end >= 0:
		if dark, ok := readGround(string(body[:end])); ok {
			k.found(dark)
		}
		k.sought.Store(false)
		return append(bytes.Clone(all[:at]), body[end+length:]...)
	case len(body) < longestAnswer:
		k.kept = bytes.Clone(all[at:])
		return all[:at]
	}
	k.sought.Store(false) // no answer looks like this
	return all
}

// beginning returns where an answer begins that goes on in the next read, -1
// for none.
func beginning(read []byte) int {
	for n := min(len(answerStart)-1, len(read)); n >= tellingBytes; n-- {
		if bytes.HasSuffix(read, answerStart[:n]) {
			return len(read) - n
		}
	}
	return -1
}

// readGround reads a colour such as rgb:1e1e/1e1e/2e2e, of one to four digits
// each, by its luma (ITU-R BT.601).
func readGround(colour string) (dark, ok bool) {
	name, digits, found := bytes.Cut([]byte(colour), []byte(":"))
	parts := bytes.Split(digits, []byte("/"))
	if !found || string(name) != "rgb" && string(name) != "rgba" || len(parts) < 3 {
		return false, false
	}
	luma := 0.0
	for i, weight := range []float64{0.299, 0.587, 0.114} {
		value, err := strconv.ParseUint(string(parts[i]), 16, 16)
		if err != nil {
			return false, false
		}
		most := float64(uint(1)<<(4*len(parts[i])) - 1)
		luma += weight * float64(value) / most
	}
	return luma < 0.5, true
}

// keyboardOf returns what the program reads from, which is a file when in is.
// found is called at most once, by whoever reads.
func keyboardOf(in io.Reader, found func(dark bool)) io.Reader {
	if in == nil {
		in = os.Stdin
	}
	file, ok := in.(*os.File)
	if !ok {
		return in
	}
	k := &keyboard{File: file, found: found}
	k.sought.Store(true)
	return k
}

// ground changes the colours to those for the ground that the terminal has.
func (m *model) ground(msg groundMsg) {
	m.options.Look.Dark = msg.dark
	m.look = look.New(m.options.Look)
}
