// Package text turns values into what people read: numbers with units, changes
// with a sign, sparklines, round values and instants of axes, cells of a display
// width and the room of columns. It also owns the one sanitiser of each place
// that untrusted text goes to (terminal, CSV cell, Markdown, printed JSON). It
// knows neither metrics nor colours, and it never writes anywhere.
//
// All functions are pure and safe for concurrent use.
package text

// None stands where there is nothing to show: no data, nothing to compare with.
const None = "–"
