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

// IsUUID reports whether s is a UUID as the clouds write them.
func IsUUID(s string) bool {
	_, ok := parseUUID(s)
	return ok
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

// UnmarshalText is ParseIDBytes.
func (id *ID) UnmarshalText(b []byte) error {
	*id = ParseIDBytes(b)
	return nil
}

// UUID returns the bytes of an identifier that is a UUID.
func (id ID) UUID() (uuid [16]byte, ok bool) {
	return id.uuid, id.text == "" && id.uuid != [16]byte{}
}

// UUIDFrom returns the identifier that UUID returned the bytes of.
func UUIDFrom(uuid [16]byte) ID { return ID{uuid: uuid} }

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
	var all, nonzero byte
	// Where the digits of each byte stand.
	for i, at := range [16]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		high, low := hexDigits[s[at]], hexDigits[s[at+1]]
		all |= high | low
		uuid[i] = high<<4 | low
		nonzero |= uuid[i]
	}
	return uuid, all < 16 && nonzero != 0
}

// hexDigits is the value of each lower-case hex digit, 255 for other bytes. A
// table: this is the first cost of reading a port.
const hexDigits = "" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\x0a\x0b\x0c\x0d\x0e\x0f\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" +
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
