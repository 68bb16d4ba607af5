package collect

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// requestContext carries the correlation id of a request.
type requestContext struct {
	context.Context
	id string
}

type correlationKey struct{}

// Value adds the correlation id to what the parent knows.
func (c requestContext) Value(key any) any {
	if key == (correlationKey{}) {
		return c.id
	}
	return c.Context.Value(key)
}

// CorrelationID returns the id of the request that ctx belongs to, empty
// outside of a collected request.
func CorrelationID(ctx context.Context) string {
	id, _ := ctx.Value(correlationKey{}).(string)
	return id
}

// isCorrelationID says whether an id that a client sent is taken over:
// printable ASCII without spaces, so that it is safe in logs and headers.
func isCorrelationID(id string) bool {
	if id == "" || len(id) > metric.MaxCorrelationID {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}

// newCorrelationID returns a random UUID. It only has to be unique, not
// secret, so the runtime's generator does, at a tenth of the cost.
func newCorrelationID() string {
	var id uuid.UUID
	binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return id.String()
}
