package page

import (
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

func (s *Scanner) quoted() []byte {
	text := s.in.String()
	s.check()
	return text
}

// Text reads a string, valid until the next read; null is the empty string.
func (s *Scanner) Text() []byte {
	switch s.Peek() {
	case jsontext.KindString:
		return s.quoted()
	case jsontext.KindNull:
		s.Skip()
	default:
		s.wrong("a string")
	}
	return nil
}

// TextOr reads a text that an item can do without, valid until the next read. A
// number stands for its digits; other is the text of what is neither.
func (s *Scanner) TextOr(other string) []byte {
	switch s.Peek() {
	case jsontext.KindString:
		return s.quoted()
	case jsontext.KindNumber:
		number := s.in.Number()
		s.check()
		return number
	case jsontext.KindNull:
		s.Skip()
		return nil
	}
	s.Skip()
	return []byte(other)
}

// Str reads a string of its own, "" where there is none.
func (s *Scanner) Str() string { return string(s.TextOr("")) }

// Shared is Str for a string of which there are few: each is kept once.
func (s *Scanner) Shared() string { return s.Share(s.TextOr("")) }

// Share returns a text as a string, the same one for the same text.
func (s *Scanner) Share(b []byte) string {
	if v, ok := s.strings[string(b)]; ok {
		return v
	}
	v := string(b)
	if len(v) <= maxInternedLen && len(s.strings) < maxInterned {
		s.strings[v] = v
	}
	return v
}

// ID reads an identifier that seldom comes twice.
func (s *Scanner) ID() inventory.ID { return inventory.ParseIDBytes(s.TextOr("")) }

// SharedID reads an identifier that many items have, and that is often not
// a UUID, as project ids are.
func (s *Scanner) SharedID() inventory.ID {
	b := s.TextOr("")
	if v, ok := s.ids[string(b)]; ok {
		return v
	}
	v := inventory.ParseIDBytes(b)
	if len(b) <= maxInternedLen && len(s.ids) < maxInterned {
		s.ids[string(b)] = v
	}
	return v
}

// ItemID reads the identifier of the item now read.
func (s *Scanner) ItemID() inventory.ID {
	s.id = inventory.ParseIDBytes(s.Text())
	return s.id
}

// ItemPathID is ItemID for items that are asked for by their id: one whose id
// cannot stand in a path is unreadable, and not the end of all others.
func (s *Scanner) ItemPathID() inventory.ID {
	if text := s.ItemID().String(); !IsPathID(text) {
		s.Refuse(&apierr.IDError{ID: text})
	}
	return s.id
}

// PathID reads an identifier that will stand in a path; one that cannot breaks the item.
func (s *Scanner) PathID() inventory.ID {
	id := s.ID()
	if text := id.String(); !IsPathID(text) {
		s.Refuse(&apierr.IDError{ID: text})
	}
	return id
}

// Number reads a number of any size, also one that is written as a text. It is nil
// where there is none, where float64 cannot hold it, and where it is below min.
func (s *Scanner) Number(min float64) *float64 {
	v := s.TextOr("")
	if s.err != nil || len(v) == 0 {
		return nil
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || f < min {
		return nil
	}
	f += 0 // -0 is 0
	return &f
}
