//go:build unix

package proof

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// message is one of PostgreSQL's protocol, version 3: its bytes as they stand
// on the wire. See "Message Formats" of the PostgreSQL documentation.
type message []byte

// Kinds of messages that are looked at.
const (
	kindQuery           = 'Q' // of the client: a statement in text
	kindCommandComplete = 'C' // of the server: a statement is done
)

// readStartup reads the first message of a client, which has no kind.
func readStartup(r *bufio.Reader) (message, error) {
	return readRest(r, nil)
}

// readMessage reads any other message.
func readMessage(r *bufio.Reader) (message, error) {
	kind, err := r.ReadByte()
	if err != nil {
		return nil, err
	}
	return readRest(r, message{kind})
}

// readRest reads a length, which counts itself, and what it is the length of.
func readRest(r *bufio.Reader, m message) (message, error) {
	const lengthBytes, most = 4, 1 << 30
	var length [lengthBytes]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n < lengthBytes || n > most {
		return nil, fmt.Errorf("a message of %d bytes", n)
	}
	m = append(m, length[:]...)
	start := len(m)
	m = append(m, make([]byte, n-lengthBytes)...)
	_, err := io.ReadFull(r, m[start:])
	return m, err
}

// says says whether a message is of a kind and begins with a word in any case.
func (m message) says(kind byte, word string) bool {
	const head = 5
	return len(m) >= head && m[0] == kind && len(m) >= head+len(word) && bytes.EqualFold(m[head:head+len(word)], []byte(word))
}

// asksToCommit says whether a client's message ends a transaction.
func (m message) asksToCommit() bool { return m.says(kindQuery, "commit") }

// saysCommitted says whether a server's message answers that.
func (m message) saysCommitted() bool { return m.says(kindCommandComplete, "commit") }
