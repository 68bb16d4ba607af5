package admin

import "strings"

// names are configured group names or e-mail addresses, compared without case
// and without the space around them. The zero value has none.
type names map[folded]struct{}

// folded is a name without its case. Letters count as equal when they are so
// in lower case and in upper case: in lower case alone the Kelvin sign would
// be a k, and a group that anybody may create pass for another.
type folded struct{ lower, upper string }

func fold(name string) folded {
	name = strings.TrimSpace(name)
	return folded{lower: strings.ToLower(name), upper: strings.ToUpper(name)}
}

// newNames leaves out blank names: nobody becomes an administrator by one.
func newNames(configured []string) names {
	n := names{}
	for _, name := range configured {
		if strings.TrimSpace(name) != "" {
			n[fold(name)] = struct{}{}
		}
	}
	return n
}

func (n names) has(name string) bool {
	_, ok := n[fold(name)]
	return ok
}

func (n names) hasAny(given []string) bool {
	for _, name := range given {
		if n.has(name) {
			return true
		}
	}
	return false
}
