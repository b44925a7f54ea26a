package apierr

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cloudip_exporter/text"
)

const redacted = "[redacted]"

// Redactor takes credentials out of texts that come from a cloud: gateways
// echo the request that they refused, headers and all.
type Redactor struct {
	mu      sync.Mutex
	secrets map[string]string // by what they are, so that a new one replaces the old
}

// Know adds a secret, or replaces the one of that name.
func (r *Redactor) Know(name, secret string) {
	if len(secret) < 3 {
		return // would take single letters out of every text
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.secrets == nil {
		r.secrets = make(map[string]string)
	}
	if old := r.secrets[name]; old != "" && old != secret {
		r.secrets[name+", before"] = old // an answer to it may still be on its way
	}
	r.secrets[name] = secret
}

var (
	// From the first sign of an echoed request on, nothing is kept.
	echo = regexp.MustCompile(`(?is)(canonical_?-?\s?request|string_?-?\s?to_?-?\s?sign|x-sdk-date\s*[:=]|sdk-hmac-sha256).*`)
	// The beginning of a body that this program sends: a login, a new private IP
	// or port, a console; as JSON, quoted in JSON, in a URL or in HTML.
	sent = regexp.MustCompile(`(?is)(\{|%7b)\s*(u?\\*["']|%22|&quot;|&#34;)(auth|privateips|port|os-getSerialConsole|remote_console)(\\*["']|%22|&quot;|&#34;)\s*(:|%3a).*`)
	// A header, field or parameter that carries a credential, with its value.
	field = regexp.MustCompile(`(?i)\b(x-(?:auth|subject|security|metadata)-token|authorization|cookie|signature|password|passwd|secret(?:_?access)?(?:_?key)?|security_?token|access_?key|token)("?\s*[:=]\s*"?)(?:bearer\s+|basic\s+)?[^\s",;&]+`)
	// Longer than any id: a token, a signature, a hash.
	opaque = regexp.MustCompile(`[A-Za-z0-9+/_=-]{41,}`)
)

// Clean returns the text as valid UTF-8 on one line, without credentials.
func (r *Redactor) Clean(said string) string {
	if len(said) > MaxErrorBody {
		said = said[:MaxErrorBody]
	}
	for _, form := range r.forms(len(said)) {
		said = strings.ReplaceAll(said, form, redacted)
	}
	said = echo.ReplaceAllString(said, redacted)
	said = sent.ReplaceAllString(said, redacted)
	said = field.ReplaceAllString(said, "${1}${2}"+redacted)
	said = opaque.ReplaceAllString(said, redacted)
	return text.Line(said)
}

// forms are the texts to take out, the longest first: a password may begin as the one
// before it does. What is longer than a text of length bytes cannot be in it.
func (r *Redactor) forms(length int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var forms []string
	for _, secret := range r.secrets {
		if len(secret) <= length { // no form is shorter than its secret
			forms = append(forms, formsOf(secret)...)
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return forms
}

func formsOf(secret string) []string {
	raw := []byte(secret)
	forms := []string{
		secret,
		url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret),
		base64.StdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw),
		base64.RawStdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
		hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
	}
	if quoted, err := json.Marshal(secret); err == nil {
		forms = append(forms, string(quoted[1:len(quoted)-1]))
	}
	return forms
}
