package collect

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	idName = "{id}"

	// longestWord is the length beyond which a segment is taken for a token.
	longestWord = 100

	// longestNumber is how many digits in a row a word may have: "utf8",
	// "report-2024", but not "order-12345".
	longestNumber = 4
)

// segmentName returns {id} for a segment that names a thing rather than a kind
// of things, {id} with the extension for a file of such a name, and any other
// segment as it is.
func segmentName(s string) string {
	if s == "" || strings.HasPrefix(s, "{") && isPlaceholder(s) {
		return s
	}
	if strings.IndexByte(s, '@') > 0 && isID(s) { // before "com" is taken for a kind of file
		return idName
	}
	if dot := strings.LastIndexByte(s, '.'); dot > 0 && isExtension(s[dot+1:]) && isID(s[:dot]) {
		return idName + s[dot:]
	}
	if isID(s) || strings.IndexByte(s, '%') >= 0 && hidesID(s) {
		return idName
	}
	return s
}

// hidesID says whether an escaped segment, which means more than one when it is
// decoded, holds one that is an id: "ann%40example.com%2Forders", or
// "ann%2540example.com".
func hidesID(s string) bool {
	const most = 4 // times that anything is escaped
	for range most {
		decoded, err := url.PathUnescape(s)
		if err != nil || decoded == s {
			break
		}
		s = decoded
	}
	return slices.ContainsFunc(strings.FieldsFunc(s, func(r rune) bool {
		return strings.ContainsRune("/?#;&=%", r)
	}), isID)
}

// isPlaceholder says whether a segment is a name in braces, as routes have.
func isPlaceholder(s string) bool {
	if s == idName {
		return true
	}
	if len(s) < 3 || len(s) > 34 || s[len(s)-1] != '}' {
		// {id} with an extension is a name of ours too.
		return strings.HasPrefix(s, idName+".") && isExtension(s[len(idName)+1:])
	}
	for _, r := range s[1 : len(s)-1] {
		if r != '_' && !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}

// isExtension says whether s looks like a file's: "js", "mp4", "woff2".
func isExtension(s string) bool {
	if len(s) < 1 || len(s) > 5 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if (s[i] < 'a' || s[i] > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// isID says whether a segment is numeric, hexadecimal, a UUID, an e-mail
// address or a token.
func isID(s string) bool {
	f := look(s)
	switch {
	case f.digits == 0 && f.letters == 0:
		return false
	case f.letters == 0: // 17, 2025-10-18, 10.0.0.1, 4.17.21
		return true
	case f.digits >= 8 && strings.Trim(s, "0123456789-:.+TZ") == "": // 2025-10-18T12:00:00Z
		return true
	case f.digitRun > longestNumber: // order-12345
		return true
	case f.at > 0 && f.at < len(s)-1: // ann@example.com
		return true
	case len(s) > longestWord:
		return true
	case f.digits == 0 && !f.isMixedCase:
		return false
	case f.isHex && f.digits > 0 && (f.separators == 0 && len(s) >= 8 || isUUID(s)): // git SHA, UUID
		return true
	case strings.HasPrefix(s, "eyJ") && strings.Count(s, ".") == 2: // JWT
		return true
	}
	return isToken(s)
}

// isUUID says whether the dashes are where a UUID has them.
func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
}

// features are what isID judges a segment by.
type features struct {
	digits, letters, separators int
	digitRun                    int // longest
	at                          int // position of the first @, 0 when none
	isHex                       bool
	isMixedCase                 bool
}

func look(s string) features {
	f := features{isHex: true}
	run, isUpper, isLower := 0, false, false
	for i, r := range s {
		if r < utf8.RuneSelf && r >= '0' && r <= '9' || r >= utf8.RuneSelf && unicode.IsDigit(r) {
			f.digits++
			run++
			f.digitRun = max(f.digitRun, run)
			continue
		}
		run = 0
		switch {
		case r >= 'a' && r <= 'z':
			f.letters++
			isLower = true
			f.isHex = f.isHex && r <= 'f'
		case r >= 'A' && r <= 'Z':
			f.letters++
			isUpper = true
			f.isHex = f.isHex && r <= 'F'
		case r == '-':
			f.separators++
		case r >= utf8.RuneSelf:
			f.letters++
			f.isHex = false
		default:
			f.isHex = false
			if r == '@' && f.at == 0 {
				f.at = i
			}
		}
	}
	f.isMixedCase = isUpper && isLower
	return f
}

// isToken says whether a segment, or a long part of it, looks drawn at random:
// ULID, nanoid, base64.
func isToken(s string) bool {
	isWordInside := false
	for part := range strings.FieldsFuncSeq(s, isSeparator) {
		if isRandom(part, len(part)) {
			return true
		}
		isWordInside = isWordInside || isWord(part)
	}
	return !isWordInside && isRandom(s, len(s))
}

func isSeparator(r rune) bool { return strings.ContainsRune("-_.~=+:,", r) }

// isWord says whether a part is a word: four or more letters, small ones but
// for the first.
func isWord(part string) bool {
	for i := range len(part) {
		if c := part[i]; (c < 'a' || c > 'z') && (i > 0 || c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(part) >= 4
}

// isRandom counts how often the kind of character changes: between digit and
// letter, and from small to capital. Random text does so at four of ten
// characters, words and camelCase at one or two.
func isRandom(s string, n int) bool {
	if n < 8 {
		return false
	}
	changes, before, hasLower := 0, byte(0), false
	for i := range len(s) {
		kind := kindOf(s[i])
		if kind == 0 {
			return false
		}
		hasLower = hasLower || kind == 'a'
		if i > 0 && kind != before && kind != '-' && before != '-' && (before != 'A' || kind != 'a') {
			changes++
		}
		before = kind
	}
	switch {
	case n >= 16:
		return changes*4 >= n
	case n >= 10:
		return changes >= 5 && changes*10 >= n*3
	}
	return !hasLower && changes >= 3 && changes*10 >= n*3
}

// kindOf returns 'a', 'A', '0' or '-' for a character of a token, else 0.
func kindOf(c byte) byte {
	switch {
	case c >= 'a' && c <= 'z':
		return 'a'
	case c >= 'A' && c <= 'Z':
		return 'A'
	case c >= '0' && c <= '9':
		return '0'
	case isSeparator(rune(c)):
		return '-'
	}
	return 0
}
