package inventory

import (
	"bytes"
	"encoding/hex"
	"strings"
)

// ID is an identifier given by a cloud. Nearly all are UUIDs and kept in 16
// bytes; any other text is kept as it is. The zero ID is the empty string.
// IDs are comparable and may be map keys.
type ID struct {
	uuid [16]byte
	text string // set when the identifier is not a lower-case UUID with dashes
}

// ParseID returns the ID whose String is s.
func ParseID(s string) ID {
	if uuid, ok := parseUUID(s); ok {
		return ID{uuid: uuid}
	}
	// An own copy: s may be part of a page that should be freed.
	return ID{text: strings.Clone(s)}
}

// ParseIDBytes is ParseID for bytes that will be overwritten. It allocates
// nothing when they are a UUID.
func ParseIDBytes(b []byte) ID {
	if uuid, ok := parseUUID(b); ok {
		return ID{uuid: uuid}
	}
	return ID{text: string(b)}
}

// IsZero reports whether the identifier is empty.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the identifier as the cloud wrote it.
func (id ID) String() string {
	if id.text != "" || id.uuid == [16]byte{} {
		return id.text
	}
	var b [36]byte
	hex.Encode(b[0:8], id.uuid[0:4])
	hex.Encode(b[9:13], id.uuid[4:6])
	hex.Encode(b[14:18], id.uuid[6:8])
	hex.Encode(b[19:23], id.uuid[8:10])
	hex.Encode(b[24:36], id.uuid[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText returns String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// Compare orders IDs: UUIDs by value, then other texts.
func (id ID) Compare(other ID) int {
	if c := strings.Compare(id.text, other.text); c != 0 {
		return c
	}
	return bytes.Compare(id.uuid[:], other.uuid[:])
}

// parseUUID reads the one form that String writes; the all-zero UUID is not
// taken, because it stands for "text".
func parseUUID[T string | []byte](s T) (uuid [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return uuid, false
	}
	var nonzero byte
	n := 0
	for i := 0; i < 36; i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		d, ok := hexDigit(s[i])
		if !ok {
			return uuid, false
		}
		if n%2 == 0 {
			uuid[n/2] = d << 4
		} else {
			uuid[n/2] |= d
		}
		nonzero |= d
		n++
	}
	return uuid, nonzero != 0
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}
