package store

import (
	"context"
	"time"
)

// Diagnosis is what there is to know about the connection to the database,
// before any question about the data.
type Diagnosis struct {
	Engine    string
	Place     string // as a URL, without user and password
	Version   string // such as 16.4, or 3.51.3 of SQLite
	SizeBytes int64
	TLS       TLS

	// Local connections do not leave this machine: to a file, a Unix socket or
	// a loopback address.
	Local bool

	// ClockSkew is the database's time minus ours; half a round trip is how
	// wrong it may be.
	ClockSkew time.Duration

	// ReadOnly databases accept no writes from anybody, such as a standby.
	ReadOnly bool

	// Missing names the rights that appmetrics needs and this user lacks, such
	// as "DELETE on performance_metrics".
	Missing []string
}

// TLS describes the encryption of a connection.
type TLS struct {
	On      bool
	Version string // such as TLS 1.3
	// Verified reports whether the server's certificate was checked, and that
	// it was made for the server's name.
	Verified bool
}

// Diagnose looks at the connection, the rights and the clock of the database.
// It writes nothing, needs no right but to connect, and no schema.
func (s *Store) Diagnose(ctx context.Context) (Diagnosis, error) {
	d := Diagnosis{Engine: s.Engine(), Place: s.engine.place(), Local: s.Engine() == SQLite}
	conn, err := s.conn(ctx, s.engine.reader())
	if err != nil {
		return d, s.fail(ctx, "diagnose", err)
	}
	defer func() { _ = conn.Close() }()
	err = s.engine.diagnose(ctx, conn, s.now, &d)
	if err == nil {
		err = conn.QueryRowContext(ctx, s.engine.sizeStatement()).Scan(&d.SizeBytes)
	}
	return d, s.fail(ctx, "diagnose", err)
}

// ClockSkew returns the database's time minus this machine's, whatever
// Options.Now says; 0 for a database that has no clock of its own.
func (s *Store) ClockSkew(ctx context.Context) (time.Duration, error) {
	if s.Engine() == SQLite {
		return 0, nil
	}
	conn, err := s.conn(ctx, s.engine.reader())
	if err != nil {
		return 0, s.fail(ctx, "ask for the time", err)
	}
	defer func() { _ = conn.Close() }()
	skew, err := clockSkew(ctx, conn, time.Now)
	return skew, s.fail(ctx, "ask for the time", err)
}
