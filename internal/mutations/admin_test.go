package mutations

var ofAdmin = []mutation{
	{
		removed: "time limit of the workspace's answer", file: "admin/workspace.go",
		before: `context.WithTimeout(ctx, w.timeout)`, after: `context.WithCancel(ctx)`,
		noticedBy: "TestDefaultsOfTheWorkspace",
	},
	{
		removed: "default of that time limit", file: "admin/workspace.go",
		before: `defaultTimeout = 5 * time.Second`, after: `defaultTimeout = 5 * time.Hour`,
		noticedBy: "TestDefaultsOfTheWorkspace",
	},
	{
		removed: "default of how long a decision holds", file: "admin/workspace.go",
		before: `defaultTTL     = 5 * time.Minute`, after: `defaultTTL     = 5 * time.Hour`,
		noticedBy: "TestDefaultsOfTheWorkspace",
	},
	{
		removed: "default of the bound of decisions", file: "admin/workspace.go",
		before: `defaultEntries = 10_000`, after: `defaultEntries = 1 << 20`,
		noticedBy: "TestMemoryOfManyTokens",
	},
	{
		removed: "default of the bound of calls", file: "admin/workspace.go",
		before: `defaultCalls   = 32`, after: `defaultCalls   = 1 << 20`,
		noticedBy: "TestDefaultsOfTheWorkspace",
	},
	{
		removed: "default of the bound of tokens that wait", file: "admin/workspace.go",
		before: `defaultWaiting = 2_000`, after: `defaultWaiting = 1 << 20`,
		noticedBy: "TestDefaultsOfTheWorkspace",
	},
	{
		removed: "end of decisions", file: "admin/decisions.go",
		before: `!ok || !now.Before(found.expires)`, after: `!ok`,
		noticedBy: "TestRevokedToken",
	},
	{
		removed: "end of decisions with their token", file: "admin/workspace.go",
		before: `ok && own.Before(expires)`, after: `ok && own.Before(start)`,
		noticedBy: "TestDecisionsDoNotOutliveTheToken",
	},
	{
		removed: "start of the call as the start of a decision", file: "admin/workspace.go",
		before: `expires := start.Add(w.ttl)`, after: `expires := time.Now().Add(w.ttl)`,
		noticedBy: "TestDecisionsHoldFromTheStartOfTheCall",
	},
	{
		removed: "one call for all who ask about a token", file: "admin/workspace.go",
		before: `w.flights.DoChan(string(key[:]), func() (any, error) {`, after: `new(singleflight.Group).DoChan(string(key[:]), func() (any, error) {`,
		noticedBy: "TestThousandColdChecksMakeOneCall",
	},
	{
		removed: "second look before a call", file: "admin/workspace.go",
		before: `if identity, ok := w.decided.get(key, start); ok {`, after: `if identity, ok := w.decided.get(key, start); ok && false {`,
		noticedBy: "TestLateComersFindTheDecision",
	},
	{
		removed: "end of the wait of a caller who leaves", file: "admin/workspace.go",
		before: "	case <-ctx.Done():\n		return Identity{}, ctx.Err()\n", after: "	case <-chan struct{}(nil):\n		return Identity{}, ctx.Err()\n",
		noticedBy: "TestCallersDeadline",
	},
	{
		removed: "bound of calls at once", file: "admin/workspace.go",
		before: `make(chan struct{}, calls),`, after: `make(chan struct{}, 1<<20),`,
		noticedBy: "TestCallsAtOnce",
	},
	{
		removed: "turn that a call gives back", file: "admin/workspace.go",
		before: `defer func() { <-w.turns }()`, after: ``,
		noticedBy: "TestCallsAtOnce",
	},
	{
		removed: "bound of tokens that wait", file: "admin/workspace.go",
		before: `make(chan struct{}, calls+positive(o.Waiting, defaultWaiting))`, after: `make(chan struct{}, 1<<20+0*positive(o.Waiting, defaultWaiting))`,
		noticedBy: "TestWaitingIsBounded",
	},
	{
		removed: "place in line that is given back", file: "admin/workspace.go",
		before: `defer func() { <-w.line }()`, after: ``,
		noticedBy: "TestWaitingIsBounded",
	},
	{
		removed: "bound of decisions that are kept", file: "admin/decisions.go",
		before: `lru.New[tokenKey, decision](size)`, after: `lru.New[tokenKey, decision](size << 20)`,
		noticedBy: "TestMemoryOfManyTokens",
	},
	{
		removed: "least length of the key of pseudonyms", file: "admin/pseudonyms.go",
		before: `utf8.RuneCountInString(key) < minPseudonymKey`, after: `utf8.RuneCountInString(key) < 0`,
		noticedBy: "TestPseudonymKeyIsLongEnough",
	},
	{
		removed: "range of the expiry of a token", file: "admin/token.go",
		before: `*claims.Expires < -most || *claims.Expires > most`, after: `most < 0`,
		noticedBy: "TestExpiryOf",
	},
}
