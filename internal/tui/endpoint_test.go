package tui

import (
	"fmt"
	"testing"
)

// openEndpoint shows the view of one endpoint.
func openEndpoint(d *driver, name endpointName, state string) {
	d.current = 1
	d.endpoints().opened = newEndpoint(name)
	d.send(tickMsg{})
	if state != slow {
		d.run()
	}
}

var orders = endpointName{"GET", "/orders/{id}"}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, state := range []string{filled, empty, slow, broken} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s_%dx%d", state, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				d := drive(t, state, size[0], size[1])
				openEndpoint(d, orders, state)
				golden(t, "endpoint", state, d)
			})
		}
	}
}
