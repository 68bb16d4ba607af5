package store

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

var errAddress = errors.New("want postgres://user:password@host:5432/database;" +
	" in a password, what means something in a URL is written %2F for /, %3F for ?, %23 for #, %40 for @ and %25 for %")

// unreadable is the error for an address that pgx cannot read. pgx says why, and
// masks the password as far as it can tell which part that is: where a password
// may have fallen apart into path, query and fragment, why is not said.
func unreadable(address string, err error) error {
	u, parseErr := url.Parse(address)
	if parseErr != nil || u.Fragment != "" || u.User == nil && strings.Contains(address, "@") {
		err = errAddress
	}
	return fmt.Errorf("read database URL: %w", err)
}
