package text

import "strings"

// markdownSpecial are the characters that may begin something in CommonMark or
// in GitHub's dialect of it: emphasis, code, links, HTML, tables, headings,
// lists, mentions, bare addresses.
const markdownSpecial = "`*_[]()#+!~^$:.@=\"'-"

// Markdown is THE sanitiser of untrusted text on its way into Markdown, inside
// a table or not: it passes through [Terminal] and every character that could
// begin markup is escaped.
func Markdown(s string) string {
	s = Terminal(s)
	var b strings.Builder
	b.Grow(len(s) + 8)
	for _, r := range s {
		switch {
		case r == '\\':
			// Not \\: before a pipe, dialects disagree on what it escapes.
			b.WriteString("&#92;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '|':
			b.WriteString(`\|`)
		case strings.ContainsRune(markdownSpecial, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// MarkdownCode is [Markdown] for names such as endpoints: a code span, which
// needs no escaping and reads well as plain text, wherever a name can stand in
// one unchanged; escaped text elsewhere.
func MarkdownCode(s string) string {
	s = Terminal(s)
	if s == "" || strings.ContainsAny(s, "`\\|") || strings.TrimSpace(s) != s {
		return Markdown(s)
	}
	return "`" + s + "`"
}
