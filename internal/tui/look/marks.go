package look

// Marks are the characters to draw with, each one cell wide. They belong to
// this package and must not be changed.
type Marks struct {
	Horizontal, Vertical    string // lines
	TopLeft, TopRight       string // corners
	BottomLeft, BottomRight string
	TickLeft, TickBelow     string // where a label meets an axis
	Up, Down                string // directions: of a sort, of a change
	Alert                   string // beside what is bad
	Point                   string // beside what is chosen
	Bar                     string // a scroll bar
	Between                 string // between words of one line
}

var lines = Marks{
	Horizontal: "─", Vertical: "│", TopLeft: "╭", TopRight: "╮", BottomLeft: "╰", BottomRight: "╯",
	TickLeft: "┤", TickBelow: "┬", Up: "▲", Down: "▼", Alert: "!", Point: "●",
	Bar: "┃", Between: "·",
}

var ascii = Marks{
	Horizontal: "-", Vertical: "|", TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
	TickLeft: "+", TickBelow: "+", Up: "^", Down: "v", Alert: "!", Point: "*",
	Bar: "#", Between: "-",
}
