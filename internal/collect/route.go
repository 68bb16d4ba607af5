package collect

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/appmetrics/appmetrics/internal/metric"
)

// routeNode is a tree of configured patterns by segment.
type routeNode struct {
	literal map[string]*routeNode
	any     *routeNode
	pattern string // of the route that ends here
	rest    string // of the route that takes all that follows
}

// add puts a pattern into the tree.
func (n *routeNode) add(pattern string) error {
	if err := checkPattern(pattern); err != nil {
		return fmt.Errorf("route %q: %w", pattern, err)
	}
	segments := strings.Split(pattern[1:], "/")
	for i, s := range segments {
		isLast := i == len(segments)-1
		switch {
		case isLast && s == "{$}":
			n = n.child("")
		case isLast && (s == "" && i > 0 || strings.HasSuffix(s, "...}")):
			n.rest = pattern
			return nil
		case strings.HasPrefix(s, "{"):
			if n.any == nil {
				n.any = &routeNode{}
			}
			n = n.any
		default:
			n = n.child(s)
		}
	}
	n.pattern = pattern
	return nil
}

func (n *routeNode) child(s string) *routeNode {
	if n.literal == nil {
		n.literal = map[string]*routeNode{}
	}
	if n.literal[s] == nil {
		n.literal[s] = &routeNode{}
	}
	return n.literal[s]
}

// match returns the most specific pattern that fits, or "".
func (n *routeNode) match(segments []string) string {
	if len(segments) == 0 {
		return n.pattern
	}
	head, tail := segments[0], segments[1:]
	if next := n.literal[head]; next != nil {
		if p := next.match(tail); p != "" {
			return p
		}
	}
	if n.any != nil && head != "" {
		if p := n.any.match(tail); p != "" {
			return p
		}
	}
	return n.rest
}

func checkPattern(pattern string) error {
	switch {
	case !strings.HasPrefix(pattern, "/"):
		return errors.New("must begin with a slash")
	case utf8.RuneCountInString(pattern) > metric.MaxEndpoint:
		return fmt.Errorf("at most %d characters", metric.MaxEndpoint)
	case !isPrintable(pattern) || strings.ContainsAny(pattern, "?#%"):
		return errors.New("must be printable, without %, query and fragment")
	case strings.Contains(pattern, "//"):
		return errors.New("has an empty segment")
	}
	segments := strings.Split(pattern[1:], "/")
	for i, s := range segments {
		if !strings.ContainsAny(s, "{}") {
			continue
		}
		name, isOpen := strings.CutPrefix(s, "{")
		name, isClosed := strings.CutSuffix(name, "}")
		short, isRest := strings.CutSuffix(name, "...")
		isLast := i == len(segments)-1
		if !isOpen || !isClosed || short == "" || strings.ContainsAny(short, "{}") || isRest && !isLast || name == "$" && !isLast {
			return fmt.Errorf("segment %q must be {name}, or at the end {name...} or {$}", s)
		}
	}
	return nil
}
