package collect

import (
	"hash/maphash"
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// Elements bounds the elements of pages that usage events name. It is safe for
// concurrent use.
type Elements struct{ hours *hours }

// NewElements returns an Elements that has seen none.
func NewElements(o HoursOptions) *Elements {
	return &Elements{newHours(o, maxPerHour, "further ones are stored as "+metric.OtherEndpoint+": give the like ones one id")}
}

// Element returns what is stored of the id of an element on a page, as Page named
// it, of an event of the given time: the id, or {other} once the hour has 1,000
// pairs of page and element. No id stays none and takes no room.
func (e *Elements) Element(page, id string, at time.Time) string {
	if id == "" || id == metric.OtherEndpoint {
		return id
	}
	if !e.hours.admit(maphash.Comparable(e.hours.seed, [2]string{page, id}), at) {
		return metric.OtherEndpoint
	}
	return id
}
