package mutations

var ofAPI = []mutation{
	{
		removed: "bound of the methods that the log shows", file: "api/failure.go",
		before: `attrs := []any{"method", methodOf(r),`, after: `attrs := []any{"method", r.Method,`,
		noticedBy: "TestLogOfWhatAnybodySends",
	},
	{
		removed: "lines of the log for each status", file: "api/failure.go",
		before: `thin := h.warnings[f.status]`, after: `thin := h.warnings[http.StatusUnauthorized]`,
		noticedBy: "TestLogOfWhatAnybodySends",
	},
	{
		removed: "error of the context of a post that was cut off", file: "ingest/post.go",
		before: `fmt.Errorf("accept batch: %w: %w", ctx.Err(), context.Cause(ctx))`, after: `fmt.Errorf("accept batch: %w", context.Cause(ctx))`,
		noticedBy: "TestPostsThatTheEndCutsOff", in: "api",
	},
	{
		removed: "bound of questions at once", file: "api/places.go",
		before: `semaphore.NewWeighted(int64(n))`, after: `semaphore.NewWeighted(1<<40)`,
		noticedBy: "TestQuestionsAtOnceAreBounded",
	},
	{
		removed: "default of that bound", file: "api/places.go",
		before: `DefaultMaxQuestions = 8`, after: `DefaultMaxQuestions = 1 << 30`,
		noticedBy: "TestDefaultOfQuestionsAtOnce",
	},
	{
		removed: "end of the wait for others", file: "api/places.go",
		before: `context.WithTimeout(ctx, questionPatience)`, after: `context.WithCancel(ctx)`,
		noticedBy: "TestQuestionsAtOnceAreBounded",
	},
	{
		removed: "place that a question gives back", file: "api/places.go",
		before: "			p.free.Release(1)\n", after: "",
		noticedBy: "TestPlacesComeBack",
	},
	{
		removed: "places of users of their own", file: "api/api.go",
		before: `ownCounts: newPlaces(o.MaxQuestions, "questions of users", o.Logger),`, after: ``,
		noticedBy: "TestHeavyQuestionsHoldUpNothingElse",
	},
	{
		removed: "bound of the memory of all bodies", file: "api/api.go",
		before: `ingest.NewBodies(bodyBytes)`, after: `ingest.NewBodies(bodyBytes << 20)`,
		noticedBy: "TestBodiesShareTheirRoom",
	},
	{
		removed: "time limit of the client", file: "api/client.go",
		before: `&http.Client{Timeout: clientTimeout}`, after: `&http.Client{Timeout: 0 * clientTimeout}`,
		noticedBy: "TestClientIsBounded",
	},
	{
		removed: "largest answer that the client reads", file: "api/client_answer.go",
		before: `io.LimitReader(r.Body, maxAnswerBytes)`, after: `r.Body`,
		noticedBy: "TestClientIsBounded",
	},
	{
		removed: "readable length of a refused value", file: "api/parameters.go",
		before: `utf8.RuneCountInString(value) > most`, after: `utf8.RuneCountInString(value) > most<<20`,
		noticedBy: "TestRefusedParameters",
	},
	{
		removed: "longest text of a parameter", file: "api/parameters.go",
		before: `(s.MaxLength == 0 || utf8.RuneCountInString(value) <= s.MaxLength)`, after: `true`,
		noticedBy: "TestRefusedParameters",
	},
	{
		removed: "range of a number", file: "api/parameters.go",
		before: `(s.Minimum == nil || x >= *s.Minimum) && (s.Maximum == nil || x <= *s.Maximum)`, after: `true`,
		noticedBy: "TestRefusedParameters",
	},
}

var ofInject = []mutation{
	{
		removed: "bound of the head of a page", file: "inject/head.go",
		before: `case len(token) >= mostHead, kind == html.ErrorToken, h.passed > mostHead && h.within == "":`, after: `case kind == html.ErrorToken:`,
		noticedBy: "TestLongHeads",
	},
	{
		removed: "bound of what may come before a page begins", file: "inject/head.go",
		before: `case !h.document && (len(token) >= mostHead || h.passed > mostHead):`, after: `case false:`,
		noticedBy: "TestLongHeads",
	},
	{
		removed: "bound of what a tokenizer keeps", file: "inject/head.go",
		before: `	h.tokens.SetMaxBuf(mostHead)`, after: ``,
		noticedBy: "TestMemoryIsBounded",
	},
}
