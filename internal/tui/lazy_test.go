package tui

import (
	"context"
	"testing"
	"time"

	"github.com/appmetrics/appmetrics/internal/query"
)

func TestLazyQuestions(t *testing.T) {
	t.Parallel()
	clock := noon
	f := newFeed(t.Context(), func() time.Time { return clock })
	f.source = away{}
	ask := func(names ...string) []question {
		var list []question
		for _, n := range names {
			list = append(list, question{n, func(context.Context, query.Source) (any, error) { return &n, nil }})
		}
		return list
	}
	l := lazy{most: 2}
	check := func(wanted []question, want string) {
		t.Helper()
		got := ""
		picked := l.pick(f, wanted)
		f.need(picked)
		for _, q := range picked {
			got += q.key.(string)
		}
		if got != want {
			t.Errorf("picked %q, want %q", got, want)
		}
	}
	end := func(key string, err error) {
		e := f.entries[key]
		f.take(answeredMsg{key: key, ticket: e.ticket, value: &key, err: err})
	}
	all := ask("a", "b", "c", "d")
	check(all, "ab")
	check(all, "ab")
	end("a", nil)
	check(all, "bc")
	end("b", away{}.err())
	check(all, "bcd") // b waits for its next try and is not under way
	check(all[3:], "d")
	if f.entries["c"] != nil {
		t.Error("c is still asked though nobody wants to know")
	}
	check(all, "bdc")
	clock = clock.Add(retries[0])
	check(all, "cd")
	end("c", nil)
	end("d", nil)
	check(all, "b")
	f.renew()
	check(all, "ba") // b never had an answer
	check(nil, "")
	if got := answerTo[string](f, all[0]); got.Value == nil || !got.Since.IsZero() {
		t.Error("an answer was lost with the question that would renew it")
	}
	check(all, "ba")
}
