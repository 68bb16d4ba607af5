package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Engines keep JSON in different words: PostgreSQL sorts keys, leaves out blanks
// and repeated keys, and writes numbers its own way. A document is compared by
// what it means, and written as it came, unless PostgreSQL would refuse it.

// Digits that a number may have there before and after its point.
const (
	mostWholeDigits    = 131_000
	mostFractionDigits = 16_000
	mostExponent       = 1_000_000_000 // as it is written, of 0 too
)

// document is JSON on its way.
type document struct {
	text     string // as it is written
	adjusted bool   // whether it holds what PostgreSQL cannot
	meaning  []byte // the same for all documents that mean the same
}

// readDocument appends the meaning to buffer.
func readDocument(text string, buffer []byte) document {
	d := document{text: text, adjusted: !utf8.ValidString(text), meaning: buffer}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	if _, more := decoder.Token(); err != nil || !errors.Is(more, io.EOF) {
		// Both engines refuse what is no JSON; what only this decoder does not
		// like becomes a string.
		d.adjusted = true
		value, _ = cleanText(text)
	}
	// Of all escapes, only these can stand for what PostgreSQL refuses.
	suspicious := strings.Contains(text, `\u0000`) || strings.Contains(text, `\ud`) || strings.Contains(text, `\uD`)
	value = d.add(value, suspicious)
	if d.adjusted {
		d.text = encodeDocument(value)
	}
	return d
}

// add appends the meaning of a value and returns it as PostgreSQL can hold it.
func (d *document) add(value any, suspicious bool) any {
	switch v := value.(type) {
	case nil:
		d.meaning = append(d.meaning, 'n')
	case bool:
		d.meaning = strconv.AppendBool(d.meaning, v)
	case json.Number:
		number, fits := normalNumber(v.String())
		if !fits {
			d.adjusted = true
			return d.addText(v.String(), false)
		}
		d.meaning = append(append(d.meaning, '#'), number...)
	case string:
		return d.addText(v, suspicious)
	case []any:
		d.meaning = append(d.meaning, '[')
		for i := range v {
			v[i] = d.add(v[i], suspicious)
		}
		d.meaning = append(d.meaning, ']')
	case map[string]any:
		d.meaning = append(d.meaning, '{')
		clean := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			name := d.addText(key, suspicious)
			clean[name] = d.add(v[key], suspicious)
		}
		d.meaning = append(d.meaning, '}')
		return clean
	}
	return value
}

func (d *document) addText(text string, suspicious bool) string {
	if suspicious {
		clean := strings.ReplaceAll(text, "\x00", "\uFFFD")
		// The decoder puts this where half of a surrogate pair stood.
		d.adjusted = d.adjusted || strings.Contains(clean, "\uFFFD")
		text = clean
	}
	d.meaning = strconv.AppendInt(append(d.meaning, '"'), int64(len(text)), 10)
	d.meaning = append(append(d.meaning, ':'), text...)
	return text
}

func encodeDocument(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "null" // not of what a decoder made
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// normalNumber writes a JSON number as digits and a power of ten, the same for
// 1.50, 15e-1 and 1.5, and reports whether PostgreSQL can hold it.
func normalNumber(text string) (normal string, fits bool) {
	digits, negative := strings.CutPrefix(text, "-")
	var exponent int64
	if i := strings.IndexAny(digits, "eE"); i >= 0 {
		var err error
		exponent, err = strconv.ParseInt(digits[i+1:], 10, 32)
		if err != nil || exponent > mostExponent {
			return text, false
		}
		digits = digits[:i]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent -= int64(len(fraction))
	fits = -exponent <= mostFractionDigits // zeros at the end count, and those of 0
	digits = strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0", fits
	}
	short := strings.TrimRight(digits, "0")
	exponent += int64(len(digits) - len(short))
	fits = fits && int64(len(short))+exponent <= mostWholeDigits
	normal = short + "e" + strconv.FormatInt(exponent, 10)
	if negative {
		normal = "-" + normal
	}
	return normal, fits
}
