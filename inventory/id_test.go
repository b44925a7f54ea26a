package inventory

import (
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

func TestIDsComeOutAsTheyWereWritten(t *testing.T) {
	const uuid = "01234567-89ab-cdef-0f1e-2d3c4b5a6978"
	for _, text := range []string{
		"", "x", uuid, "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001", "f0000000-0000-0000-0000-000000000000",
		strings.ToUpper(uuid), uuid + "0", uuid[1:], strings.ReplaceAll(uuid, "-", "_"), strings.ReplaceAll(uuid, "-", ""), "5f0c1d2e3a4b4c5d8e9f001122334455",
	} {
		check.Equal(t, "came out as", text, ParseID(text).String())
		check.Equal(t, fmt.Sprintf("%q is another as bytes", text), ParseIDBytes([]byte(text)), ParseID(text))
	}
	check.Equal(t, "text of a UUID", "", ParseID(uuid).text)
}

func TestNoByteButALowerCaseHexDigitIsOneOfAUUID(t *testing.T) {
	const uuid = "01234567-89ab-cdef-0f1e-2d3c4b5a6978"
	for at := range len(uuid) {
		for c := range 256 {
			b := []byte(uuid)
			b[at] = byte(c)
			hex := '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
			fits := hex && uuid[at] != '-' || byte(c) == uuid[at]
			if id := ParseIDBytes(b); (id.text == "") != fits || id.String() != string(b) {
				t.Fatalf("%q: kept as %q, uuid %t", b, id.String(), id.text == "")
			}
		}
	}
}
