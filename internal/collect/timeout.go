package collect

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// armTimeout begins the clock. The timer's function runs beside the handler.
func (r *recorder) armTimeout() {
	r.mu.Lock() // the timer may fire before it is assigned
	defer r.mu.Unlock()
	r.armed = time.Now()
	r.timer = time.AfterFunc(r.collector.opts.Timeout, r.timeOut)
}

// timeOut answers 504 in the handler's place, unless the response has begun or
// the request body was being read a moment ago: then the clock runs on from
// there.
func (r *recorder) timeOut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.phase.Load() != fresh || r.client.Err() != nil {
		return
	}
	limit := r.collector.opts.Timeout
	if idle := time.Since(r.armed) - time.Duration(r.lastRead.Load()); idle < limit {
		r.timer.Reset(limit - idle)
		return
	}
	r.phase.Store(timedOut)
	r.cancel(errTimedOut)
	r.release()
	r.refuse(http.StatusGatewayTimeout, "Gateway Timeout",
		fmt.Sprintf("The application did not answer within %v", limit))
	_ = http.NewResponseController(r.w).Flush() // the handler still holds the connection
	took := r.elapsed()
	r.collector.opts.Logger.Warn("request timed out", "correlation_id", r.id, "duration", took)
	r.record(outcome{status: http.StatusGatewayTimeout, errorType: metric.ErrorTimeout, took: took})
}

// release frees the request body from a handler that is stuck reading it:
// the server would wait for that read before it sends a response.
func (r *recorder) release() {
	if r.body == nil || r.body.isDone.Load() {
		return
	}
	control := http.NewResponseController(r.w)
	_ = control.EnableFullDuplex() // HTTP/2 needs none
	_ = control.SetReadDeadline(time.Unix(1, 0))
}

// refuse sends a small response of its own in place of the handler's.
func (r *recorder) refuse(status int, title, message string) {
	contentType, body := "text/plain; charset=utf-8", title+"\n"
	if r.isJSON {
		contentType = "application/json"
		body = fmt.Sprintf(`{"error":%q,"message":%q,"status_code":%d,"correlation_id":%q,"details":{}}`+"\n",
			title, message, status, r.id)
	}
	h := r.w.Header()
	clear(h)
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h[requestIDHeader] = []string{r.id}
	if status == http.StatusGatewayTimeout && r.request.ProtoMajor == 1 {
		h.Set("Connection", "close") // the handler goes on; nobody may wait for it
	}
	r.w.WriteHeader(status)
	if r.request.Method != http.MethodHead {
		_, _ = io.WriteString(r.w, body)
	}
}

// watchBody makes reads of the request body move the timeout.
func (r *recorder) watchBody(req *http.Request) {
	if req.Body == nil || req.Body == http.NoBody {
		return
	}
	r.body = &watchedBody{ReadCloser: req.Body, recorder: r}
	req.Body = r.body
}

// watchedBody notes when the last byte of a request body was read.
type watchedBody struct {
	io.ReadCloser
	recorder *recorder
	isDone   atomic.Bool
}

// Read notes the time.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.recorder.lastRead.Store(int64(time.Since(b.recorder.armed)))
	}
	if err != nil {
		b.isDone.Store(true)
	}
	return n, err
}
