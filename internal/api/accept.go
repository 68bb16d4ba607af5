package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// acceptWithin is how long a sender waits for a database or a disk that does
// not say what became of a post. Then nobody knows whether it is stored.
const acceptWithin = 10 * time.Second

var errNoWord = errors.New("neither the database nor the disk says what became of it")

// accept keeps what was posted, or says why not.
func (h *handler) accept(r *http.Request, b metric.Batch) error {
	ctx, cancel := context.WithTimeoutCause(r.Context(), acceptWithin, errNoWord)
	defer cancel()
	return h.Intake.Accept(ctx, b)
}
