package query

import (
	"time"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// UsageParams says which usage events a Usage answer is about. Empty filters
// let everything through.
type UsageParams struct {
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// EventType is one event type, compared exactly.
	EventType string
	// PageName is one page, compared exactly.
	PageName string
	// IncludeAnonymous counts all anonymous samples together as one user more.
	IncludeAnonymous bool
	// Compare asks for the period of the same length before the range, too.
	Compare bool
}

// Usage says how many people used the app, and what of it.
type Usage struct {
	Period
	// Metrics summarises all usage events of the range.
	Metrics UsageMetrics `json:"metrics"`
	// EventDistribution counts events by event type.
	EventDistribution map[string]int64 `json:"event_distribution"`
	// PageViews counts page_view events by page name. Views that named no page
	// are under the empty name.
	PageViews map[string]int64 `json:"page_views"`
	// Elements is complete and sorted by count, most used first.
	Elements []ElementUsage `json:"elements"`
	// Previous is there only when a comparison was asked for.
	Previous *PreviousUsage `json:"previous,omitempty"`
}

// PreviousUsage is the period of the same length that ends where the range of
// the answer starts.
type PreviousUsage struct {
	// StartTime is the first instant of the previous period, UTC.
	StartTime time.Time `json:"start_time"`
	// EndTime is the first instant after the previous period, UTC.
	EndTime time.Time `json:"end_time"`
	// Complete says whether the whole previous period lies inside the
	// retention. If not, its counts are lower than they were.
	Complete bool `json:"complete"`
	// Metrics summarises all usage events of the previous period.
	Metrics UsageMetrics `json:"metrics"`
}

// UsageMetrics summarises the usage events of a period. User counts are exact
// up to 4096, with about 1.6 % standard error above.
type UsageMetrics struct {
	// TotalEvents counts all events, anonymous ones too.
	TotalEvents int64 `json:"total_events"`
	// SuccessCount counts events that succeeded or did not say.
	SuccessCount int64 `json:"success_count"`
	// FailureCount counts events that said they failed.
	FailureCount int64 `json:"failure_count"`
	// AnonymousEvents counts events without a user.
	AnonymousEvents int64 `json:"anonymous_events"`
	// UniqueUsers counts distinct users of the events.
	UniqueUsers int64 `json:"unique_users"`
	// ActiveUsers counts distinct users over events and requests together;
	// over the events alone when an event type or page was asked for.
	ActiveUsers int64 `json:"active_users"`
	// ActiveUsersCurrentHour is ActiveUsers for the clock hour that is running,
	// whatever the range.
	ActiveUsersCurrentHour int64 `json:"active_users_current_hour"`
}

// ElementUsage counts the events of one element of one page.
type ElementUsage struct {
	// PageName is the page, empty when the events named none.
	PageName string `json:"page_name"`
	// ElementID identifies the element on its page, never empty.
	ElementID string `json:"element_id"`
	// Count is the number of events.
	Count int64 `json:"count"`
	// UniqueUsers counts distinct users of these events.
	UniqueUsers int64 `json:"unique_users"`
}

// CountParams says whose events to count.
type CountParams struct {
	Range metric.Range
	// App is one app's name; empty means every app but appmetrics itself.
	App string
	// UserID is whose events are counted. A remote source ignores it: there it
	// is who the token belongs to.
	UserID string
}

// Count says how many events of one user are stored.
type Count struct {
	// Count is the number of events, exact.
	Count int64 `json:"count"`
	// Complete says that all that this process took more than half a minute ago
	// is in it: nothing that old waits for the database.
	Complete bool `json:"complete"`
	Period
}
