// Package mutations proves that the tests hold what durability rests on: it
// takes out each sync, lock, retry and bound of the program, one at a time, and
// a test must fail. It has no code of its own. What is taken out is in tables,
// one for each package; that these still fit the sources is checked with the
// other tests, the mutations are run with the build tag proof, by `make
// proof-mutations`.
//
// Not in the tables, because no test can hold it:
//
//   - mutexes: what they prevent is luck without the race detector, with which
//     `make test` runs
//   - that the operating system's own sync of a file or directory is called: a
//     process cannot see what is on the disk; whatever stands above that call is
//     held on a simulated disk
//   - TCP keepalives, and the time limit of dialling the application: they need
//     a machine that falls silent
//   - what changes only how long something takes, or how much memory it needs
//     for a while: pauses between two looks, the larger parts of copies where
//     rows are searched for, the wait for connections that close, blocks and
//     buffers that are kept for use again, the cache of SQLite
//
// Not in them either, because something else does the same:
//
//   - the one order in which ids are written: a deadlock is tried again
//   - the largest record of the spool as its reader sees it: no frame reaches
//     over the end of its segment
//   - the bounds of the decoder of the spool's records: its types have no more
//     levels than it allows, and its default of elements is the smaller one
//   - the bound of bytes that the API reads: the decoder of bodies has the same
//   - the bound of depth of a body that is no UTF-8: the decoder has one too
//   - the bytes that are read of the rest of a body: it has a second to come
//   - the time that a client has to hear the answer to a body that was not read,
//     and its end: net/http closes such connections in two steps as well
//   - the compressed bytes that are kept of a page: its head is bounded
package mutations
