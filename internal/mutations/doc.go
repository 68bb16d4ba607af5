// Package mutations proves that the tests hold what durability rests on: it
// takes out each sync, lock, retry and bound of the program, one at a time, and
// a test must fail. It has no code of its own. What is taken out is in tables,
// one for each package; that these still fit the sources is checked with the
// other tests, the mutations are run with the build tag proof, by `make
// proof-mutations`.
package mutations
