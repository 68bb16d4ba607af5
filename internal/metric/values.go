package metric

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// The documents of aggregated_metrics.aggregated_values, by kind.
type (
	performanceValues struct {
		Avg         float64       `json:"avg"`
		Min         float64       `json:"min"`
		Max         float64       `json:"max"`
		Count       int64         `json:"count"`
		Sum         float64       `json:"sum"`
		SumNS       int64         `json:"sum_ns"`
		P50         float64       `json:"p50"`
		P95         float64       `json:"p95"`
		P99         float64       `json:"p99"`
		ErrorCount  int64         `json:"error_count"`
		ErrorRate   float64       `json:"error_rate"`
		StatusCodes map[int]int64 `json:"status_codes"`
		UniqueUsers int64         `json:"unique_users"`
		Anonymous   int64         `json:"anonymous"`
	}
	usageValues struct {
		Count        int64            `json:"count"`
		UniqueUsers  int64            `json:"unique_users"`
		SuccessCount int64            `json:"success_count"`
		FailureCount int64            `json:"failure_count"`
		Anonymous    int64            `json:"anonymous"`
		Pages        map[string]int64 `json:"pages"`
	}
	errorValues struct {
		Count       int64     `json:"count"`
		UniqueUsers int64     `json:"unique_users"`
		Anonymous   int64     `json:"anonymous"`
		FirstSeen   time.Time `json:"first_seen,omitzero"`
		LastSeen    time.Time `json:"last_seen,omitzero"`
	}
	userValues struct {
		Count int64 `json:"count"`
	}
)

// Values returns the numbers of the rollup as the JSON object that the column
// aggregated_values holds. The sketches have columns of their own.
func (r *Rollup) Values() ([]byte, error) {
	switch r.Kind {
	case KindPerformance:
		return json.Marshal(performanceValues{
			Avg: r.AverageMS(), Min: r.MinMS, Max: r.MaxMS, Count: r.Count,
			Sum: float64(r.SumNS) / 1e6, SumNS: r.SumNS,
			P50: r.Percentile(0.50), P95: r.Percentile(0.95), P99: r.Percentile(0.99),
			ErrorCount: r.ErrorCount, ErrorRate: r.ErrorRate(), StatusCodes: orEmpty(r.StatusCodes),
			UniqueUsers: r.ActiveUsers(), Anonymous: r.Anonymous,
		})
	case KindUsage:
		pages := orEmpty(r.Pages)
		if r.PageName != "" {
			pages = map[string]int64{r.PageName: r.Count}
		}
		return json.Marshal(usageValues{
			Count: r.Count, UniqueUsers: r.ActiveUsers(), SuccessCount: r.SuccessCount,
			FailureCount: r.FailureCount, Anonymous: r.Anonymous, Pages: pages,
		})
	case KindError:
		return json.Marshal(errorValues{
			Count: r.Count, UniqueUsers: r.ActiveUsers(), Anonymous: r.Anonymous,
			FirstSeen: r.FirstSeen, LastSeen: r.LastSeen,
		})
	case KindUser:
		return json.Marshal(userValues{Count: r.Count})
	}
	return nil, fmt.Errorf("values of a rollup of kind %q: unknown kind", r.Kind)
}

func orEmpty[K comparable](counts map[K]int64) map[K]int64 {
	if counts == nil {
		return map[K]int64{}
	}
	return counts
}

// DecodeValues sets the numbers of the rollup from what the column
// aggregated_values holds: what Values wrote, or what another program did,
// which may be any part of it. Set the key, the sketches, and Count from the
// column sample_count, before: a count in the document wins over the column,
// and what the sketches do not hold is reconstructed from the document.
//
// It returns an error that names everything it could not read. All else is set
// nevertheless, so that one odd row need not spoil an answer.
func (r *Rollup) DecodeValues(b []byte) error {
	d, err := newDocument("aggregated_values", b)
	if err != nil {
		return err
	}
	r.Count = d.count(min(max(r.Count, 0), maxCount), "count")
	r.Anonymous = d.count(0, "anonymous")
	switch r.Kind {
	case KindPerformance:
		r.decodePerformance(d)
	case KindUsage:
		r.SuccessCount = d.count(0, "success_count")
		r.FailureCount = d.count(0, "failure_count")
		if r.PageName == "" {
			r.decodePages(d)
		}
	case KindError:
		r.FirstSeen, r.LastSeen = d.time("first_seen"), d.time("last_seen")
	case KindUser: // the count is all
	}
	r.OpaqueUsers = 0
	if users := d.count(0, "unique_users"); users > int64(r.Users.Count()) {
		r.OpaqueUsers = users
	}
	return d.err()
}

func (r *Rollup) decodePerformance(d *document) {
	r.SumNS = d.sumNS(r.Count)
	failed := r.decodeStatusCodes(d)
	if rate, ok := d.number("error_rate"); ok && failed == 0 {
		failed = int64(math.Round(min(rate, 1) * float64(r.Count)))
	}
	r.ErrorCount = min(d.count(failed, "error_count"), r.Count)

	least, hasLeast := d.number("min")
	most, hasMost := d.number("max")
	if r.Latency.Count() > 0 && hasLeast && hasMost && least <= most {
		r.MinMS, r.MaxMS = least, most
		return
	}
	known := d.anchors(r.AverageMS())
	r.MinMS, r.MaxMS = known.min(), known.max()
	if r.Latency.Count() == 0 {
		r.Latency = known.histogram(r.Count)
	}
}

// decodeStatusCodes returns how many of the requests failed by their status.
func (r *Rollup) decodeStatusCodes(d *document) (failed int64) {
	r.StatusCodes = nil
	d.counts(func(name string, n int64) {
		code, err := strconv.Atoi(name)
		if err != nil {
			d.bad(member{"status_codes", name}, "status codes as keys")
			return
		}
		if r.StatusCodes == nil {
			r.StatusCodes = make(map[int]int64)
		}
		r.StatusCodes[code] = AddCounts(r.StatusCodes[code], n)
		if code >= 400 {
			failed = AddCounts(failed, n)
		}
	}, "status_codes", "status_code_distribution")
	return failed
}

func (r *Rollup) decodePages(d *document) {
	r.Pages = nil
	d.counts(func(page string, n int64) {
		if r.Pages == nil {
			r.Pages = make(map[string]int64)
		}
		r.Pages[page] = n
	}, "pages", "page_counts")
}
