package databricks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/httpclient"
)

// maxReason bounds how much of somebody else's words an error repeats, in
// runes.
const maxReason = 300

// failure is why an operation failed: its kind and one line of text.
type failure struct {
	kind error
	text string
}

func (f failure) Error() string { return f.kind.Error() + ": " + f.text }
func (f failure) Unwrap() error { return f.kind }

// unusable returns the failure of an answer that came and is of no use.
func unusable(text string) failure { return failure{ErrUnavailable, text} }

// call runs one operation within timeout. The error of do, a failure, counts
// for less than the end of the caller's context, and than our own timeout.
func call(ctx context.Context, operation string, timeout time.Duration, do func(context.Context) error) error {
	errTimeout := unusable("nothing within " + timeout.String())
	within, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel() // also ends what the SDK leaves running: its inactivity timer, an unread body
	err := do(within)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case within.Err() != nil:
		err = errTimeout
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// failed makes a failure of an error of the SDK. It repeats what the workspace
// said, scrubbed, but not the SDK's own texts, which span lines and hold whole
// requests and bodies.
func failed(err error, secrets ...string) error {
	var (
		ours     failure
		tooLarge *http.MaxBytesError
		answer   *apierr.APIError
		network  *url.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.Is(err, httpclient.ErrHTMLContent):
		return unusable("the answer is a web page")
	case errors.As(err, &answer):
		text := "status " + strconv.Itoa(answer.StatusCode)
		if code := answer.ErrorCode; code != "" && code != "<nil>" && !numeric(code) {
			text += " " + code
		}
		if answer.Message != "" {
			text += ": " + answer.Message
		}
		return failure{kind(answer), scrub(text, secrets)}
	case errors.As(err, &network):
		return unusable(scrub(network.Err.Error(), secrets))
	}
	return unusable("the answer cannot be read")
}

// kind returns the kind of an error that the workspace answered with. The
// status decides: an answer that is not JSON has the code UNKNOWN, which the
// SDK takes for a broken server.
func kind(answer *apierr.APIError) error {
	switch {
	case answer.StatusCode == http.StatusUnauthorized:
		return ErrUnauthenticated
	case answer.StatusCode == http.StatusForbidden && numeric(answer.ErrorCode):
		// The gateway in front of the workspace answers expired and unknown
		// tokens with 403, and its codes are numbers. A service that knows the
		// caller and refuses answers with a name, such as PERMISSION_DENIED.
		return ErrUnauthenticated
	case answer.StatusCode == http.StatusForbidden:
		return ErrForbidden
	case answer.StatusCode == http.StatusNotFound, errors.Is(answer, apierr.ErrNotFound):
		return ErrNotFound
	}
	return ErrUnavailable
}

func numeric(code string) bool {
	_, err := strconv.Atoi(code)
	return err == nil
}

// address matches e-mail addresses, and all that could be part of one.
var address = regexp.MustCompile(`\S*@\S*`)

// scrub makes text that others wrote fit for a log: one line, of bounded
// length, without the secrets and without anybody's address.
func scrub(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	text = address.ReplaceAllLiteralString(text, "***")
	clean := make([]rune, 0, min(len(text), maxReason+1))
	for _, r := range text {
		if len(clean) == maxReason {
			return string(append(clean, '…'))
		}
		if unicode.IsPrint(r) {
			clean = append(clean, r)
		} else {
			clean = append(clean, ' ')
		}
	}
	return string(clean)
}
