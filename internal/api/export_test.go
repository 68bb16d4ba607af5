package api

import (
	"net/http"
	"time"
)

// TimeoutOf returns how long a client waits for an answer.
func TimeoutOf(c *Client) time.Duration { return c.remote.Client.(*http.Client).Timeout }
