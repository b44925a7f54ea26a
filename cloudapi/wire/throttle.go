package wire

import (
	"net/http"
	"regexp"
	"strconv"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
)

const throttleDefault = time.Minute // the pause after a 429 without Retry-After

// throttleWait is how long to pause after a 429; reported is how long the cloud
// itself said, 0 if it did not. The gateways of Huawei Cloud and OTC send no Retry-After but
// name their window in the text.
func throttleWait(resp *http.Response) (wait, reported time.Duration) {
	if wait, ok := apierr.RetryAfter(resp.Header, time.Now()); ok {
		return max(wait, time.Second), wait
	}
	f := apierr.ParseFault(Peek(resp))
	if f.RetryAfter > 0 {
		return f.RetryAfter, f.RetryAfter
	}
	reported = throttleWindow(f.Message)
	return max(throttleDefault, reported), reported
}

var windowText = regexp.MustCompile(`time:\s*(\d{1,4})\s*(second|minute|hour)`)

// throttleWindow reads "…over ratelimit,limit:200,time:5 minute".
func throttleWindow(message string) time.Duration {
	m := windowText.FindStringSubmatch(message)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour}[m[2]]
	return min(time.Duration(n)*unit, apierr.MaxWait)
}
