package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/appmetrics/appmetrics/internal/admin"
	"github.com/appmetrics/appmetrics/internal/aggregate"
	"github.com/appmetrics/appmetrics/internal/api"
	"github.com/appmetrics/appmetrics/internal/databricks"
	"github.com/appmetrics/appmetrics/internal/query"
	"github.com/appmetrics/appmetrics/internal/store"
)

// The exit codes of every command. serve -- COMMAND ends with the command's
// own code.
const (
	exitDone        = 0
	exitUnreachable = 1 // the database or server could not be reached
	exitFailed      = 2 // wrong usage, or the operation failed
	exitGrowthGuard = 3 // aggregate: the database grows too fast
	exitNotAdmin    = 4 // not authenticated, or not an administrator
)

// advisedError adds what to do to what went wrong.
type advisedError struct {
	err    error
	advice string
}

func (e *advisedError) Error() string { return e.err.Error() }
func (e *advisedError) Unwrap() error { return e.err }

// exit writes err, if there is one, and returns the exit code. It is the one
// place that decides both.
func (r *run) exit(err error) int {
	if err == nil {
		return r.code
	}
	code, advice := classify(err)
	if own := (*advisedError)(nil); errors.As(err, &own) {
		advice = own.advice
	}
	if own := (*aggregate.Error)(nil); errors.As(err, &own) {
		advice = "" // its text ends with it
	}
	line := oneLine(err.Error())
	if advice != "" {
		line += "; " + advice
	}
	if _, err := fmt.Fprintln(r.Err, "appmetrics: "+line); err != nil {
		return exitFailed
	}
	return code
}

func classify(err error) (code int, advice string) {
	switch {
	case errors.Is(err, aggregate.ErrGrowthGuard):
		return exitGrowthGuard, ""
	case errors.Is(err, aggregate.ErrFailed):
		return exitFailed, ""
	case errors.Is(err, store.ErrUnavailable) && fromWorkspace(err):
		return exitUnreachable, "check the login of this process and the name of the Lakebase database with `appmetrics doctor`"
	case errors.Is(err, query.ErrTimeout) && errors.Is(err, store.ErrUnavailable): // a server, which words both alike
		return exitUnreachable, "its " + apiPath + "/status says whether its database is away; if it is not, ask about a shorter range"
	case errors.Is(err, query.ErrTimeout):
		return exitUnreachable, "try again, or ask about a shorter range"
	case errors.Is(err, store.ErrMissing):
		return exitUnreachable, "name another one with --database-url or DATABASE_URL; a SQLite file is made by `appmetrics serve`"
	case errors.Is(err, store.ErrFull):
		return exitUnreachable, "make room on the disk of the database"
	case errors.Is(err, store.ErrUnavailable):
		return exitUnreachable, "check that the database runs and that DATABASE_URL or --database-url names it"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, store.ErrReadOnly):
		return exitFailed, "make the file and its directory writable for this user, or name another file with --database-url"
	case errors.Is(err, store.ErrPermission):
		return exitUnreachable, "check the user, its password and its rights to this database"
	case errors.Is(err, api.ErrUnreachable):
		return exitUnreachable, "check that appmetrics serve runs there, and the address after --server"
	case errors.Is(err, admin.ErrUnverifiable):
		return exitUnreachable, "try again later"
	case errors.Is(err, databricks.ErrUnauthenticated) && errors.Is(err, admin.ErrUnauthenticated):
		return exitNotAdmin, "set DATABRICKS_CONFIG_PROFILE or DATABRICKS_TOKEN, or run `databricks auth login`"
	case errors.Is(err, databricks.ErrUnauthenticated):
		return exitNotAdmin, "" // its text says what to set
	case errors.Is(err, databricks.ErrUnavailable):
		return exitUnreachable, "try again later"
	case errors.Is(err, admin.ErrUnauthenticated):
		return exitNotAdmin, "set APPMETRICS_TOKEN, or name a file that holds the token with --token-file"
	case errors.Is(err, admin.ErrForbidden):
		return exitNotAdmin, "ask an administrator of the workspace"
	case errors.Is(err, store.ErrSchemaNewer):
		return exitFailed, "install the appmetrics that migrated it, or a newer one"
	case errors.Is(err, store.ErrSchemaPending):
		return exitFailed, "run `appmetrics migrate up`"
	case errors.Is(err, store.ErrCorrupt):
		return exitFailed, "nothing was changed: restore it from a backup, or name another file with --database-url"
	}
	return exitFailed, ""
}

// fromWorkspace reports whether it was the workspace that said no.
func fromWorkspace(err error) bool {
	for _, kind := range []error{databricks.ErrUnauthenticated, databricks.ErrForbidden, databricks.ErrNotFound, databricks.ErrUnavailable} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// oneLine makes an error that spans lines one line, and shows control
// characters as what they are.
func oneLine(message string) string {
	message = strings.Join(strings.Fields(message), " ")
	return strings.Map(func(c rune) rune {
		if !strconv.IsPrint(c) {
			return '\uFFFD'
		}
		return c
	}, message)
}

// quote is a value as errors repeat it, cut to a readable length.
func quote(value string) string {
	const most = 100
	if runes := []rune(value); len(runes) > most {
		value = string(runes[:most]) + "…"
	}
	return strconv.Quote(value)
}
