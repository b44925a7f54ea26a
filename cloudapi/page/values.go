package page

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
)

// Text reads a string, valid until the next read; null is the empty string.
func (s *Scanner) Text() []byte {
	switch s.Peek() {
	case jsontext.KindString:
		s.unread = false
		return s.in.String()
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
		s.unread = false
		return s.in.String()
	case jsontext.KindNumber:
		s.unread = false
		return s.in.Number()
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
	if len(b) == 0 {
		return ""
	}
	recent := &s.recent[(len(b)<<3^int(b[len(b)-1]))%len(s.recent)]
	if *recent == string(b) {
		return *recent
	}
	v, ok := s.strings[string(b)]
	if !ok {
		v = string(b)
		if len(v) > maxInternedLen || len(s.strings) == maxInterned {
			return v
		}
		s.strings[v] = v
	}
	*recent = v
	return v
}

// ID reads an identifier that seldom comes twice.
func (s *Scanner) ID() inventory.ID { return inventory.ParseIDBytes(s.TextOr("")) }

const uuidLen = 36

// SharedID reads an identifier that many items have, and that is often not
// a UUID, as project ids are.
func (s *Scanner) SharedID() inventory.ID {
	b := s.TextOr("")
	if len(b) == uuidLen {
		return inventory.ParseIDBytes(b) // faster than to look for it
	}
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

// Number reads a number, also one that is written as a text. It is nil where there is
// none, where it is below min, and beyond the number of all IPv6 addresses.
func (s *Scanner) Number(min float64) *float64 {
	v := s.TextOr("")
	if s.err() != nil || len(v) == 0 {
		return nil
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || !(f >= min && f <= 1<<128) { // NaN is neither
		return nil
	}
	f += 0 // -0 is 0
	return &f
}

// parseIPv4 reads a dotted address without making a string of it, since a large
// project has a million of them. What it does not take, space.ParseAddr may.
func parseIPv4(text []byte) (netip.Addr, bool) {
	var octets [4]byte
	n, value, digits := 0, 0, 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			if digits > 0 && value == 0 { // no leading zeros
				return netip.Addr{}, false
			}
			value = value*10 + int(c-'0')
			digits++
			if value > 255 {
				return netip.Addr{}, false
			}
		case c == '.' && digits > 0 && n < 3:
			octets[n] = byte(value)
			n, value, digits = n+1, 0, 0
		default:
			return netip.Addr{}, false
		}
	}
	if n != 3 || digits == 0 {
		return netip.Addr{}, false
	}
	octets[3] = byte(value)
	return netip.AddrFrom4(octets), true
}

// Addr reads an address; null and "" are no address.
func (s *Scanner) Addr() netip.Addr {
	b := s.Text()
	a, ok := parseIPv4(b)
	if ok || len(b) == 0 {
		return a
	}
	a, err := space.ParseAddr(string(b))
	if err != nil {
		s.Refuse(fmt.Errorf("%s is not an address", apierr.QuoteValue(string(b))))
	}
	return a
}

// Prefix reads a CIDR without its host bits; null and "" are none.
func (s *Scanner) Prefix() netip.Prefix {
	b := s.Text()
	if len(b) == 0 {
		return netip.Prefix{}
	}
	p, err := space.ParseCIDR(string(b))
	if err != nil {
		s.Refuse(fmt.Errorf("%s is not a CIDR", apierr.QuoteValue(string(b))))
	}
	return p
}

// Time reads a time; null, "" and what is no time are the zero time, because no
// item is worth losing over its time of change.
func (s *Scanner) Time() time.Time {
	t, _ := wire.ParseTime(string(s.TextOr("")))
	return t
}

// PathID makes an id that a person or a cloud gave fit for a path.
func PathID(id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", &apierr.IDError{ID: id}
	}
	return url.PathEscape(id), nil
}

const maxPathID = 255 // bytes: more than any cloud has for an id

// IsPathID reports whether an id that a cloud listed can be asked for. Escaped
// it could, but gateways take apart what is escaped, and then it is another path.
func IsPathID(id string) bool {
	return id != "." && id != ".." && len(id) <= maxPathID && utf8.ValidString(id) &&
		!strings.ContainsFunc(id, func(c rune) bool { return strings.ContainsRune(`/\?#%`, c) || !unicode.IsPrint(c) })
}
