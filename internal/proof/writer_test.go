//go:build unix

package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load is what writers send, and what became of it.
type load struct {
	t       testing.TB
	program *program
	books   *books
	writers int
	batch   int           // samples of a post; 0 for 1 to 20 of them
	pause   time.Duration // of a writer, after each post
	every   time.Duration // of a writer, from post to post; before pause
	only    string        // "events": no requests

	refused, cut atomic.Int64 // posts: answered 503, and without an answer
	slowest      atomic.Int64 // nanoseconds until a 503
	group        sync.WaitGroup
	end          context.CancelFunc
}

// pause leaves the processors some room between the posts of a writer: what most
// proofs are about is not how fast it is.
const pause = 100 * time.Millisecond

// eventsOnly as load.only leaves requests out.
const eventsOnly = "events"

// begin starts the writers; finish ends them.
func (l *load) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	l.end = cancel
	l.t.Cleanup(l.finish) // of a test that failed before
	if l.writers == 0 {
		l.writers = 64
	}
	for i := range l.writers {
		l.group.Go(func() { l.write(ctx, i) })
	}
}

// finish stops the writers: none has a post under way when it returns. The
// program may be dead meanwhile.
func (l *load) finish() {
	l.end()
	l.group.Wait()
}

// until lets the writers go on until so many more samples are acknowledged.
func (l *load) until(more int64) {
	l.t.Helper()
	target := l.books.acknowledged() + more
	await(l.t, fmt.Sprintf("%d samples more acknowledged", more), func() bool { return l.books.acknowledged() >= target })
}

// write is one writer: the odd ones send every post once; the even ones, whose
// samples have ids, send it again until it is acknowledged.
func (l *load) write(ctx context.Context, writer int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}, Timeout: patience}
	defer client.CloseIdleConnections()
	began := time.Now()
	for round := writer; l.program.awaitUp(ctx); round++ {
		n := l.batch
		if n == 0 {
			n = 1 + round*7%20
		}
		book := &l.books.events
		if round%4 == 3 && l.only == "" {
			book = &l.books.requests
		}
		samples := book.next(writer, n)
		for l.program.awaitUp(ctx) {
			if l.post(client, writer, samples) {
				book.ack(samples)
				break
			}
			if !withID(writer) {
				break
			}
		}
		wait := l.pause
		if l.every > 0 {
			wait = time.Until(began.Add(time.Duration(round-writer+1) * l.every))
		}
		if wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
		}
	}
}

// post sends samples and says whether they were acknowledged.
func (l *load) post(client *http.Client, writer int, samples []sample) bool {
	began := time.Now()
	status, retryAfter, err := send(client, l.program.url(), writer, samples)
	switch {
	case err != nil:
		l.cut.Add(1)
	case status == http.StatusAccepted:
		return true
	case status == http.StatusServiceUnavailable:
		l.refused.Add(1)
		for took := int64(time.Since(began)); ; {
			slowest := l.slowest.Load()
			if took <= slowest || l.slowest.CompareAndSwap(slowest, took) {
				break
			}
		}
		if retryAfter == "" {
			l.t.Error("503 without Retry-After")
		}
		<-time.After(again) // sooner than a client would
	default:
		l.t.Errorf("a post was answered with status %d", status)
	}
	return false
}

// send posts samples of one kind.
func send(client *http.Client, url string, writer int, samples []sample) (status int, retryAfter string, err error) {
	path, list, from := "usage-events", "events", sender(writer)
	encode := sample.event
	if samples[0].isOld {
		path, list, from, encode = "requests", "requests", administrator, sample.request
	}
	encoded := make([]map[string]any, len(samples))
	for i, s := range samples {
		encoded[i] = encode(s)
	}
	body, err := json.Marshal(map[string]any{list: encoded})
	if err != nil {
		return 0, "", err
	}
	request, err := http.NewRequest(http.MethodPost, url+"/api/v1/metrics/"+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Forwarded-Email", from)
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	// An answer counts once all of it is there.
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, "", err
	}
	return response.StatusCode, response.Header.Get("Retry-After"), nil
}
