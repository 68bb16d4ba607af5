package workspacetest

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Fault is what goes wrong with one request. The zero value is nothing.
type Fault struct {
	Delay      time.Duration // wait this long first; alone, a slow but good answer follows
	Hang       bool          // never answer: wait until the client gives up
	Refuse     bool          // as if nothing listened; on a real listener this is a reset
	Reset      bool          // cut the connection instead of answering
	Status     int           // answer with this status and the error body that goes with it
	RetryAfter time.Duration // the Retry-After header of a Status answer, in whole seconds
}

// Respond asks f about each request from now on, before anything else is
// looked at. f is called by many requests at once; nil stops it.
func (w *Workspace) Respond(f func(r *http.Request) Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.respond = f
}

// receive counts the request and returns what shall go wrong with it.
func (w *Workspace) receive(r *http.Request) Fault {
	w.mu.Lock()
	w.calls[r.URL.Path]++
	respond := w.respond
	w.mu.Unlock()
	if respond == nil {
		return Fault{}
	}
	return respond(r)
}

// wait lets the fault's time pass. The error is the context's: the client has
// given up.
func (f Fault) wait(ctx context.Context) error {
	var over <-chan time.Time
	switch {
	case f.Hang: // over stays nil
	case f.Delay > 0:
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		over = timer.C
	default:
		return ctx.Err()
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer writes the fault's error, or what the workspace answers without one.
func (w *Workspace) answer(rw http.ResponseWriter, r *http.Request, f Fault) {
	if f.Status == 0 {
		w.routes.ServeHTTP(rw, r)
		return
	}
	if f.RetryAfter > 0 {
		rw.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	fail(rw, r, f.Status)
}

// fail answers as the part of the workspace does that answers with this status:
// its gateway, which refuses callers and requests in a form of its own, the
// directory, which speaks SCIM, or a service.
func fail(rw http.ResponseWriter, r *http.Request, status int) {
	code, known := map[int]string{
		http.StatusBadRequest:          "INVALID_PARAMETER_VALUE",
		http.StatusForbidden:           "PERMISSION_DENIED",
		http.StatusNotFound:            "RESOURCE_DOES_NOT_EXIST",
		http.StatusTooManyRequests:     "REQUEST_LIMIT_EXCEEDED",
		http.StatusInternalServerError: "INTERNAL_ERROR",
		http.StatusServiceUnavailable:  "TEMPORARILY_UNAVAILABLE",
		http.StatusGatewayTimeout:      "DEADLINE_EXCEEDED",
	}[status]
	message := http.StatusText(status)
	switch {
	case status == http.StatusUnauthorized:
		refuseCaller(rw, status, "Credential was not sent or was of an unsupported type for this API.")
	case r.URL.Path == MePath && known && status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable:
		reply(rw, status, map[string]any{
			"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"},
			"detail":  message,
			"status":  strconv.Itoa(status),
		})
	case known:
		reply(rw, status, map[string]any{"error_code": code, "message": message})
	default: // a load balancer's page
		rw.Header().Set("Content-Type", "text/html")
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte("<html><body><h1>" + message + "</h1></body></html>"))
	}
}

// refuseCaller answers as the gateway does, whose error codes are numbers.
func refuseCaller(rw http.ResponseWriter, status int, message string) {
	if status == http.StatusUnauthorized {
		rw.Header().Set("Www-Authenticate", `Bearer realm="DatabricksRealm"`)
	}
	rw.Header().Set("X-Databricks-Reason-Phrase", message)
	reply(rw, status, map[string]any{"error_code": status, "message": message})
}
