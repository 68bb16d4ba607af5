// Package metric owns the nouns of appmetrics (request, event, batch, range,
// rollup), their limits and what makes them valid. It does no I/O and knows
// neither databases nor HTTP.
package metric

import "github.com/appmetrics/appmetrics/internal/sketch"

// Limits of the recorded fields. Lengths are in characters (runes).
const (
	MaxEndpoint      = 500
	MaxMethod        = 32
	MaxUserID        = 255
	MaxPageName      = 255
	MaxElementID     = 100
	MaxEventType     = 100
	MaxErrorType     = 100
	MaxCorrelationID = 128
	MaxApp           = 100

	// MaxResponseTimeMS is the longest response time in milliseconds that a
	// request may carry, about eleven and a half days.
	MaxResponseTimeMS = sketch.MaxValue

	// MaxMetadataBytes and MaxMetadataDepth bound an event's metadata.
	MaxMetadataBytes = 8 << 10
	MaxMetadataDepth = 32

	// MaxBatch is the largest number of samples that one post may carry.
	MaxBatch = 1000
)

const (
	// DefaultApp names the app of rows that do not say which they belong to.
	DefaultApp = "default"

	// SelfApp is the app under which a proxying server records requests to its
	// own API. Questions leave it out unless they ask for it by name.
	SelfApp = "appmetrics"

	// OtherEndpoint gathers the requests of an hour whose endpoint came after
	// the hour's limit of distinct endpoints was reached.
	OtherEndpoint = "{other}"
)

// Batch is what one write carries: all of it is stored, or nothing.
type Batch struct {
	Requests []Request
	Events   []Event

	// CheckIDs says that the samples' ids were chosen by a client that may
	// send them again: a sample whose id was stored before is then left out.
	// Ids that this process made need no such check.
	CheckIDs bool
}

// Len returns how many samples the batch holds.
func (b Batch) Len() int { return len(b.Requests) + len(b.Events) }
