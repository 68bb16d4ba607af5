// Package acceptance holds the proofs of the main jobs, against programs that
// this project did not write. PocketBase is started behind `appmetrics serve`,
// ten thousand requests of a known mix go through it, and the report must say
// exactly what was sent. The example of docs/proxy.md is started with
// oauth2-proxy, and only administrators must get in. It has no code of its own
// and runs by `make acceptance`.
package acceptance
