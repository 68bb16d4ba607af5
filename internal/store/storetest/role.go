package storetest

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// CertificateVariable names the file with the certificate that the PostgreSQL
// server's TLS is to be verified with.
const CertificateVariable = "TEST_DATABASE_CERTIFICATE"

// passwordGroup is the role whose members the server asks for a password, as
// .ci/with-postgres sets it up.
const passwordGroup = "password_login"

// Certificate returns the path of the certificate that verifies the server.
func Certificate(t testing.TB) string {
	t.Helper()
	path := os.Getenv(CertificateVariable)
	if path == "" {
		t.Fatalf("%s is not set: these tests need a PostgreSQL server that speaks TLS, see .ci/with-postgres", CertificateVariable)
	}
	certificate, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read %s: %v", CertificateVariable, err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(certificate) {
		t.Fatalf("%s names %s, which holds no certificate", CertificateVariable, path)
	}
	return path
}

// Role is a user of one PostgreSQL database who must log in with a password.
type Role struct {
	Name     string
	database string // URL, of a superuser
}

// NewRole creates a user with an unknown password and no right but to connect
// to the database, who goes away with the test.
func NewRole(t testing.TB, database string) *Role {
	t.Helper()
	r := &Role{Name: "appmetrics_test_" + strings.ToLower(rand.Text()), database: database}
	if err := r.exec(t.Context(), "CREATE ROLE "+r.Name+" LOGIN IN ROLE "+passwordGroup+" PASSWORD "+literal(rand.Text())); err != nil {
		t.Fatalf("create a user who must log in with a password: %v; see .ci/with-postgres for what the server must have", err)
	}
	t.Cleanup(func() {
		if err := r.exec(context.WithoutCancel(t.Context()), "DROP OWNED BY "+r.Name+"; DROP ROLE "+r.Name); err != nil {
			t.Errorf("drop role: %v", err)
		}
	})
	r.mustBeAskedForPassword(t)
	return r
}

// mustBeAskedForPassword makes sure that a wrong password is refused, because
// with a server that trusts everybody the tests would prove nothing.
func (r *Role) mustBeAskedForPassword(t testing.TB) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.URL(t, "wrong"))
	if err == nil {
		_ = conn.Close(t.Context())
		t.Fatalf("the server of %s lets members of %s in without their password: see .ci/with-postgres for the line in pg_hba.conf", ServerVariable, passwordGroup)
	}
}

// URL returns the address of the database for this user.
func (r *Role) URL(t testing.TB, password string) string {
	t.Helper()
	address, err := url.Parse(r.database)
	if err != nil {
		t.Fatalf("read database URL: not a URL")
	}
	address.User = url.UserPassword(r.Name, password)
	return address.String()
}

// SetPassword changes the password; connections that exist go on.
func (r *Role) SetPassword(ctx context.Context, password string) error {
	return r.exec(ctx, "ALTER ROLE "+r.Name+" PASSWORD "+literal(password))
}

// Grant gives the user a right, such as "SELECT ON performance_metrics".
func (r *Role) Grant(t testing.TB, right string) {
	t.Helper()
	if err := r.exec(t.Context(), "GRANT "+right+" TO "+r.Name); err != nil {
		t.Fatalf("grant %s: %v", right, err)
	}
}

// GrantAll gives the user every right to what appmetrics creates.
func (r *Role) GrantAll(t testing.TB) {
	t.Helper()
	r.Grant(t, "ALL ON SCHEMA public")
	r.Grant(t, "ALL ON ALL TABLES IN SCHEMA public")
}

// exec runs statements in the database, as a superuser.
func (r *Role) exec(ctx context.Context, statements string) error {
	conn, err := pgx.Connect(ctx, r.database)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statements)
	if err != nil {
		err = fmt.Errorf("%s: %w", r.Name, err) // never the statement: it may hold a password
	}
	return errors.Join(err, conn.Close(ctx))
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
