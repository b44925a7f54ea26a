package cloudapi

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxTries        = 3
	retryBase       = 200 * time.Millisecond
	retryCap        = 5 * time.Second
	throttleDefault = time.Minute
	maxWait         = 24 * time.Hour
)

// retrying is the outermost stage of the transport: it tries a GET again where
// that can help, within the deadline of its context.
func retrying(l *limiter, m *Metrics, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.Method != http.MethodGet {
			return next.RoundTrip(req) // it may have taken effect
		}
		x := exchangeOf(req)
		if x.tries == nil {
			x.tries = new(int)
		}
		if *x.tries > 0 {
			m.retry(x, reasonBody)
		}
		for try := 1; ; try++ {
			*x.tries++
			resp, err := next.RoundTrip(req)
			if err == nil && resp.StatusCode < 400 {
				l.again.succeeded(try)
				return resp, nil
			}
			wait, reason := judge(resp, err)
			if reason == "" || *x.tries >= maxTries || passes(req, wait) {
				return resp, err
			}
			if reason != reasonThrottled && !l.again.take() {
				return resp, err
			}
			if resp != nil {
				discard(resp.Body)
			}
			m.retry(x, reason)
			// After a 429 the limiter holds back this request like all others.
			if reason != reasonThrottled {
				if err := sleep(req.Context(), max(wait, jitter(try))); err != nil {
					return nil, err
				}
			}
		}
	})
}

// Values of the label reason of cloudip_api_retries_total.
const (
	reasonThrottled    = "throttled"
	reasonServer       = "server_error"
	reasonConnection   = "connection"
	reasonTimeout      = "timeout"
	reasonUnauthorized = "unauthorized"
	reasonBody         = "body" // it broke off; who read it asked again
)

// judge says why a failed attempt should be tried again, "" where it should
// not, and how long the cloud asked to wait.
func judge(resp *http.Response, err error) (wait time.Duration, reason string) {
	if err != nil {
		return 0, judgeError(err)
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		wait, _ = throttleWait(resp)
		return wait, reasonThrottled
	case transientStatus(resp.StatusCode):
		if permanent(parseFault(peek(resp)).code) {
			return 0, ""
		}
		wait, _ = retryAfter(resp.Header, time.Now())
		return wait, reasonServer
	}
	return 0, ""
}

func judgeError(err error) string {
	if _, ok := errors.AsType[*notSentError](err); ok || ofLogin(err) {
		return ""
	}
	switch class(err) {
	case classConnection, classDNS:
		return reasonConnection
	case classTimeout:
		return reasonTimeout
	}
	return ""
}

// ofLogin reports whether a request failed because the login did that it
// needed. That is a POST, which is sent once: the next collection tries again.
func ofLogin(err error) bool {
	_, answered := errors.AsType[*StatusError](err)
	_, broke := errors.AsType[*TransportError](err)
	return answered || broke
}

func transientStatus(status int) bool {
	return status >= 500 && status != http.StatusNotImplemented && status != http.StatusHTTPVersionNotSupported
}

// permanent tells the codes that the VPC API sends with status 500 although
// the next try will end alike: the address is in use, the id is unknown.
func permanent(code string) bool { return strings.HasPrefix(code, "VPC.07") }

// passes reports whether a wait would end after the deadline of the request.
func passes(req *http.Request, wait time.Duration) bool {
	if req.Context().Err() != nil {
		return true
	}
	deadline, ok := req.Context().Deadline()
	return ok && time.Now().Add(wait).After(deadline)
}

// jitter is a random wait, so that those who failed together do not come back
// together.
func jitter(try int) time.Duration {
	return time.Duration(rand.Int64N(int64(min(retryCap, retryBase<<(try-1)))))
}

// throttleWait is how long to pause after a 429, and how long the cloud itself
// said, if it did. The gateways of Huawei Cloud and OTC send no Retry-After but
// name their window in the text.
func throttleWait(resp *http.Response) (wait, told time.Duration) {
	if wait, ok := retryAfter(resp.Header, time.Now()); ok {
		return max(wait, time.Second), wait
	}
	f := parseFault(peek(resp))
	if f.retryAfter > 0 {
		return f.retryAfter, f.retryAfter
	}
	told = throttleWindow(f.message)
	return max(throttleDefault, told), told
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
	return min(time.Duration(n)*unit, maxWait)
}

// retryAfter reads the header Retry-After: seconds or a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 {
		return seconds(s), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxWait), true
	}
	return 0, false
}

func seconds(s float64) time.Duration {
	if !(s > 0) {
		return 0
	}
	return time.Duration(min(s, maxWait.Seconds()) * float64(time.Second))
}

// peek reads the beginning of a body and puts it back.
func peek(resp *http.Response) []byte {
	head, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	return head
}

// discard reads what is left, as far as that is cheap, so that the connection
// can be used again.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxErrorBody)
	_ = body.Close()
}

const (
	budgetMax     = 30.0
	budgetDeposit = 0.1 // what a request that succeeds at once brings in
)

// budget bounds the retries of a credential while a cloud fails: each costs 1,
// comes back when it helped, and successes earn new ones.
type budget struct {
	mu   sync.Mutex
	left float64
}

func newBudget() *budget { return &budget{left: budgetMax} }

func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

func (b *budget) succeeded(try int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	earned := budgetDeposit
	if try > 1 {
		earned = 1
	}
	b.left = min(budgetMax, b.left+earned)
}
