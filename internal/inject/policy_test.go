package inject_test

import (
	"strings"
	"testing"

	"github.com/appmetrics/appmetrics/internal/inject"
)

func TestPolicies(t *testing.T) {
	t.Parallel()
	const (
		csp    = "Content-Security-Policy"
		report = "Content-Security-Policy-Report-Only"
		head   = "<!doctype html><html><head>"
	)
	const forbidden = "forbidden"
	for name, test := range map[string]struct {
		header []string
		meta   []string
		want   string // nonce, nothing, or forbidden
	}{
		"none":                    {},
		"about other things":      {header: []string{csp, "img-src 'none'; style-src 'self'; ; frame-ancestors 'none'; upgrade-insecure-requests"}},
		"self":                    {header: []string{csp, "default-src 'none'; script-src 'self'; connect-src 'self'"}},
		"self by default":         {header: []string{csp, "default-src 'self'"}},
		"capitals":                {header: []string{csp, "Default-Src 'SELF'"}},
		"anything":                {header: []string{csp, "default-src *"}},
		"scripts by element":      {header: []string{csp, "default-src 'self'; script-src 'none'; script-src-elem 'self'"}},
		"not by element":          {header: []string{csp, "default-src 'self'; script-src-elem 'none'"}, want: forbidden},
		"first directive counts":  {header: []string{csp, "script-src 'none'; script-src 'self'"}, want: forbidden},
		"nothing":                 {header: []string{csp, "default-src 'none'"}, want: forbidden},
		"empty list":              {header: []string{csp, "script-src"}, want: forbidden},
		"inline only":             {header: []string{csp, "script-src 'unsafe-inline' 'unsafe-eval'"}, want: forbidden},
		"hash only":               {header: []string{csp, "script-src 'sha256-AAAA'"}, want: forbidden},
		"other site":              {header: []string{csp, "script-src https://cdn.example"}, want: forbidden},
		"self of a directive":     {header: []string{csp, "script-src self"}, want: forbidden},
		"nonce":                   {header: []string{csp, "script-src 'nonce-aB3+/_-='"}, want: "aB3+/_-="},
		"nonce by default":        {header: []string{csp, "default-src 'nonce-x'; connect-src 'self'"}, want: "x"},
		"nonce, capitals":         {header: []string{csp, "script-src 'NONCE-Xy'"}, want: "Xy"},
		"self and nonce":          {header: []string{csp, "script-src 'self' 'nonce-x'"}},
		"nonce twice":             {header: []string{csp, "script-src 'nonce-x' 'nonce-x'"}, want: "x"},
		"two nonces":              {header: []string{csp, "script-src 'nonce-x' 'nonce-y'"}, want: forbidden},
		"self and two nonces":     {header: []string{csp, "script-src 'self' 'nonce-x' 'nonce-y'"}},
		"nonce with a quote":      {header: []string{csp, `script-src 'nonce-x"><b>'`}, want: forbidden},
		"strict-dynamic, nonce":   {header: []string{csp, "script-src 'self' 'strict-dynamic' 'nonce-x' https:"}, want: "x"},
		"strict-dynamic, hash":    {header: []string{csp, "script-src 'self' 'strict-dynamic' 'sha256-AAAA'"}, want: forbidden},
		"no connections":          {header: []string{csp, "default-src 'none'; script-src 'self'"}, want: forbidden},
		"connections elsewhere":   {header: []string{csp, "connect-src https://api.example"}, want: forbidden},
		"sandbox":                 {header: []string{csp, "sandbox"}, want: forbidden},
		"sandbox, no origin":      {header: []string{csp, "sandbox allow-scripts"}, want: forbidden},
		"sandbox, enough":         {header: []string{csp, "sandbox allow-forms allow-scripts allow-same-origin"}},
		"two headers":             {header: []string{csp, "script-src 'self'", csp, "script-src 'none'"}, want: forbidden},
		"two in a header":         {header: []string{csp, "script-src 'self', script-src 'nonce-x'"}, want: "x"},
		"two, same nonce":         {header: []string{csp, "script-src 'nonce-x'", csp, "default-src 'nonce-x'; connect-src *"}, want: "x"},
		"two, other nonces":       {header: []string{csp, "script-src 'nonce-x'", csp, "script-src 'nonce-y'"}, want: forbidden},
		"only reported":           {header: []string{report, "script-src 'none'"}, want: forbidden},
		"only reported, nonce":    {header: []string{report, "script-src 'nonce-x'"}, want: "x"},
		"checksums":               {header: []string{"Integrity-Policy", "blocked-destinations=(script)"}, want: forbidden},
		"checksums only reported": {header: []string{"Integrity-Policy-Report-Only", "blocked-destinations=(script)"}, want: forbidden},
		"checksums of styles":     {header: []string{"Integrity-Policy", "blocked-destinations=(style)"}},
		"meta self":               {meta: []string{"script-src 'self'"}},
		"meta nonce":              {meta: []string{"script-src 'nonce-x'"}, want: "x"},
		"meta forbids":            {meta: []string{"default-src 'none'"}, want: forbidden},
		"meta with a comma":       {meta: []string{"script-src 'self', 'unsafe-eval'"}, want: forbidden},
		"meta narrows":            {header: []string{csp, "script-src 'self'"}, meta: []string{"script-src 'nonce-x'"}, want: "x"},
		"meta with another nonce": {header: []string{csp, "script-src 'nonce-y'"}, meta: []string{"script-src 'nonce-x'"}, want: forbidden},
		"meta cannot widen":       {header: []string{csp, "script-src 'none'"}, meta: []string{"script-src 'self'"}, want: forbidden},
		"metas with other nonces": {meta: []string{"script-src 'nonce-x'", "script-src 'nonce-y'"}, want: forbidden},
		"metas with the same":     {meta: []string{"script-src 'nonce-x'", "script-src 'nonce-x' 'self' 'strict-dynamic'"}, want: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := head
			for _, text := range test.meta {
				page += `<meta http-equiv="Content-Security-Policy" content="` + text + `">`
			}
			page += "</head>"
			want, outcome := page, inject.Policy
			if test.want != forbidden {
				outcome = inject.Injected
				inserted := tag
				if test.want != "" {
					inserted = strings.Replace(tag, "></", ` nonce="`+test.want+`"></`, 1)
				}
				want = strings.Replace(page, "</head>", inserted+"</head>", 1)
			}
			for _, a := range []answer{known(page, test.header...), unknown(page, test.header...)} {
				if _, got, counted := ask(t, a); got != want || counted != outcome {
					t.Errorf("\n got %q, %s\nwant %q, %s", got, counted, want, outcome)
				}
			}
		})
	}
}
