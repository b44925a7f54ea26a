package inventory

// Missing counts the items of an answer that could not be read.
type Missing struct {
	N     int
	First error // why the first of them could not be read; nil where nobody says
}

// Add counts one item that could not be read.
func (m *Missing) Add(why error) { m.Join(Missing{1, why}) }

// Join adds the items that are missing in another answer.
func (m *Missing) Join(other Missing) {
	m.N += other.N
	if m.First == nil {
		m.First = other.First
	}
}

// Gone is the set of things that were deleted after they were listed.
type Gone map[ID]bool

// Add puts a deleted thing into the set.
func (g *Gone) Add(id ID) {
	if *g == nil {
		*g = make(Gone)
	}
	(*g)[id] = true
}
