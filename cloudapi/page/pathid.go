package page

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"cloudip_exporter/cloudapi/wire/apierr"
)

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
