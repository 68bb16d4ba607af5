package ingest

import (
	"context"
	"errors"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// suspicion is how many samples in a row the store must refuse one by one before
// the fault is seen in the store.
const suspicion = 8

// trial is how a stretch is tried of which the store may have taken nothing
// before.
type trial struct {
	patience int // samples that the store may refuse one by one before it takes any
	known    int // the first samples, which it refused one by one the last time
}

// trialAfter returns the trial after so many refusals in a row, the last of which
// was of the known samples one by one: it goes further with each.
func trialAfter(refusals, known int) trial {
	return trial{patience: suspicion << min(refusals, maxPatience), known: known}
}

// verdict is what became of a stretch that was written. Whatever it says, all
// samples before the line's position are settled.
type verdict struct {
	kind    verdictKind
	err     error
	refused []int // samples that are passed over: the store takes others, but not these

	// Of allRefused:
	suspects   []int // samples refused alone, the first of those that are left
	isTriedOut bool  // they are all that are left
}

type verdictKind int

const (
	allStored  verdictKind = iota // or passed over
	storeAway                     // the store can take nothing now
	allRefused                    // the store takes none of those that are left
	timeIsUp                      // that of Stop
)

// write stores the samples of a stretch that lie behind the line's position,
// and says what became of them. When the store refuses them it looks for those
// at fault, as far as the trial goes.
func (l *line) write(ctx context.Context, s *stretch, t trial) verdict {
	n := s.samples()
	for l.at < s.end {
		from, i := l.at, s.index(l.at)
		j := s.together(i, n)
		err := l.appendSamples(ctx, s, i, j)
		switch {
		case isOver(ctx, err):
			return verdict{kind: timeIsUp, err: err}
		case err == nil, l.at != from: // all or part of it is stored
			t = trialAfter(0, 0)
		case isMoved(err), l.isAway(err), i == j: // which takes not even the position alone
			return verdict{kind: storeAway, err: err}
		default:
			return l.isolate(ctx, s, i, j, t, err)
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

// again writes samples once more, one by one, and returns which of them is taken
// first, or -1. It returns an error when the store can take nothing now.
func (l *line) again(ctx context.Context, s *stretch, samples []int) (int, error) {
	for k, i := range samples {
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

// leave moves the line over samples at the end of a stretch, for what was taken
// elsewhere, unless they are taken by now.
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
