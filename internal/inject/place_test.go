package inject_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/net/html"

	"github.com/appmetrics/appmetrics/internal/inject"
)

// places are documents; § is where the tag belongs. Those without one are left
// alone, for the reason given.
func places() map[string]struct {
	page string
	want inject.Outcome
} {
	type place = struct {
		page string
		want inject.Outcome
	}
	return map[string]place{
		"usual":                     {"<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n<title>Shop</title>\n§</head>\n<body>x</body></html>\n", 0},
		"smallest":                  {"<!doctype html>§<p>x", 0},
		"no doctype":                {"<html><head>§</head><body></body></html>", 0},
		"head only":                 {"<head><title>x</title>§</head><body>", 0},
		"no head":                   {"<html>\n§<body>x</body></html>", 0},
		"no head, title":            {"<!doctype html><title>x</title>\n§<h1>x</h1>", 0},
		"text at once":              {"<!doctype html>\n §x", 0},
		"character reference":       {"<!doctype html>§&nbsp;", 0},
		"capitals":                  {"<!DOCTYPE HTML><HTML><HEAD><TITLE>X</TITLE>§</HEAD><BODY>", 0},
		"byte order mark":           {"\ufeff<!doctype html><html><head>§</head>", 0},
		"XML declaration":           {"<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd'>\n<html xmlns='http://www.w3.org/1999/xhtml'><head><title/></title><meta name='a' content='b' />§</head>", 0},
		"comments first":            {"<!-- <html><body> -->\n<!--> <!doctype html><!-- </head> --><html><!-- <body> --><head>§</head>", 0},
		"conditional comments":      {"<!doctype html><!--[if IE]><html class=ie><![endif]--><!--[if !IE]><!--><html class=x><!--<![endif]--><head>§</head>", 0},
		"bogus comments":            {"<!doctype html><![if !IE]></ head><!x><html><head>§</head>", 0},
		"comment that ends oddly":   {"<!doctype html><!-- a --!><head>§</head>", 0},
		"odd attributes":            {"<!doctype html><html data-a='</head>' b=\"<body>\" c=<body d><head e='>' f>§</head>", 0},
		"script":                    {"<!doctype html><head><script>document.write('</head><body>')</script>§</head>", 0},
		"script with a comment":     {"<!doctype html><head><script><!-- <script></script></head> --></script>§</head>", 0},
		"script that is odd":        {"<!doctype html><head><script/>'</head>'</script x>§</head>", 0},
		"script from elsewhere":     {"<!doctype html><head><script src=/app.js async></script>§</head>", 0},
		"style":                     {"<!doctype html><head><style>p:after{content:'</head><!--'}</style>§</head>", 0},
		"title":                     {"<!doctype html><head><title></head><body> &lt; <!-- </title>§</head>", 0},
		"links":                     {"<!doctype html><head><link rel=icon href=x><base target=_top><bgsound><basefont>§</head>", 0},
		"noscript":                  {"<!doctype html><head><link>§<noscript><img></noscript></head>", 0},
		"template":                  {"<!doctype html><head><meta>§<template></head><body></template></head>", 0},
		"noframes":                  {"<!doctype html><head>§<noframes></head></noframes></head>", 0},
		"frames":                    {"<html>§<frameset cols=*><frame src=x></frameset></html>", 0},
		"frames, head":              {"<html><head>§</head><frameset cols=*></frameset></html>", 0},
		"object in the head":        {"<!doctype html><head><meta>§<object></object></head>", 0},
		"svg":                       {"<!doctype html>§<svg><title></head></title></svg>", 0},
		"heads":                     {"<!doctype html><head><head id=2><html id=3>§</head>", 0},
		"stray end tags":            {"<!doctype html></p></title></script><html></div><head></meta>§</head>", 0},
		"end of the body":           {"<!doctype html>§</body>", 0},
		"end of the document":       {"<!doctype html>§</html>", 0},
		"line break of old":         {"<!doctype html>§</br>", 0},
		"tracker in a comment":      {"<!doctype html><head><!-- " + tag + " -->§</head>", 0},
		"tracker in the body":       {"<!doctype html><head>§</head><body>" + tag, 0},
		"tracker of another site":   {"<!doctype html><head><script src=/metrics/tracker.js.old></script>§</head>", 0},
		"base of the same site":     {"<!doctype html><head><base href=/shop/>§</head>", 0},
		"base, the same host":       {"<!doctype html><head><base href='https://SHOP.example/a/'>§</head>", 0},
		"meta of old":               {"<!doctype html><head><meta http-equiv=Content-Type content='text/html; charset=ISO-8859-1'>§</head>", 0},
		"meta, UTF-16":              {"<!doctype html><head><meta charset=utf-16>§</head>", 0},
		"NUL":                       {"<!doctype html>§\x00<head>", 0},
		"meta policy":               {"<!doctype html><head><meta http-equiv=content-security-policy content=\"script-src &#39;self&#39;\">§</head>", 0},
		"meta policy in a template": {"<!doctype html><head>§<template><meta http-equiv=content-security-policy content=\"script-src 'none'\"></template>", 0},

		"nothing":                {"", -1},
		"white space":            {" \n", inject.Fragment},
		"text":                   {"ok", inject.Fragment},
		"part":                   {"<div>x</div>", inject.Fragment},
		"part with a title":      {"<title>x</title><div>x</div>", inject.Fragment},
		"part with a comment":    {"<!-- x --><li>x", inject.Fragment},
		"part with a body":       {"<body>x</body>", inject.Fragment},
		"html within":            {"<textarea><!doctype html><head></head>", inject.Fragment},
		"JSON":                   {`{"a":"<html>"}`, inject.Fragment},
		"header element":         {"<header><head></header>", inject.Fragment},
		"present":                {"<!doctype html><head>" + tag + "</head>", inject.Present},
		"present, own options":   {"<!doctype html><head><link><script data-clicks=false SRC='/metrics/tracker.js?v=1' async></script></head>", inject.Present},
		"present, absolute":      {"<!doctype html><head><script src=https://shop.example/metrics/tracker.js></script></head>", inject.Present},
		"present, not by path":   {"<!doctype html><head><script src='/metrics&#x2f;tracker.js'></script></head>", inject.Present},
		"base of another site":   {"<!doctype html><head><base href='https://cdn.example/'></head>", inject.Base},
		"base without a scheme":  {"<!doctype html><head><base href='//cdn.example/'></head>", inject.Base},
		"base with backslashes":  {"<!doctype html><head><base href='\\\\cdn.example\\'></head>", inject.Base},
		"base with many slashes": {"<!doctype html><head><base href='///cdn.example/'></head>", inject.Base},
		"base, empty host":       {"<!doctype html><head><base href='http:///cdn.example/'></head>", inject.Base},
		"base, one slash":        {"<!doctype html><head><base href='https:/cdn.example/'></head>", inject.Base},
		"base with a tab":        {"<!doctype html><head><base href='/\t/cdn.example/'></head>", inject.Base},
		"base, odd":              {"<!doctype html><head><base href='data:x'></head>", inject.Base},
		"meta policy forbids":    {"<!doctype html><head><meta http-equiv=content-security-policy content=\"script-src 'none'\"></head>", inject.Policy},
		"meta charset":           {"<!doctype html><head><meta charset=iso-2022-jp></head>", inject.Charset},
		"meta charset of old":    {"<!doctype html><head><meta http-equiv=Content-Type content='text/html;charset=\"iso-2022-kr\"'></head>", inject.Charset},
		"another alphabet":       {"<!doctype html><head><title>\x1b$B<head>\x1b(B</title></head>", inject.Charset},
		"UTF-16":                 {"\xff\xfe<\x00!\x00d\x00", inject.Fragment},
		"ends in the head":       {"<!doctype html><head><title>x</title>", inject.Malformed},
		"ends in a title":        {"<!doctype html><title>x", inject.Malformed},
		"ends in a script":       {"<!doctype html><head><script><!-- <script> </script></head><body>", inject.Malformed},
		"ends in a comment":      {"<!doctype html><head><!-- </head><body>", inject.Malformed},
		"ends in a tag":          {"<!doctype html><head><meta content='</head><body>", inject.Malformed},
		"ends in the first tag":  {"<!doctype htm", inject.Malformed},
		"ends in the first of a": {"<html", inject.Fragment},
	}
}

func TestPlaceOfTheTag(t *testing.T) {
	t.Parallel()
	for name, test := range places() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, want := strings.ReplaceAll(test.page, "§", ""), strings.ReplaceAll(test.page, "§", tag)
			check := func(how string, a answer) {
				t.Helper()
				a.header.Set("X-Application", "kept")
				res, got, outcome := ask(t, a)
				if page == "" && a.length != 0 {
					outcome = -1 // only who reads it sees that it is empty
				}
				if got != want || outcome != test.want {
					t.Fatalf("%s:\n got %q, %d\nwant %q, %d", how, got, outcome, want, test.want)
				}
				if res.ContentLength >= 0 && res.ContentLength != int64(len(got)) {
					t.Fatalf("%s: got length %d of %d bytes", how, res.ContentLength, len(got))
				}
			}
			for n := range len(page) {
				a := known(page)
				a.body = &splitReader{page[:n], page[n:]}
				check(fmt.Sprint("known, split at ", n), a)
				a = unknown(page)
				a.body = &splitReader{page[:n], page[n:]}
				check(fmt.Sprint("unknown, split at ", n), a)
			}
			a := unknown(page)
			a.body = iotest.OneByteReader(a.body)
			check("byte by byte", a)
			a = unknown(page)
			a.body = iotest.DataErrReader(a.body)
			check("end with the data", a)
			if want != page {
				sameDocument(t, page, want)
			}
		})
	}
}

// sameDocument fails the test unless a browser builds the same document with the tag as
// without it, but for the tag itself, which is in the head.
func sameDocument(t testing.TB, without, with string) {
	t.Helper()
	const mark = "\ufeff" // which the parser gets after decoding, and so without it
	plain, tagged := parsed(t, strings.TrimPrefix(without, mark)), parsed(t, strings.TrimPrefix(with, mark))
	found := 0
	for n := range tagged.Descendants() {
		if n.Data != "script" || n.FirstChild != nil || len(n.Attr) != 2 || n.Attr[0].Key != "defer" || n.Attr[1].Key != "src" || n.Attr[1].Val != script {
			continue
		}
		if n.Parent.Data != "head" {
			continue
		}
		found++
		n.Parent.RemoveChild(n)
		break
	}
	if got, want := rendered(t, tagged), rendered(t, plain); found != 1 || got != want {
		t.Errorf("the document changed (%d tags found)\n got %s\nwant %s", found, got, want)
	}
}

func parsed(t testing.TB, text string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func rendered(t testing.TB, n *html.Node) string {
	t.Helper()
	var out bytes.Buffer
	if err := html.Render(&out, n); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The tag never waits for more than the bound, wherever that leaves it.
func TestLongHeads(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200<<10)
	for name, test := range map[string]struct {
		page string
		want inject.Outcome
	}{
		"style":         {"<!doctype html><head><title>x</title>§<style>" + long + "</style></head>", 0},
		"script":        {"<!doctype html><head><meta>§<script>'</head>" + long + "</script></head>", 0},
		"title":         {"<!doctype html><head>§<title>" + long + "</title></head>", 0},
		"comment":       {"<!doctype html><head>§<!-- " + long + "--></head>", 0},
		"attribute":     {"<!doctype html><head>§<link href='" + long + "'></head>", 0},
		"white space":   {"<!doctype html><head>" + strings.Repeat(" ", 64<<10) + "§" + strings.Repeat(" ", 9) + "</head>", 0},
		"text":          {"<!doctype html>§" + long, 0},
		"end tag":       {"<!doctype html><head><script>x</script " + long + "></head>", inject.Malformed},
		"comment first": {"<!-- " + long + "--><!doctype html><head></head>", inject.Fragment},
		"text at first": {long, inject.Fragment},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, want := strings.ReplaceAll(test.page, "§", ""), strings.ReplaceAll(test.page, "§", tag)
			for _, a := range []answer{known(page), unknown(page)} {
				_, got, outcome := ask(t, a)
				if got != want || outcome != test.want {
					t.Errorf("got the tag at %d, %s; want at %d", strings.Index(got, tag), outcome, strings.Index(want, tag))
				}
			}
			if page != want {
				sameDocument(t, page, want)
			}
		})
	}
	var links strings.Builder
	links.WriteString("<!doctype html><head>")
	for links.Len() < 64<<10 {
		links.WriteString("<script>1</script>\n")
	}
	page := links.String() + "<link><script></script></head>"
	_, got, _ := ask(t, known(page))
	if n := strings.Index(got, tag); n < 64<<10 || n > 65<<10 {
		t.Errorf("got the tag at %d", n)
	}
	sameDocument(t, page, got)
}
