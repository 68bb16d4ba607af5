package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// positionTable holds how far each source has been stored.
const positionTable = "replay_positions"

// AppendAt is [Store.Append] in the transaction that moves the position of a
// source, so that a batch is stored once however often it is tried. When the
// source does not stand at at.From, nothing is stored and the error is a
// [*metric.PositionError].
//
// After any other error the batch may be stored or not, now or in a moment (of
// a connection that hangs, the database may still get the COMMIT): ask
// [Store.Position], and try again from there. The attempt that comes second,
// whichever it is, stores nothing.
//
// An empty batch moves the position over what can never be stored, or only
// says with From equal to To that the source lives.
func (s *Store) AppendAt(ctx context.Context, b metric.Batch, at metric.Position) (Stored, error) {
	if at.Source == uuid.Nil || at.From < 0 || at.To < at.From {
		return Stored{}, fmt.Errorf("append batch: a position cannot move from %d to %d of source %s", at.From, at.To, at.Source)
	}
	return s.append(ctx, b, &at)
}

// Position returns the number up to which everything of a source is stored,
// and 0 for a source that nothing was stored of.
func (s *Store) Position(ctx context.Context, source uuid.UUID) (position int64, err error) {
	// As those who write: whoever asks has something to store, and does not
	// wait behind the questions of people.
	err = s.write(ctx, "read position", func(_ *sql.Conn, tx *sql.Tx) error {
		position, err = readPosition(ctx, tx, source)
		return err
	})
	return position, err
}

func readPosition(ctx context.Context, tx *sql.Tx, source uuid.UUID) (int64, error) {
	var position int64
	err := tx.QueryRowContext(ctx, `SELECT position FROM replay_positions WHERE source = $1`, source.String()).Scan(&position)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return position, err
}

// Forget says that nothing old will ever come of sources again, so that no ids
// are kept for them. Their positions stay as long as those of any source that
// nobody hears of, for a copy of a source may try to store the same once more.
func (s *Store) Forget(ctx context.Context, sources ...uuid.UUID) error {
	if len(sources) == 0 {
		return nil
	}
	return s.write(ctx, "forget sources", func(_ *sql.Conn, tx *sql.Tx) error {
		for _, source := range sources {
			_, err := tx.ExecContext(ctx, `UPDATE replay_positions SET replayed_until = NULL WHERE source = $1`, source.String())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// move moves a source's position, or returns a [*metric.PositionError]. It
// waits for another transaction that moves it, and then sees what became of it,
// at any isolation: at READ COMMITTED the database looks at the row again, and
// above it the transaction fails and starts again. Nobody waits for ever: a
// transaction whose process fell silent is given up by the database.
func (s *Store) move(ctx context.Context, tx *sql.Tx, at metric.Position) error {
	statement := `UPDATE replay_positions SET position = $2, replayed_until = $3, updated_at = $4
		WHERE source = $1 AND position = $5`
	if at.From == 0 {
		statement = `INSERT INTO replay_positions (source, position, replayed_until, updated_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (source) DO UPDATE SET position = excluded.position,
				replayed_until = excluded.replayed_until, updated_at = excluded.updated_at
			WHERE replay_positions.position = $5`
	}
	var replayedUntil any
	if !at.ReceivedAt.IsZero() {
		replayedUntil = s.engine.time(at.ReceivedAt)
	}
	var watched string
	err := tx.QueryRowContext(ctx, statement+` RETURNING `+s.engine.watched(),
		at.Source.String(), at.To, replayedUntil, s.engine.time(s.now()), at.From).Scan(&watched)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	actual, err := readPosition(ctx, tx, at.Source)
	if err != nil {
		return err
	}
	return &metric.PositionError{Source: at.Source, Want: at.From, Actual: actual}
}
