package apierr

import (
	"strings"

	"cloudip_exporter/text"
)

// Spoken turns list_ports into "list ports".
func Spoken(operation string) string { return strings.ReplaceAll(operation, "_", " ") }

// QuoteValue is text.Quote for a value that a cloud chose freely. What is long enough
// to be a token is not repeated: clouds echo what they were sent.
func QuoteValue(value string) string { return text.Quote(opaque.ReplaceAllString(value, redacted)) }
