// Package acceptance holds the proof of the main job: a real application that
// this project did not write (PocketBase) is started behind `appmetrics serve`,
// ten thousand requests of a known mix go through it, and the report must say
// exactly what was sent. It has no code of its own and runs by
// `make acceptance`.
package acceptance
