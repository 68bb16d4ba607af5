package config

import (
	"fmt"
	"strings"
)

// advice tells the user of an unknown name which one was probably meant, or
// else which names there are.
func advice(name string, known []string) string {
	best, least := "", 4
	for _, candidate := range known {
		if strings.HasPrefix(candidate, name+".") {
			return fmt.Sprintf("it is a section, with keys such as %s", candidate)
		}
		if d := distance(name, candidate); d < least {
			best, least = candidate, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return "allowed: " + strings.Join(known, ", ")
}

// distance is the Levenshtein distance of two names, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
