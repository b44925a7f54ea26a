package apierr

import (
	"net/http"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

func TestRetryAfterIsReadWithCare(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"1.5": 1500 * time.Millisecond, "1e30": MaxWait, "Inf": MaxWait, "NaN": -1, "-5": -1, "": -1,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2026 03:00:00 GMT": 0, "Fri, 01 Jan 2100 00:00:00 GMT": MaxWait,
	} {
		got, ok := RetryAfter(http.Header{"Retry-After": {text}}, now)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: got %v %v, want %v", text, got, ok, want)
		}
	}
	check.Equal(t, "that of an error", 7*time.Second, statusErrorOf(429, http.Header{"Retry-After": {"7"}}, "").RetryAfter)
}

func TestAPasswordThatBeginsAsTheOneBeforeIsTakenOutWhole(t *testing.T) {
	for range 20 { // the order of a map must not matter
		var r Redactor
		r.Know("password", "Sommer2024")
		r.Know("password", "Sommer2024!x9")
		if got, want := r.Clean("refused Sommer2024!x9 after Sommer2024"), "refused [redacted] after [redacted]"; got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}
