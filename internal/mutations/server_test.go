package mutations

const timesOfTheServer = "TestTimesOfTheServer"

var ofServer = []mutation{
	// Connections.
	{
		removed: "end of a connection that was upgraded to something else", file: "server/proxy.go",
		before: `if !strings.EqualFold(asked, got) {`, after: `if false {`,
		noticedBy: "TestRefusedUpgradesLeaveNothingOpen",
	},
	{
		removed: "room of a browser", file: "server/connections.go",
		before: `leastConnections = 16`, after: `leastConnections = 10`,
		noticedBy: "TestABrowserHasRoom",
	},
	{
		removed: "pause between warnings", file: "level/level.go",
		before: `pause = time.Minute`, after: `pause = time.Second`,
		noticedBy: "TestLevel",
	},
	{
		removed: "bound of connections", file: "server/connections.go",
		before: `if s.open < s.most || c == nil {`, after: `if s.open >= 0 || c == nil {`,
		noticedBy: "TestSilentConnectionsKeepNobodyOut",
	},
	{
		removed: "default of the bound of connections", file: "server/connections.go",
		before: `DefaultMaxConnections = 10_000`, after: `DefaultMaxConnections = 1 << 30`,
		noticedBy: "TestBoundOfConnections",
	},
	{
		removed: "half of the files as a bound of connections", file: "server/connections.go",
		before: `half > 0 && uint64(wanted) > half`, after: `half > 0 && false`,
		noticedBy: "TestBoundOfConnections",
	},
	{
		removed: "least bound of connections", file: "server/connections.go",
		before: `return max(leastConnections, wanted)`, after: `return wanted`,
		noticedBy: "TestBoundOfConnections",
	},
	{
		removed: "connection that gives way when there are no files left", file: "server/connections.go",
		before: `if outOfFiles(err) && l.connections.giveWay() {`, after: `if outOfFiles(err) && false {`,
		noticedBy: "TestNoFilesLeft",
	},
	{
		removed: "time that every connection has to be heard", file: "server/connections.go",
		before: `heardWithin = 100 * time.Millisecond`, after: `heardWithin = 0 * time.Millisecond`,
		noticedBy: "TestConnectionsAreHeardBeforeTheyGiveWay",
	},
	{
		removed: "time after which speechless connections go first", file: "server/connections.go",
		before: `now.Sub(fresh.since) > speaksWithin`, after: `false`,
		noticedBy: "TestSpeechlessConnectionsGiveWayFirst",
	},
	{
		removed: "connections with requests stay", file: "server/connection.go",
		before: "	c.requests++\n	c.leave()\n", after: "	c.requests++\n",
		noticedBy: "TestConnectionsWithRequestsStay",
	},
	{
		removed: "pause between warnings of too many connections", file: "server/connections.go",
		before: `isNews = now.Sub(s.warned) >= warnEvery`, after: `isNews = true`,
		noticedBy: "TestOneWarningOfManyConnections",
	},

	// Requests.
	{
		removed: "bound of requests", file: "server/places.go",
		before: `share{newRoom(places, nil), `, after: `share{newRoom(1<<40, nil), `,
		noticedBy: "TestRequestsWaitForAPlace",
	},
	{
		removed: "bound of requests to appmetrics' own paths", file: "server/places.go",
		before: `share{newRoom(s.places.size/2, s.places), `, after: `share{newRoom(1<<40, s.places), `,
		noticedBy: "TestHangingPostsLeaveTheApplicationItsPlaces",
	},
	{
		removed: "bound of requests that wait", file: "server/places.go",
		before: `newRoom(line, nil)}`, after: `newRoom(1<<40, nil)}`,
		noticedBy: "TestFewRequestsWait",
	},
	{
		removed: "answer without a place to whether the process lives", file: "server/routes.go",
		before: `return s.inflight.atOnce(share, next)`, after: `return admitting(share, next)`,
		noticedBy: "TestHealthDoesNotWait",
	},
	{
		removed: "connections with requests that wait stay", file: "server/places.go",
		before: "	t.line = of.line\n	t.begin()\n", after: "	t.line = of.line\n",
		noticedBy: "TestWaitingRequestsKeepTheirConnection",
	},
	{
		removed: "connections that requests leave", file: "server/connections.go",
		before: `return connections - max(2, connections/8)`, after: `return connections`,
		noticedBy: "TestBoundOfRequests",
	},
	{
		removed: "wait of a request for a place", file: "server/places.go",
		before: `if !f.awaitPlace(ctx, of.places) {`, after: `if true {`,
		noticedBy: "TestRequestsWaitForAPlace",
	},
	{
		removed: "end of that wait", file: "server/places.go",
		before: `context.WithTimeout(ctx, placeWithin)`, after: `context.WithCancel(ctx)`,
		noticedBy: "TestRequestsWaitForAPlace",
	},
	{
		removed: "search for clients that are too slow", file: "server/places.go",
		before: `			f.hurry(time.Now(), r)`, after: ``,
		noticedBy: "TestSlowClientsLoseTheirPlace/sending",
	},
	{
		removed: "bound of slow senders", file: "server/tracked.go",
		before: `return took > slowToSend && float64(t.body.got.Load()) < slowBytes*took.Seconds()`, after: `return took > 1<<60`,
		noticedBy: "TestSlowClientsLoseTheirPlace/sending",
	},
	{
		removed: "bound of slow readers", file: "server/tracked.go",
		before: `return since != 0 && now.Sub(time.Unix(0, since)) > slowToRead`, after: `return since != 0 && false`,
		noticedBy: "TestSlowClientsLoseTheirPlace/taking_what_is_sent",
	},
	{
		removed: "slow readers of what is flushed", file: "server/tracked.go",
		before:    "	t.writing.Store(time.Now().UnixNano())\n	defer t.writing.Store(0)\n	return http.",
		after:     "	return http.",
		noticedBy: "TestSlowClientsLoseTheirPlace/taking_what_is_flushed",
	},
	{
		removed: "patience with senders until they are asked", file: "server/tracked.go",
		before: `took := t.body.awaited(now)`, after: `took := slowToSend + 1`,
		noticedBy: "TestClientsThatAwaitTheWordToGoOn",
	},
	{
		removed: "rate at which a sender is slow", file: "server/tracked.go",
		before: ` && float64(t.body.got.Load()) < slowBytes*took.Seconds()`, after: ``,
		noticedBy: "TestFastSendersKeepTheirPlace",
	},
	{
		removed: "place that an answered request gives back", file: "server/places.go",
		before: `	t.place.giveBack()`, after: ``,
		noticedBy: "TestRequestsWaitForAPlace",
	},

	// Times and sizes.
	{
		removed: "time limit of headers", file: "server/http.go",
		before: `headerWithin   = 5 * time.Second`, after: `headerWithin   = 0 * time.Second`,
		noticedBy: timesOfTheServer,
	},
	{
		removed: "time limit of silence", file: "server/http.go",
		before: `idleFor        = 60 * time.Second`, after: `idleFor        = 0 * time.Second`,
		noticedBy: timesOfTheServer,
	},
	{
		removed: "time limit of HTTP/2 clients that take nothing", file: "server/http.go",
		before: `, WriteByteTimeout: takesWithin`, after: ``,
		noticedBy: timesOfTheServer,
	},
	{
		removed: "bound of HTTP/2 streams", file: "server/http.go",
		before: `maxStreams  = 250`, after: `maxStreams  = 1 << 20`,
		noticedBy: "TestHTTP2SettingsAreBounds",
	},
	{
		removed: "largest header", file: "server/http.go",
		before: `maxHeaderBytes = 64 << 10`, after: `maxHeaderBytes = 1 << 20`,
		noticedBy: "TestHTTP2SettingsAreBounds",
	},
	{
		removed: "time limit of bodies to own paths", file: "server/routes.go",
		before: `claimed(mux, arriving(ownBodyWithin, mux), `, after: `claimed(mux, mux, `,
		noticedBy: "TestSlowBodiesOfOwnPaths",
	},
	{
		removed: "time limit of bodies where there is no application", file: "server/routes.go",
		before: `return arriving(ownBodyWithin, mux)`, after: `return mux`,
		noticedBy: "TestSlowBodiesOfTheDashboard",
	},
	{
		removed: "time limit of the rest of a body", file: "server/body.go",
		before: `restWithin = time.Second`, after: `restWithin = time.Hour`,
		noticedBy: "TestRestOfABodyIsNoRequest",
	},
	{
		removed: "its start before the answer", file: "server/body.go",
		before: `	b.arriveWithin(restWithin)`, after: ``,
		noticedBy: "TestTooManyRealRequests",
	},
	{
		removed: "time limit of idle connections to the application", file: "server/transport.go",
		before: `IdleConnTimeout:       1500 * time.Millisecond,`, after: ``,
		noticedBy: "TestTimesOfTheApplication",
	},
	{
		removed: "time limit of TLS with the application", file: "server/transport.go",
		before: `TLSHandshakeTimeout:   5 * time.Second,`, after: ``,
		noticedBy: "TestTimesOfTheApplication",
	},
	{
		removed: "time limit of the application's word to go on", file: "server/transport.go",
		before: `ExpectContinueTimeout: time.Second,`, after: ``,
		noticedBy: "TestTimesOfTheApplication",
	},
	{
		removed: "longest time that bytes of a response wait", file: "server/proxy.go",
		before: `FlushInterval:  flushInterval,`, after: `FlushInterval:  0 * flushInterval,`,
		noticedBy: "TestSlowResponseOfKnownLength",
	},
	{
		removed: "bound of figures for Prometheus", file: "server/metrics.go",
		before: `if m.count.Load() >= maxSeries {`, after: `if false {`,
		noticedBy: "TestSeriesAreBounded",
	},

	// The end.
	{
		removed: "time limit of requests when the server stops", file: "server/stop.go",
		before: `s.drain(ctx, by(drainShare), connections)`, after: `s.drain(ctx, by(1000*drainShare), connections)`,
		noticedBy: "TestStopCutsOffWhatDoesNotEnd",
	},
	{
		removed: "time limit of the command when the server stops", file: "server/stop.go",
		before: `s.stopCommand(ctx, by(commandShare), sig)`, after: `s.stopCommand(ctx, by(1000*commandShare), sig)`,
		noticedBy: "TestCommandThatIgnoresTERMIsKilled",
	},
	{
		removed: "time limit of connections when the server stops", file: "server/stop.go",
		before: `context.WithDeadline(ctx, by(closeShare))`, after: `context.WithDeadline(ctx, by(1000*closeShare))`,
		noticedBy: "TestStopDoesNotWaitForWhoHearsNothing",
	},
	{
		removed: "time limit of writing when the server stops", file: "server/stop.go",
		before: `context.WithDeadline(ctx, by(flushShare))`, after: `context.WithDeadline(ctx, by(1000*flushShare))`,
		noticedBy: "TestTimeToStop",
	},
	{
		removed: "time limit of silent connections when the server stops", file: "server/stop.go",
		before: `time.AfterFunc(silentFor, s.clients.closeFresh)`, after: `time.AfterFunc(1000*silentFor, s.clients.closeFresh)`,
		noticedBy: "TestStopDoesNotWaitForSilentConnections",
	},
	{
		removed: "end of streams when the server stops", file: "server/stop.go",
		before: `s.endStreams(errStopping)`, after: `_ = errStopping`,
		noticedBy: "TestStopEndsStreams",
	},
	{
		removed: "second signal that stops at once", file: "server/stop.go",
		before: "		case <-s.hurry:\n			cancel()\n", after: "		case <-s.hurry:\n",
		noticedBy: "TestSecondSignalKillsAtOnce",
	},
	{
		removed: "default of the time to stop", file: "server/server.go",
		before: `DefaultGrace          = 10 * time.Second`, after: `DefaultGrace          = 10 * time.Hour`,
		noticedBy: "TestTimeToStop",
	},
	{
		removed: "time limit of a command that does not answer", file: "server/lifecycle.go",
		before: `context.WithTimeout(ctx, s.opts.CommandTimeout)`, after: `context.WithCancel(ctx)`,
		noticedBy: "TestCommandNeverAnswers",
	},
	{
		removed: "end of what it leaves behind to process 1", file: "server/process_unix.go",
		before: `		reapGroup(p)`, after: ``,
		noticedBy: "TestOrphansAreReaped",
	},
	{
		removed: "end of what a command leaves behind", file: "server/command.go",
		before:    "		endGroup(ctx, c.cmd.Process)\n	case <-ctx.Done():\n		killGroup(c.cmd.Process)\n",
		after:     "	case <-ctx.Done():\n		_ = c.cmd.Process.Kill()\n",
		noticedBy: "TestWholeGroupIsStopped",
	},
}
