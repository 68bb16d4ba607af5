package admin

import "errors"

// hintedError is a refusal with a word for the caller about its reason.
type hintedError struct {
	err  error
	hint string
}

// WithHint returns err with a hint: one line that tells the caller, or whoever
// set up the server, what to change. It is shown to the caller as it is, so it
// says nothing that is secret. An empty hint changes nothing.
func WithHint(err error, hint string) error {
	if hint == "" {
		return err
	}
	return &hintedError{err: err, hint: hint}
}

// Hint returns the hint that an error carries, or "".
func Hint(err error) string {
	var hinted *hintedError
	if errors.As(err, &hinted) {
		return hinted.hint
	}
	return ""
}

func (e *hintedError) Error() string { return e.err.Error() + ": " + e.hint }
func (e *hintedError) Unwrap() error { return e.err }
