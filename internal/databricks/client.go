package databricks

import (
	"time"

	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/httpclient"
)

// newClient returns a client that makes each call once and answers with what
// came of it. Retrying is the callers' business, who know what waits on them.
//
// The SDK has no switch for that: it retries 429, 503 and, by matching error
// texts, refused and reset connections and timeouts; a predicate of ours is
// asked only about the rest, and RetryTimeoutSeconds counts in whole seconds,
// 0 being five minutes. But the limit below that setting is a duration, looked
// at after an attempt and before the pause that precedes the next, which is
// never shorter than a second: with one nanosecond the first failure is the
// answer, at once and unchanged. An attempt itself is not cut by it.
func newClient(cfg *config.Config) (*client.DatabricksClient, error) {
	settings, err := config.HTTPClientConfigFromConfig(cfg)
	if err != nil {
		return nil, err
	}
	settings.RetryTimeout = time.Nanosecond
	return client.NewWithClient(cfg, httpclient.NewApiClient(settings))
}

// inactivity is the SDK's own limit, in its unit, for a call that we end after
// timeout: longer, so that it is ours that is met, and never 0, which would
// mean a minute.
func inactivity(timeout time.Duration) int {
	return int(timeout/time.Second) + 1
}
