package server

import "time"

// AwaitContinue is how long the proxy waits for the application to ask for an
// announced body before it sends that unasked. Set it before any request.
func (s *Server) AwaitContinue(d time.Duration) {
	s.proxy.reverse.Transport.(*transport).plain.ExpectContinueTimeout = d
}
