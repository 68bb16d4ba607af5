package workspacetest

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/appmetrics/appmetrics/internal/databricks"
)

// mux shows all that the workspace answers.
func (w *Workspace) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+MetadataPath, w.metadata)
	mux.HandleFunc("GET "+DiscoveryPath, w.discovery)
	mux.HandleFunc("POST "+TokenPath, w.token)

	mux.HandleFunc("GET "+MePath, w.known(w.me))
	mux.HandleFunc("GET "+EndpointPath+"{project}/branches/{branch}/endpoints/{endpoint}", w.known(w.endpoint))
	mux.HandleFunc("POST "+EndpointCredentialPath, w.known(w.endpointCredential))
	mux.HandleFunc("GET "+InstancePath+"{name}", w.known(w.instance))
	mux.HandleFunc("POST "+InstanceCredentialPath, w.known(w.instanceCredential))
	mux.HandleFunc("GET "+JobsPath, w.known(w.jobsList))
	mux.HandleFunc("GET "+DestinationsPath, w.known(w.destinationsList))

	mux.HandleFunc("/", func(rw http.ResponseWriter, r *http.Request) {
		reply(rw, http.StatusNotFound, map[string]any{
			"error_code": "ENDPOINT_NOT_FOUND",
			"message":    "No API found for '" + r.Method + " " + r.URL.Path + "'",
		})
	})
	return mux
}

// known lets requests pass that carry the access token of a user.
func (w *Workspace) known(next func(http.ResponseWriter, *http.Request, databricks.User)) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || token == "" {
			fail(rw, r, http.StatusUnauthorized)
			return
		}
		w.mu.Lock()
		user, ok := w.users[token]
		w.mu.Unlock()
		if !ok { // as the real gateway answers expired and unknown tokens: not 401
			refuseCaller(rw, http.StatusForbidden, "Invalid access token.")
			return
		}
		next(rw, r, user)
	}
}

// ServeHTTP answers one request as the workspace, or as its Fault says.
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	fault := w.receive(r)
	if fault.wait(r.Context()) != nil || fault.Refuse || fault.Reset {
		reset(rw)
		return
	}
	w.answer(rw, r, fault)
}

// reset ends the connection so that the client sees ECONNRESET.
func reset(rw http.ResponseWriter) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 resets the stream
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // close with RST instead of FIN
	}
	_ = conn.Close()
}

// Serve listens on loopback until the test ends and returns the workspace's
// URL.
func (w *Workspace) Serve(t testing.TB) (url string) {
	t.Helper()
	server := httptest.NewServer(w)
	t.Cleanup(func() {
		server.CloseClientConnections() // frees requests that hang
		server.Close()
	})
	return server.URL
}

// Transport returns a RoundTripper that reaches the workspace without a
// network, whatever the host. It waits on channels and timers only, so time in
// a synctest bubble passes as it should.
func (w *Workspace) Transport() http.RoundTripper { return transport{w} }

type transport struct{ w *Workspace }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	fault := t.w.receive(r)
	if err := fault.wait(r.Context()); err != nil {
		return nil, err
	}
	switch {
	case fault.Refuse:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case fault.Reset:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	received := r.Clone(r.Context())
	if received.Host == "" {
		received.Host = r.URL.Host
	}
	if received.Body == nil {
		received.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	t.w.answer(recorder, received, fault)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

func reply(rw http.ResponseWriter, status int, body any) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.Header().Set("Server", "databricks")
	rw.WriteHeader(status)
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err) // bodies are made of strings and numbers
	}
	_, _ = rw.Write(encoded)
}
