package ingest

import (
	"context"
	"slices"
)

// isolation is the search for the samples that the store refuses of a stretch.
type isolation struct {
	line  *line
	s     *stretch
	trial trial
	todo  [][2]int // samples (half open) to be written, the next ones last

	suspects []int // samples refused alone, with nothing taken since
	sure     int   // of the suspects, from the first on: refused twice
	cause    error // why the last of them was

	passed verdict // its refused are the samples that were passed over
}

// isolate finds the samples at fault after the store refused those from i to j:
// it writes the halves, and the halves of refused halves, until a sample is
// refused alone. Behind such a suspect it goes on one by one until a sample is
// taken, which passes over the suspects before it.
//
// No sample is passed over that was not refused twice, and one of a few (see
// suspicion) not unless the second time was the moment before another was taken.
// Suspects with nothing taken behind them are kept, be it that there is nothing,
// or that they are so many in a row that the fault is likely the store's own.
func (l *line) isolate(ctx context.Context, s *stretch, i, j int, t trial, cause error) verdict {
	f := isolation{line: l, s: s, trial: t}
	f.push(j, s.samples())
	f.refused(i, j, cause)
	for len(f.todo) > 0 && len(f.suspects) < f.trial.patience {
		if err := f.step(ctx); err != nil {
			f.passed.kind, f.passed.err = whyOver(ctx, err), err
			return f.passed
		}
	}
	if len(f.suspects) > 0 {
		f.passed.kind, f.passed.err = allRefused, f.cause
		f.passed.suspects, f.passed.isTriedOut = f.suspects, len(f.todo) == 0
	}
	return f.passed
}

// step writes the next samples that are to be written, or divides them. It
// returns an error when the store can take nothing now.
func (f *isolation) step(ctx context.Context) error {
	from := f.line.at
	i, j := f.pop()
	if i = max(i, f.s.index(from)); i >= j {
		return nil
	}
	if end := f.s.together(i, j); end < j {
		f.push(end, j)
		f.push(i, end)
		return nil
	}
	if len(f.suspects) > 0 && j-i > 1 {
		f.halve(i, j) // a store that takes nothing is not asked about many
		return nil
	}
	k, err := f.lookAgain(ctx)
	if err != nil {
		return err
	}
	if k >= 0 {
		f.push(i, j)
		f.push(f.suspects[k]+1, i)
		f.taken(k)
		return nil
	}
	switch err := f.line.appendSamples(ctx, f.s, i, j); {
	case err == nil:
		f.taken(len(f.suspects))
	case !isOver(ctx, err) && f.line.at != from: // by somebody else
		f.push(i, j)
		if len(f.suspects) > 0 {
			f.push(f.suspects[0], i)
			f.suspects, f.sure = nil, 0
		}
	case f.line.isNoVerdict(ctx, err):
		return err
	default:
		f.refused(i, j, err)
	}
	return nil
}

// lookAgain writes suspects once more, before a write that passes over them, and
// returns which of them is taken first, or -1: all of a few; of more the first,
// which stands for all, and those that were refused once only.
func (f *isolation) lookAgain(ctx context.Context) (int, error) {
	look := f.suspects
	if n := len(look); n > suspicion {
		f.sure = max(f.sure, min(f.trial.known, n))
		look = slices.Concat(look[:1], look[max(f.sure, 1):])
	}
	k, err := f.line.again(ctx, f.s, look)
	if k >= 0 {
		return slices.Index(f.suspects, look[k]), nil
	}
	f.sure = len(f.suspects)
	return -1, err
}

// taken notes that the store took a sample behind the first n suspects.
func (f *isolation) taken(n int) {
	f.line.passOver(&f.passed, f.s, f.suspects[:n], f.cause)
	f.suspects, f.sure = nil, 0
	f.trial = trialAfter(0, 0)
}

// refused notes that the store refused samples.
func (f *isolation) refused(i, j int, cause error) {
	f.cause = cause
	if j-i == 1 {
		f.suspects = append(f.suspects, i)
		return
	}
	f.halve(i, j)
}

// push puts samples, if there are any, before those that are to be written.
func (f *isolation) push(i, j int) {
	if i < j {
		f.todo = append(f.todo, [2]int{i, j})
	}
}

func (f *isolation) pop() (i, j int) {
	last := len(f.todo) - 1
	i, j = f.todo[last][0], f.todo[last][1]
	f.todo = f.todo[:last]
	return i, j
}

func (f *isolation) halve(i, j int) {
	half := (i + j) / 2
	f.push(half, j)
	f.push(i, half)
}
