package store

// DefaultLimit is how many rows a page holds when its filter does not say.
const DefaultLimit = 100

// Cursor marks the end of a page: pass it as Before to ask for the next one.
// Its text is opaque, and stays valid for as long as the rows do.
type Cursor string
