package table

import (
	"bufio"
	"cloudip_exporter/text"
	"fmt"
	"strings"
)

// Cards shows things for people: a few lines for each.
type Cards struct {
	out   *bufio.Writer
	width int // lines are cut to it; 0 cuts nothing
	begun bool
}

// NewCards returns cards for a screen; wide cuts nothing.
func NewCards(s Screen, wide bool) *Cards {
	c := &Cards{out: bufio.NewWriter(s.Out), width: s.Width}
	if wide {
		c.width = 0
	}
	return c
}

// Title begins a card.
func (c *Cards) Title(text string) {
	if c.begun {
		fmt.Fprintln(c.out)
	}
	c.begun = true
	c.line(text)
}

// Pair writes one line of a card, none when there is nothing to say.
func (c *Cards) Pair(name, value string) {
	if strings.TrimSpace(value) != "" {
		c.line(fmt.Sprintf("  %-10s  %s", name, value))
	}
}

func (c *Cards) line(shown string) {
	shown = strings.TrimRight(text.Terminal(shown), " ")
	if c.width > 0 {
		shown = cut(shown, c.width)
	}
	fmt.Fprintln(c.out, shown)
}

// Flush ends the last card.
func (c *Cards) Flush() error {
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// printAsCards prints each row as a card: a line for each column, nothing cut.
func printAsCards(s Screen, strips []*strip) error {
	c := NewCards(s, true)
	for n := range strips[0].lines[1:] {
		for i, strip := range strips {
			if value := strip.lines[n+1]; i == 0 {
				c.Title(value)
			} else if value != unknown {
				c.Pair(strip.lines[0], value)
			}
		}
	}
	return c.Flush()
}
