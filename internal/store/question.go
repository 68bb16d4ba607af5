package store

import "github.com/appmetrics/appmetrics/internal/metric"

// Dims are the dimensions by which an answer is grouped. Dimensions that a
// kind of rollup does not have stay empty in its keys.
type Dims uint16

// Dimensions. ByHour wins over ByDay.
const (
	ByHour Dims = 1 << iota
	ByDay
	ByApp
	ByEndpoint
	ByMethod
	ByEventType
	ByPage
	ByElement
	ByErrorType
)

// Question asks for rollups of some kinds over a range. A filter that is empty
// lets everything through, and so does a filter on a dimension that a kind
// does not have.
type Question struct {
	Kinds []metric.Kind
	Range metric.Range

	// App is one app's name, or empty for every app but [metric.SelfApp].
	App string

	Endpoint, Method, EventType, PageName string

	By Dims
}
