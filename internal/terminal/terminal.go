// Package terminal drives the real program in a real terminal: keys in, screen
// out. It holds tests alone, and refuses to know how the program works inside.
package terminal
