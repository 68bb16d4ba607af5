package demo

import (
	"fmt"
	"math"
	"time"
)

// route is one endpoint of the demo application and how it behaves.
type route struct {
	method   string
	endpoint string
	weight   float64 // share of the traffic, relative to the others
	medianMS float64
	spread   float64 // sigma of the log-normal distribution of latencies
	refused  int     // the client error that it answers now and then
	page     bool    // whether opening it makes a page view
}

// routes is an order system: mostly reading, a few writes, one slow report.
func routes() []route {
	return []route{
		{"GET", "/", 9, 18, 0.4, 0, true},
		{"GET", "/orders", 14, 42, 0.5, 0, true},
		{"POST", "/orders", 4, 95, 0.5, 422, false},
		{"GET", "/orders/{id}", 12, 28, 0.5, 404, true},
		{"PUT", "/orders/{id}", 2, 80, 0.5, 409, false},
		{"DELETE", "/orders/{id}", 0.4, 60, 0.4, 404, false},
		{"GET", "/customers", 5, 55, 0.5, 0, true},
		{"GET", "/customers/{id}", 6, 31, 0.5, 404, true},
		{"GET", "/customers/{id}/orders", 3, 74, 0.6, 404, true},
		{"GET", "/products", 8, 38, 0.4, 0, true},
		{"GET", "/products/{id}", 7, 24, 0.4, 404, true},
		{"GET", "/search", 6, 160, 0.8, 400, true},
		{"GET", "/cart", 4, 20, 0.4, 0, true},
		{"POST", "/cart/items", 3, 33, 0.4, 422, false},
		{"DELETE", "/cart/items/{id}", 0.8, 26, 0.4, 404, false},
		{"POST", "/checkout", 1.6, 340, 0.6, 402, false},
		{"GET", "/invoices", 2, 66, 0.5, 0, true},
		{"GET", "/invoices/{id}", 2, 30, 0.5, 404, true},
		{"GET", "/invoices/{id}/pdf", 1, 420, 0.4, 404, false},
		{"GET", "/reports", 1.5, 120, 0.5, 403, true},
		{"GET", "/reports/{id}", 1, 1900, 0.45, 403, true},
		{"POST", "/reports/export", 0.4, 880, 0.5, 403, false},
		{"GET", "/notifications", 11, 9, 0.3, 0, false},
		{"GET", "/settings", 0.8, 22, 0.4, 0, true},
		{"PUT", "/settings", 0.4, 48, 0.4, 422, false},
		{"POST", "/login", 1.2, 210, 0.3, 401, false},
	}
}

// action is what a user does on a page.
type action struct {
	eventType string
	page      string
	element   string
	weight    float64
	failing   float64 // share that does not succeed
}

// actions are the things to do besides opening pages.
func actions() []action {
	return []action{
		{"button_click", "/orders", "new-order", 6, 0},
		{"button_click", "/orders", "filter-open", 9, 0},
		{"button_click", "/orders/{id}", "print", 2, 0},
		{"button_click", "/products", "add-to-cart", 8, 0},
		{"button_click", "/cart", "checkout", 3, 0},
		{"button_click", "/search", "next-page", 4, 0},
		{"form_submit", "/orders", "order-form", 3, 0.05},
		{"form_submit", "/cart", "payment-form", 1.6, 0.08},
		{"form_submit", "/settings", "profile-form", 0.5, 0.02},
		{"query_executed", "/search", "search-box", 6, 0.01},
		{"query_executed", "/reports", "run-query", 1.5, 0.04},
		{"model_invoked", "/reports", "forecast", 0.7, 0.03},
		{"data_source_selected", "/reports", "source-list", 1, 0},
		{"schema_detected", "/reports", "import", 0.3, 0.1},
		{"file_uploaded", "/customers", "import-csv", 0.4, 0.12},
		{"export_triggered", "/reports", "export", 0.6, 0.03},
		{"preference_changed", "/settings", "theme", 0.3, 0},
	}
}

// users are the people of the demo; the first ones are the busiest.
func users() []string {
	given := []string{"ana", "ben", "carla", "david", "elif", "femi", "greta", "hugo", "ines", "jonas"}
	family := []string{"almeida", "baker", "chen", "duarte", "eriksen", "fischer"}
	var all []string
	for _, f := range family {
		for _, g := range given {
			all = append(all, fmt.Sprintf("%s.%s@example.com", g, f))
		}
	}
	return all
}

// anonymous is the share of requests of nobody in particular.
const anonymous = 0.06

// peakPerHour is how many requests the busiest hour of a weekday brings.
const peakPerHour = 240

// requestsAt returns how many requests an hour are usual at t: office hours
// with a dip at noon, quiet nights, a third of it at weekends, and growth of a
// third over the 90 days before now.
func requestsAt(t, now time.Time) float64 {
	hour := float64(t.Hour()) + float64(t.Minute())/60
	bump := func(at, width float64) float64 { return math.Exp(-(hour - at) * (hour - at) / (2 * width * width)) }
	day := 0.08 + bump(10.5, 2) + bump(15, 2.2)*0.95
	if wd := t.Weekday(); wd == time.Saturday || wd == time.Sunday {
		day = 0.05 + 0.3*day
	}
	growth := 1 - 0.25*now.Sub(t).Hours()/(90*24)
	return peakPerHour / 1.15 * day * growth
}

// incident is when the payment service of the demo application was down.
type incident struct{ start, end time.Time }

func incidentBefore(now time.Time) incident {
	start := now.Truncate(time.Hour).Add(-23 * time.Hour)
	return incident{start, start.Add(100 * time.Minute)}
}

func (i incident) covers(t time.Time) bool { return !t.Before(i.start) && t.Before(i.end) }
