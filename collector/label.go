package collector

import (
	"strings"
	"unicode/utf8"
)

const maxLabelBytes = 128

// labelValue makes text from a cloud fit for a label: valid UTF-8 of at most
// 128 bytes, cut at a character. Each invalid byte becomes U+FFFD.
func labelValue(s string) string {
	if len(s) <= maxLabelBytes && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // an invalid byte is read as U+FFFD
		if b.Len()+utf8.RuneLen(r) > maxLabelBytes {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}
