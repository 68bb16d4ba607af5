package collect

import "time"

// Namer makes route names of request paths. It is safe for concurrent use.
type Namer struct{}

// NewNamer returns a namer that knows the given route patterns.
func NewNamer(routes []string) (*Namer, error) { return &Namer{}, nil }

// Name returns the endpoint of a path that was requested at the given time.
func (n *Namer) Name(path string, at time.Time) string { return path }
