// Package threats attacks the real program: one file of tests for each row of
// the table in SECURITY.md, on both engines where the database matters. It holds
// tests alone, and refuses to know how the program works inside.
package threats
