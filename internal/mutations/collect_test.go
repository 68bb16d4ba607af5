package mutations

var ofCollect = []mutation{
	{
		removed: "bound of names of an hour", file: "collect/hours.go",
		before: `len(names) >= h.room, `, after: ``,
		noticedBy: "TestEndpointsPerHourAreBounded",
	},
	{
		removed: "room of an hour", file: "collect/hours.go",
		before: `maxPerHour = 1000`, after: `maxPerHour = 1100`,
		noticedBy: "TestHoursStayBoundedHoweverTheyArePosted/pages/sqlite", in: "threats",
	},
	{
		removed: "memory of hours that samples may still be of", file: "collect/hours.go",
		before: `return k < first || k > last })`, after: `return k < last-24 || k > last })`,
		noticedBy: "TestEveryHourIsRememberedThatSamplesMayBeOf/events",
	},
	{
		removed: "names of hours as old as samples may be", file: "collect/hours.go",
		before: `hourOf(now.Add(-h.Reach-leeway))`, after: `hourOf(now.Add(-24*time.Hour))`,
		noticedBy: "TestEveryHourIsRememberedThatSamplesMayBeOf/requests",
	},
	{
		removed: "end of that memory", file: "collect/hours.go",
		before: `return k < first || k > last })`, after: `return false })`,
		noticedBy: "TestMemoryOfHoursThatPass",
	},
	{
		removed: "hours that are too old to be begun", file: "collect/hours.go",
		before: `key < first || key > last {`, after: `key > last {`,
		noticedBy: "TestNoNamesOfHoursThatNoSampleMayBeOf",
	},
	{
		removed: "hours that are too far ahead to be begun", file: "collect/hours.go",
		before: `key < first || key > last {`, after: `key < first {`,
		noticedBy: "TestNoNamesOfHoursThatNoSampleMayBeOf",
	},
	{
		removed: "room that configured routes take", file: "collect/namer.go",
		before: `max(maxPerHour-len(routes), 0)`, after: `maxPerHour`,
		noticedBy: "TestEndpointsPerHourAreBounded",
	},
	{
		removed: "bound of elements", file: "collect/element.go",
		before: `!e.hours.admit(`, after: `false && !e.hours.admit(`,
		noticedBy: "TestElementsOfAnHourAreBounded",
	},
	{
		removed: "room that no element takes", file: "collect/element.go",
		before: `id == "" || id == metric.OtherEndpoint`, after: `id == metric.OtherEndpoint`,
		noticedBy: "TestElementsOfAnHourAreBounded",
	},
	{
		removed: "bound of pages in posted events", file: "ingest/decode_events.go",
		before: `if opts.Page != nil {`, after: `if false {`,
		noticedBy: "TestDecodeEventsNamesPagesAndElements",
	},
	{
		removed: "bound of elements in posted events", file: "ingest/decode_events.go",
		before: `if opts.Element != nil {`, after: `if false {`,
		noticedBy: "TestDecodeEventsNamesPagesAndElements",
	},
	{
		removed: "bound of elements in the API", file: "api/posts.go",
		before: `		Element:         h.Element,
`, after: ``,
		noticedBy: "TestPostedPagesAndElementsAreNamedAndStored",
	},
	{
		removed: "age that posted requests may have", file: "cli/pipeline.go",
		before: `r.hours("endpoints", metric.Retention)`, after: `r.hours("endpoints", metric.RawRetention)`,
		noticedBy: "TestHoursStayBoundedHoweverTheyArePosted/endpoints/sqlite", in: "threats",
	},
	{
		removed: "bound of elements in the program", file: "cli/pipeline.go",
		before: `		Element:       elements.Element,
`, after: `		Element: func(_, id string, at time.Time) string { _ = elements; return id },
`,
		noticedBy: "TestHoursStayBoundedHoweverTheyArePosted/elements/sqlite", in: "threats",
	},
}
