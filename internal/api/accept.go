package api

import (
	"context"
	"net/http"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// acceptWithin is how long a sender waits for a database or a disk that does
// not say what became of a post. Then nobody knows whether it is stored.
const acceptWithin = 10 * time.Second

// accept keeps what was posted, or says why not.
func (h *handler) accept(r *http.Request, b metric.Batch) error {
	ctx, cancel := context.WithTimeout(r.Context(), acceptWithin)
	defer cancel()
	return h.Intake.Accept(ctx, b)
}
