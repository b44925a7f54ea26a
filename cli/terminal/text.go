// Package terminal makes text fit for a terminal and a shell.
package terminal

import (
	"strings"

	"cloudip_exporter/text"
)

// Ellipsis stands for what is cut off.
const Ellipsis = "…"

// Message returns the text of an error, fit for a terminal: it may repeat what a
// cloud, a file or an argument says.
func Message(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = text.Terminal(line)
	}
	return strings.Join(lines, "\n")
}

// Quote returns s as one word for a shell.
func Quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
