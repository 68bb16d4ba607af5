//go:build unix

package proof

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// sample is one usage event or request. Everything about it follows from its
// key, which is its timestamp in microseconds, and from who sends it: no two
// samples of a kind share a timestamp, so that each is found again whether or not
// it was sent with an id.
type sample struct {
	key    int64
	writer int
	isOld  bool // a request, which may be as old as the retention
}

// withID says whether the writer gives its samples ids, and so may send them
// again.
func withID(writer int) bool { return writer%2 == 0 }

func sender(writer int) string {
	return fmt.Sprintf("writer-%c%c@example.com", 'a'+writer/26, 'a'+writer%26)
}

// id is empty for a sample that is sent without one.
func (s sample) id() string {
	if !withID(s.writer) {
		return ""
	}
	id := uuid.UUID{6: 0x40, 8: 0x80}
	binary.BigEndian.PutUint64(id[8:], uint64(s.key)|1<<63)
	if id[0] = byte(s.writer); s.isOld {
		id[1] = 1 // ids of both kinds are remembered together
	}
	return id.String()
}

func (s sample) timestamp() time.Time { return time.UnixMicro(s.key).UTC() }

// pick returns one of some values.
func pick[T any](s sample, values ...T) T { return values[s.key/step%int64(len(values))] }

func (s sample) eventType() string {
	return pick(s, "page_view", "button_click", "form_submit", "query_executed", "page_view")
}
func (s sample) page() string     { return pick(s, "/orders", "/people", "/prices") }
func (s sample) success() bool    { return pick(s, true, true, true, false) }
func (s sample) endpoint() string { return "/proof/" + pick(s, "orders", "people", "prices", "search") }
func (s sample) method() string   { return pick(s, "GET", "POST", "GET") }
func (s sample) status() int      { return pick(s, 200, 200, 201, 404, 500) }
func (s sample) took() float64    { return pick(s, 1.5, 20.25, 7, 300.125, 64, 2) }

// event is the JSON of a usage event.
func (s sample) event() map[string]any {
	e := map[string]any{
		"event_type": s.eventType(), "timestamp": s.timestamp().Format(time.RFC3339Nano),
		"page_name": s.page(), "element_id": "save", "success": s.success(),
	}
	if id := s.id(); id != "" {
		e["id"] = id
	}
	return e
}

// request is the JSON of a request.
func (s sample) request() map[string]any {
	r := map[string]any{
		"timestamp": s.timestamp().Format(time.RFC3339Nano), "endpoint": s.endpoint(), "method": s.method(),
		"status_code": s.status(), "response_time_ms": s.took(), "user_id": sender(s.writer),
	}
	if id := s.id(); id != "" {
		r["id"] = id
	}
	return r
}

// row is what the database must say of the sample.
func (s sample) row() string {
	if s.isOld {
		return fmt.Sprint(sender(s.writer), " ", s.endpoint(), " ", s.method(), " ", s.status(), " ", s.took())
	}
	return fmt.Sprint(sender(s.writer), " ", s.eventType(), " ", s.page(), " ", s.success())
}
