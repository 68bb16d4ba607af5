package look

import (
	"strconv"
	"strings"

	"github.com/muesli/termenv"
)

// colour is one colour at each depth: #rrggbb, an index of the 256 and one of
// the 16. An empty one is that of the terminal.
type colour struct{ full, of256, of16 string }

// style is how a role looks on dark and on light ground.
type style struct {
	dark, light colour
	attributes  string // parameters of SGR that need no colour: 1 bold
}

// styles are those of the roles, in their order. Colours are those of the
// dashboard in the browser; docs/palette-terminal.md says how they stand out on
// the grounds of terminals. Among the 16, yellow is no colour for text on light
// ground: hardly any theme makes it readable.
var styles = [...]style{
	Text:   {},
	Dim:    {dark: colour{"#a5b0c0", "248", ""}, light: colour{"#566173", "241", ""}},
	Strong: {attributes: "1"},
	Accent: {dark: colour{"#82abff", "111", "14"}, light: colour{"#2457c0", "25", "4"}},
	Good:   {dark: colour{"#6fd296", "78", "10"}, light: colour{"#17693a", "22", "2"}},
	Warn:   {dark: colour{"#e9b949", "179", "11"}, light: colour{"#7a4d00", "94", "5"}},
	Bad:    {dark: colour{"#ff8a80", "210", "9"}, light: colour{"#b3211a", "124", "1"}, attributes: "1"},
	Head:   {dark: colour{"#a5b0c0", "248", ""}, light: colour{"#566173", "241", ""}, attributes: "1"},
	Key:    {dark: colour{"#82abff", "111", "14"}, light: colour{"#2457c0", "25", "4"}, attributes: "1"},
	Border: {dark: colour{"#7b8798", "245", "8"}, light: colour{"#788395", "102", "8"}},

	series + 0: {dark: colour{"#4cc9b8", "79", "14"}, light: colour{"#0d7a6f", "30", "6"}},
	series + 1: {dark: colour{"#82abff", "111", "12"}, light: colour{"#2b5fc9", "26", "4"}},
	series + 2: {dark: colour{"#f0a35e", "215", "11"}, light: colour{"#a8480b", "130", "3"}},
	series + 3: {dark: colour{"#6f95d1", "68", "12"}, light: colour{"#5f82b8", "67", "4"}},
	series + 4: {dark: colour{"#ff7d73", "210", "9"}, light: colour{"#c0281f", "124", "1"}},
	series + 5: {dark: colour{"#ab9bf2", "141", "13"}, light: colour{"#6d56c4", "61", "5"}},
}

// chosen is the ground of what is selected, and chosenText what text without a
// colour of its own has there.
var (
	chosen     = style{dark: colour{"#25344b", "237", ""}, light: colour{"#dbe6fa", "195", ""}}
	chosenText = style{dark: colour{"#e7ecf3", "255", "7"}, light: colour{"#18202b", "234", "0"}}
)

func (s style) on(o Options) string {
	c := s.light
	if o.Dark {
		c = s.dark
	}
	switch o.Profile {
	case termenv.TrueColor:
		return c.full
	case termenv.ANSI256:
		return c.of256
	case termenv.ANSI:
		return c.of16
	default:
		return ""
	}
}

// sequence returns what begins a text of a role; empty when nothing does.
func sequence(o Options, role Role) string {
	s := styles[role&^Selected]
	var parameters []string
	if s.attributes != "" {
		parameters = append(parameters, s.attributes)
	}
	foreground, ground := s.on(o), ""
	if role&Selected != 0 {
		if ground = chosen.on(o); ground == "" {
			parameters, foreground = append(parameters, "7"), ""
		} else if foreground == "" {
			foreground = chosenText.on(o)
		}
	}
	parameters = append(parameters, parameter(foreground, 30)...)
	parameters = append(parameters, parameter(ground, 40)...)
	return begin(parameters)
}

// underneath returns what begins a ground of the colour of a role; of strong
// text, something near the colour that the terminal writes with.
func underneath(o Options, role Role) string {
	c := styles[role].on(o)
	if role == Strong {
		c = chosenText.on(o)
	}
	return begin(parameter(c, 40))
}

// begin returns the sequence of Select Graphic Rendition (ECMA-48, 8.3.117)
// with some parameters; nothing without any.
func begin(parameters []string) string {
	if len(parameters) == 0 {
		return ""
	}
	return "\x1b[" + strings.Join(parameters, ";") + "m"
}

// parameter returns what selects a colour, from base on: 30 for text, 40 for
// its ground. The colour is #rrggbb or an index; nothing selects none.
func parameter(of string, base int) []string {
	if of == "" {
		return nil
	}
	kind := strconv.Itoa(base + 8)
	if hex, full := strings.CutPrefix(of, "#"); full {
		list := []string{kind, "2"}
		for i := range 3 {
			part, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
			if err != nil {
				return nil
			}
			list = append(list, strconv.FormatUint(part, 10))
		}
		return list
	}
	switch index, err := strconv.Atoi(of); {
	case err != nil:
		return nil
	case index < 8:
		return []string{strconv.Itoa(base + index)}
	case index < 16:
		return []string{strconv.Itoa(base + 60 + index - 8)}
	}
	return []string{kind, "5", of}
}
