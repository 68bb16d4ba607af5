package ingest

import (
	"context"
	"errors"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// suspicion is how many samples the store must refuse one by one, with nothing
// of their batch taken, before the fault is seen in the store.
const suspicion = 16

// few is how many suspects are all looked at again before each further write. Of
// more, the first stands for all: a fault of the store is that of any.
const few = 4

// verdict is what became of a stretch that was written. Whatever it says, all
// samples before the line's position are settled.
type verdict struct {
	kind    verdictKind
	err     error
	refused []int // samples that are passed over: the store takes others, but not these

	// Of a stretch of which the store takes nothing:
	suspects   []int // samples refused alone
	isTriedOut bool  // they are all that there are
}

type verdictKind int

const (
	allStored  verdictKind = iota // or passed over
	storeAway                     // the store can take nothing now
	allRefused                    // the store takes none of them
	timeIsUp                      // that of Stop
)

// write stores the samples of a stretch that lie behind the line's position,
// and says what became of them. When the store refuses them it looks for those
// at fault, and lets it refuse patience of them alone before it has taken any.
func (l *line) write(ctx context.Context, s *stretch, patience int) verdict {
	n := s.samples()
	for l.at < s.end {
		from, i := l.at, s.index(l.at)
		err := l.appendSamples(ctx, s, i, n)
		switch {
		case err == nil:
		case isOver(ctx, err):
			return verdict{kind: timeIsUp, err: err}
		case l.at != from: // part of it was stored before
		case isMoved(err), l.isAway(err):
			return verdict{kind: storeAway, err: err}
		default:
			return l.isolate(ctx, s, i, patience, err)
		}
	}
	return verdict{}
}

func (l *line) appendSamples(ctx context.Context, s *stretch, i, j int) error {
	return l.append(ctx, s.cut(i, j), s.number(j), s.receivedAt(j))
}

func isMoved(err error) bool {
	moved := (*metric.PositionError)(nil)
	return errors.As(err, &moved)
}

// isolate finds the samples from i on for which the store refused a stretch: it
// writes the halves, and the halves of refused halves. Samples refused alone
// while others of the stretch are taken are passed over, once they were refused
// again: a fault of the store that went away costs nothing. When the store takes
// nothing at all the fault is likely its own.
func (l *line) isolate(ctx context.Context, s *stretch, i, patience int, cause error) verdict {
	var (
		v        verdict
		isTaken  bool
		suspects []int // refused alone, with nothing taken since
		todo     = split(nil, i, s.samples())
	)
	if len(todo) == 0 {
		suspects = []int{i}
	}
	for len(todo) > 0 && (isTaken || len(suspects) < patience) {
		i, j := todo[len(todo)-1][0], todo[len(todo)-1][1]
		todo = todo[:len(todo)-1]
		from := l.at
		if i = max(i, s.index(from)); i >= j {
			continue
		}
		if !isTaken && len(suspects) > 0 && j-i > 1 {
			todo = split(todo, i, j) // a store that takes nothing is not asked about many
			continue
		}
		look := suspects
		if len(look) > few {
			look = look[:1]
		}
		k, err := l.again(ctx, s, look) // what is written now passes over them
		switch {
		case err != nil:
			v.kind, v.err = whyOver(ctx, err), err
			return v
		case k >= 0:
			isTaken = true
			l.passOver(&v, s, suspects[:k], cause)
			todo = append(todo, [2]int{i, j}, [2]int{suspects[k], i})
			suspects = nil
			continue
		}
		err = l.appendSamples(ctx, s, i, j)
		switch {
		case err == nil:
			isTaken = true
			l.passOver(&v, s, suspects, cause)
			suspects = nil
		case !isOver(ctx, err) && l.at != from:
			todo = append(todo, [2]int{i, j})
		case l.isNoVerdict(ctx, err):
			v.kind, v.err = whyOver(ctx, err), err
			return v
		case j-i == 1:
			suspects, cause = append(suspects, i), err
		default:
			todo = split(todo, i, j)
		}
	}
	if !isTaken {
		return verdict{kind: allRefused, err: cause, suspects: suspects, isTriedOut: len(todo) == 0}
	}
	return l.leave(ctx, s, v, suspects, cause)
}

// again writes suspects once more, one by one, and returns which of them is
// taken first, or -1. It returns an error when the store can take nothing now.
func (l *line) again(ctx context.Context, s *stretch, suspects []int) (int, error) {
	for k, i := range suspects {
		from := l.at
		switch err := l.appendSamples(ctx, s, i, i+1); {
		case err == nil:
			return k, nil
		case l.at != from, l.isNoVerdict(ctx, err):
			return -1, err
		}
	}
	return -1, nil
}

// isNoVerdict says whether an error says nothing about what was to be written.
func (l *line) isNoVerdict(ctx context.Context, err error) bool {
	return isOver(ctx, err) || isMoved(err) || l.isAway(err)
}

// whyOver returns which verdict an error is that says nothing of the samples.
func whyOver(ctx context.Context, err error) verdictKind {
	if isOver(ctx, err) {
		return timeIsUp
	}
	return storeAway
}

// leave moves the line over samples at the end of what was written, unless they
// are taken by now.
func (l *line) leave(ctx context.Context, s *stretch, v verdict, refused []int, cause error) verdict {
	for len(refused) > 0 {
		k, err := l.again(ctx, s, refused)
		if k < 0 && err == nil {
			i := refused[len(refused)-1] + 1
			k, err = len(refused), l.append(ctx, metric.Batch{}, s.number(i), s.receivedAt(i))
		}
		if err != nil {
			v.kind, v.err = whyOver(ctx, err), err
			return v
		}
		l.passOver(&v, s, refused[:k], cause)
		refused = refused[min(k+1, len(refused)):]
	}
	return v
}

// split pushes the halves of the samples from i to j, unless it is a single one.
func split(todo [][2]int, i, j int) [][2]int {
	if half := (i + j) / 2; half > i {
		todo = append(todo, [2]int{half, j}, [2]int{i, half})
	}
	return todo
}

// passOver notes samples behind which the line stands without them, and puts
// them aside.
func (l *line) passOver(v *verdict, s *stretch, refused []int, cause error) {
	if len(refused) == 0 {
		return
	}
	v.refused = append(v.refused, refused...)
	if l.aside != nil {
		batches := make([]metric.Batch, len(refused))
		for k, i := range refused {
			batches[k] = s.cut(i, i+1)
		}
		l.aside(join(batches), cause)
	}
	l.logger.Error("samples dropped: refused by the store",
		"dropped", len(refused), "correlation_id", s.correlation(refused[0]), "error", cause)
}
