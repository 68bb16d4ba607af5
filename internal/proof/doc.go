// Package proof holds the proofs of durability: that nothing which was
// acknowledged is lost or stored twice, whatever ends the program, the database
// or the connection between them. They drive the real binary by its listening
// address and by signals, and refuse to know how it works inside. What is
// promised, and which proof holds it, is in docs/durability.md. It has no code of
// its own: a short version of each proof runs with the other tests, the long one
// with the build tag proof, by the make targets proof-….
package proof
