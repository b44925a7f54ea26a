package text

import "strings"

// Near returns the known word that a mistyped one is closest to: one that it
// begins, or that few changes make of it. It is "" where none is near.
func Near(word string, known []string) string {
	const beginning = 3 // letters that tell a word
	nearest, fewest := "", max(1, len(word)/3)+1
	for _, k := range known {
		if len(word) >= beginning && strings.HasPrefix(k, word) {
			return k
		}
		if len(k)-len(word) < fewest && len(word)-len(k) < fewest {
			if d := distance(word, k); d < fewest {
				nearest, fewest = k, d
			}
		}
	}
	return nearest
}

// distance is how many bytes must be changed, added, dropped, or swapped with
// their neighbour to make b of a.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
