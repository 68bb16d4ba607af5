package threats

import (
	"net/http"
	"strings"
	"testing"
)

// canaries are what addresses of real applications hold of persons and of their
// keys, each of them unmistakable.
var canaries = map[string]string{
	"e-mail":         "canary.person@example.com",
	"escaped e-mail": "canary.other%40example.com",
	"token":          "cnryTok3n9XvB2qLw8ZrT5yH",
	"session":        "6f9619ffcnry8b86d011b42d00c04fc964ff",
	"JWT":            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjbnJ5IiwibmFtZSI6IkNhbmFyeSJ9.c2lnbmF0dXJlLW9mLWNhbmFyeQ",
	"UUID":           "c0ffee00-dead-4bad-8000-00000ca4a417",
	"number":         "9081726354",
	"card":           "4929-1300-8817-2205",
	"phone":          "+49-170-55512345",
}

// Whatever stands in an address, the parts of it that may be about a person are
// stored nowhere: not in the database, its file or its log, not in the spool,
// and not in what the program says, at its most talkative.
func TestPersonalDataOfAddressesIsNowhere(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, engine string) {
		s := install(t, engine, "APPMETRICS_UPSTREAM="+application(t))
		s.serve()
		release := s.holdWrites()
		for _, canary := range canaries {
			for _, address := range []string{
				"/people/" + canary + "/orders",
				"/" + canary,
				"/search?q=" + canary + "&" + canary + "=1",
				"/search?next=/people/" + canary + "#" + canary,
				"/deep//" + canary + ".pdf",
				"/people;mail=" + canary + "/orders",
				"/people/" + strings.ReplaceAll(canary, "%", "%25") + "%2Forders",
			} {
				header := []string{"Referer", "https://shop.example/people/" + canary + "?mail=" + canary, "Cookie", "session=" + canary}
				s.ask(http.MethodGet, strings.ReplaceAll(address, "#", "%23"), nil, header...).must(t, http.StatusOK)
				for _, spelling := range []string{address, "https://shop.example" + address} {
					s.post(requests, requestsOf(request(spelling)), header...).must(t, http.StatusAccepted)
					s.post(usageEvents, event("page_name", spelling), header...).must(t, http.StatusAccepted)
				}
			}
			// Refused, and so in nobody's interest.
			s.post(usageEvents, event("event_type", canary, "page_name", "/"+canary)).must(t, http.StatusBadRequest)
			s.post(requests, requestsOf(request("/"+canary, "status_code_", 1, "timestamp_", canary))+"x").must(t, http.StatusBadRequest)
			s.ask(http.MethodGet, api+"/requests?user_id="+canary+"&nonsense="+canary, nil).must(t, http.StatusBadRequest)
			s.ask(http.MethodGet, api+"/performance?endpoint=/people/"+canary, nil, "Host", "evil.example").must(t, http.StatusForbidden)
			for _, address := range []string{api + "/" + canary, usageEvents + "/" + canary, usageEvents + "?" + canary} {
				s.post(address, event(), "Origin", "https://evil.example").must(t, http.StatusForbidden)
			}
		}
		s.ask(http.MethodGet, "/last/of/all", nil).must(t, http.StatusOK)
		spool := s.spooled("/last/of/all")
		if !strings.Contains(spool, "/people/{id}/orders") {
			t.Errorf("the spool holds nothing of the requests: %d bytes", len(spool))
		}
		missing(t, "the spool", spool, canaries)
		release()
		s.stop()
		endpoints := strings.Join(s.column("SELECT DISTINCT endpoint FROM performance_metrics ORDER BY 1"), "\n")
		if !strings.Contains(endpoints, "/people/{id}/orders") || !strings.Contains(endpoints, "/search") {
			t.Fatalf("nothing is stored, the test proves nothing: %s", endpoints)
		}
		nowhere(t, s, canaries)
	})
}

// nowhere fails for each canary that the site has written anywhere.
func nowhere(t *testing.T, s *site, canaries map[string]string) {
	t.Helper()
	for where, text := range s.everywhere() {
		missing(t, where, text, canaries)
	}
}

// missing fails for each canary that is in a text, in any spelling.
func missing(t *testing.T, where, text string, canaries map[string]string) {
	t.Helper()
	folded := strings.ToLower(text)
	for name, canary := range canaries {
		for _, spelling := range []string{canary, strings.ReplaceAll(canary, "%40", "@"), strings.ReplaceAll(canary, "@", "%40")} {
			if i := strings.Index(folded, strings.ToLower(spelling)); i >= 0 {
				t.Errorf("%s: the %s is there: %q", where, name, text[max(0, i-60):min(len(text), i+80)])
				break
			}
		}
	}
}
