package estate

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
)

// UUID is a UUID in 16 bytes: a million ports are kept.
type UUID [16]byte

// Append adds the text form.
func (u UUID) Append(b []byte) []byte {
	var t [36]byte
	hex.Encode(t[0:8], u[0:4])
	hex.Encode(t[9:13], u[4:6])
	hex.Encode(t[14:18], u[6:8])
	hex.Encode(t[19:23], u[8:10])
	hex.Encode(t[24:36], u[10:16])
	t[8], t[13], t[18], t[23] = '-', '-', '-', '-'
	return append(b, t[:]...)
}

// String is the text form.
func (u UUID) String() string { return string(u.Append(nil)) }

// ParseUUID reads the text form with lower-case digits.
func ParseUUID(s string) (u UUID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return u, false
	}
	b, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	if err != nil {
		return u, false
	}
	copy(u[:], b)
	return u, u.String() == s
}

// Namer gives ids that depend on the seed, the kind of thing and its number only.
type Namer struct{ Seed uint64 }

// words are two well-mixed 64-bit numbers.
func (n Namer) words(kind string, i int) (uint64, uint64) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(kind))
	a := mix(h.Sum64() ^ mix(n.Seed+0x9e3779b97f4a7c15))
	a = mix(a + uint64(i)*0xd1342543de82ef95)
	return a, mix(a ^ 0x2545f4914f6cdd1d)
}

func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func (n Namer) uuid(kind string, i int) UUID {
	var u UUID
	a, b := n.words(kind, i)
	binary.BigEndian.PutUint64(u[:8], a)
	binary.BigEndian.PutUint64(u[8:], b)
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// ID is a UUID in text.
func (n Namer) ID(kind string, i int) string { return n.uuid(kind, i).String() }

// Hex32 is an id as projects and users have it: 32 hex digits.
func (n Namer) Hex32(kind string, i int) string {
	u := n.uuid(kind, i)
	return hex.EncodeToString(u[:])
}
