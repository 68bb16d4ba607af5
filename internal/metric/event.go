package metric

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// EventTypes lists the usage event types that exist without configuration.
func EventTypes() []string {
	return []string{
		"page_view", "button_click", "form_submit", "query_executed", "model_invoked",
		"preference_changed", "data_source_selected", "schema_detected", "file_uploaded",
		"export_triggered",
	}
}

// Event is one user interaction, a row of usage_events.
type Event struct {
	ID            uuid.UUID
	Timestamp     time.Time // UTC
	App           string
	EventType     string
	UserID        string // empty when anonymous
	PageName      string
	ElementID     string
	Success       bool
	Metadata      json.RawMessage // a JSON object, or nil
	CorrelationID string
}

// Validate returns a *FieldError for the first field that breaks a limit.
// types lists the event types that are allowed.
func (e *Event) Validate(types []string) error {
	if e.Timestamp.IsZero() {
		return fieldError("timestamp", "", "required, RFC 3339")
	}
	if !slices.Contains(types, e.EventType) {
		return fieldError("event_type", e.EventType, "one of "+strings.Join(types, ", "))
	}
	if err := text("user_id", e.UserID, 0, MaxUserID); err != nil {
		return err
	}
	if err := text("page_name", e.PageName, 0, MaxPageName); err != nil {
		return err
	}
	if err := text("element_id", e.ElementID, 0, MaxElementID); err != nil {
		return err
	}
	if err := text("correlation_id", e.CorrelationID, 0, MaxCorrelationID); err != nil {
		return err
	}
	if err := text("app", e.App, 0, MaxApp); err != nil {
		return err
	}
	return metadata(e.Metadata)
}
