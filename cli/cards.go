package cli

import (
	"bufio"
	"fmt"
	"strings"
)

// cards shows things for people: a few lines for each.
type cards struct {
	out    *bufio.Writer
	colour bool
	width  int // lines are cut to it; 0 cuts nothing
	begun  bool
}

// newCards returns cards for a screen; wide cuts nothing.
func newCards(s Screen, wide bool) *cards {
	c := &cards{out: bufio.NewWriter(s.Out), colour: s.Colour, width: s.Width}
	if wide {
		c.width = 0
	}
	return c
}

// title begins a card.
func (c *cards) title(text string) {
	if c.begun {
		fmt.Fprintln(c.out)
	}
	c.begun = true
	c.line(bold, text)
}

// pair writes one line of a card, none when there is nothing to say.
func (c *cards) pair(name, value string) {
	if strings.TrimSpace(value) != "" {
		c.line(plain, fmt.Sprintf("  %-10s  %s", name, value))
	}
}

func (c *cards) line(s style, text string) {
	text = strings.TrimRight(printable(text), " ")
	if c.width > 0 {
		text = cut(text, c.width)
	}
	if c.colour && s != plain {
		text = string(s) + text + reset
	}
	fmt.Fprintln(c.out, text)
}

// flush ends the last card.
func (c *cards) flush() error {
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// printAsCards prints each row as a card: a line for each column, nothing cut.
func (r *result) printAsCards(s Screen) error {
	c := newCards(s, true)
	for _, row := range r.rows {
		for i := range r.columns {
			if value := r.columns[i].text(row[i]); i == 0 {
				c.title(value)
			} else if value != unknown {
				c.pair(r.columns[i].heading(), value)
			}
		}
	}
	return c.flush()
}
