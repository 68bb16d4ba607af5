package databricks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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

// errNoAnswer is the cause of a context that ended by our own timeout.
var errNoAnswer = errors.New("no answer in time")

// call runs one operation of the SDK within timeout and gives its error a kind.
// secrets are what must not appear in the error's text; quote says whether the
// text may repeat the workspace's own words.
func call(ctx context.Context, operation string, timeout time.Duration, quote bool, secrets []string,
	do func(context.Context) error,
) error {
	within, cancel := context.WithTimeoutCause(ctx, timeout, errNoAnswer)
	defer cancel() // also ends what the SDK leaves running: its inactivity timer, an unread body
	err := do(within)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", operation, ctx.Err())
	case errors.Is(context.Cause(within), errNoAnswer):
		return fmt.Errorf("%s: %w: nothing within %s", operation, ErrUnavailable, timeout)
	}
	return fmt.Errorf("%s: %w: %s", operation, kind(err), reason(err, quote, secrets))
}

// kind returns which of the four failures the SDK's error is.
func kind(err error) error {
	var answer *apierr.APIError
	switch {
	case errors.Is(err, ErrUnauthenticated), errors.Is(err, apierr.ErrUnauthenticated):
		return ErrUnauthenticated
	case errors.As(err, &answer) && answer.StatusCode == http.StatusForbidden && numeric(answer.ErrorCode):
		// The gateway in front of the workspace answers expired and unknown
		// tokens with 403, and its codes are numbers. A service that knows the
		// caller and refuses answers with a name, such as PERMISSION_DENIED.
		return ErrUnauthenticated
	case errors.Is(err, apierr.ErrPermissionDenied):
		return ErrForbidden
	case errors.Is(err, ErrNotFound), errors.Is(err, apierr.ErrNotFound):
		return ErrNotFound
	}
	return ErrUnavailable
}

func numeric(code string) bool {
	_, err := strconv.Atoi(code)
	return err == nil
}

// unusable is a failure that this package found, in its own words.
type unusable string

func (u unusable) Error() string { return string(u) }

// reason says in one line what went wrong. The SDK's own texts are not used:
// they span lines and repeat requests and bodies.
func reason(err error, quote bool, secrets []string) string {
	var (
		ours     unusable
		tooLarge *http.MaxBytesError
		answer   *apierr.APIError
		network  *url.Error
	)
	switch {
	case errors.As(err, &ours):
		return ours.Error()
	case errors.As(err, &tooLarge):
		return errTooLarge.Error()
	case errors.Is(err, httpclient.ErrHTMLContent):
		return "the answer is a web page"
	case errors.As(err, &answer):
		text := "status " + strconv.Itoa(answer.StatusCode)
		if code := answer.ErrorCode; code != "" && code != "<nil>" && !numeric(code) {
			text += " " + code
		}
		if quote && answer.Message != "" {
			text += ": " + answer.Message
		}
		return scrub(text, secrets)
	case errors.As(err, &network):
		return scrub(network.Err.Error(), secrets)
	}
	return "the answer cannot be read"
}

// scrub makes text that others wrote fit for a log: one line, of bounded
// length, without the secrets.
func scrub(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
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
