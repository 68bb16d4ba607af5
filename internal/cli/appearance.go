package cli

import (
	"os"
	"strconv"
	"strings"

	"github.com/muesli/termenv"

	"github.com/appmetrics/appmetrics/internal/tui/look"
)

// What --theme allows.
const (
	themeAuto  = "auto"
	themeDark  = "dark"
	themeLight = "light"
)

func themes() []string { return []string{themeAuto, themeDark, themeLight} }

// appearance says what the terminal can show, by the environment alone. ask is
// set where the terminal itself should be asked what ground it has.
func (r *run) appearance(theme string, plain bool) (o look.Options, ask bool) {
	terminal := termenv.NewOutput(r.Out, termenv.WithTTY(true))
	o.Profile = terminal.EnvColorProfile()
	kind := os.Getenv("TERM")
	if r.noColor || kind == "dumb" {
		o.Profile = termenv.Ascii
	}
	// The font of a bare console has no braille.
	o.Plain = plain || kind == "dumb" || kind == "linux"
	o.Dark = theme == themeDark || theme == themeAuto && darkGround(os.Getenv("COLORFGBG"))
	return o, theme == themeAuto && o.Profile != termenv.Ascii && kind != "linux"
}

// darkGround reads COLORFGBG, as in "15;0" or "0;default;15": the last number
// is the colour of the ground, of the sixteen. Grounds are dark unless it says
// otherwise.
func darkGround(colours string) bool {
	ground, err := strconv.Atoi(colours[strings.LastIndex(colours, ";")+1:])
	return err != nil || ground < 7 || ground == 8
}
