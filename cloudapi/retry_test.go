package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/test/check"
)

// TestWhatIsTriedAgain has the answers of a cloud, of which the last one stays. A call is sent three
// times at most; the repetition after a 401 counts, but is never the one that is left out.
func TestWhatIsTriedAgain(t *testing.T) {
	refused, post := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, (*session).post
	codes := func(all ...int) (answers []fakeAnswer) {
		for _, code := range all {
			answers = append(answers, status(code))
		}
		return answers
	}
	fails := func(err error) []fakeAnswer { return []fakeAnswer{{Err: err}} }
	for name, test := range map[string]struct {
		answers      []fakeAnswer
		send         func(*session, context.Context) error // nil: get
		sent, logins int
		want         int // 200: success; 0: an error without status
	}{
		"500":                    {answers: codes(500), sent: 3, logins: 1, want: 500},
		"502":                    {answers: []fakeAnswer{{Status: 502, Body: "<html>"}}, sent: 3, logins: 1, want: 502},
		"503":                    {answers: codes(503), sent: 3, logins: 1, want: 503},
		"429":                    {answers: codes(429), sent: 3, logins: 1, want: 429},
		"connection refused":     {answers: fails(refused), sent: 3, logins: 1},
		"name not found":         {answers: fails(&net.DNSError{Err: "no such host", IsNotFound: true}), sent: 3, logins: 1},
		"400":                    {answers: codes(400), sent: 1, logins: 1, want: 400},
		"403":                    {answers: codes(403), sent: 1, logins: 1, want: 403},
		"404":                    {answers: codes(404), sent: 1, logins: 1, want: 404},
		"302":                    {answers: codes(302), sent: 1, logins: 1, want: 302},
		"501":                    {answers: codes(501), sent: 1, logins: 1, want: 501},
		"500 address in use":     {answers: []fakeAnswer{{Status: 500, Body: `{"code":"VPC.0701","message":"in use"}`}}, sent: 1, logins: 1, want: 500},
		"bad certificate":        {answers: fails(errors.New("tls: failed to verify certificate")), sent: 1, logins: 1},
		"POST 500":               {answers: codes(500), send: post, sent: 1, logins: 1, want: 500},
		"POST 429":               {answers: codes(429), send: post, sent: 1, logins: 1, want: 429},
		"POST connection broken": {answers: fails(refused), send: post, sent: 1, logins: 1},

		"401 and down":            {answers: codes(401, 500), sent: 3, logins: 2, want: 500},
		"401, down, well":         {answers: codes(401, 500, 200), sent: 3, logins: 2, want: 200},
		"401 in between":          {answers: codes(500, 401, 500, 401, 500), sent: 3, logins: 2, want: 500},
		"401 at last, well":       {answers: codes(500, 500, 401, 200), sent: 4, logins: 2, want: 200},
		"401 at last, down":       {answers: codes(500, 500, 401, 500), sent: 4, logins: 2, want: 500},
		"401 again":               {answers: codes(401, 500, 401, 200), sent: 3, logins: 2, want: 401},
		"401 twice":               {answers: codes(401, 401, 200), sent: 2, logins: 2, want: 401},
		"down, and well too late": {answers: codes(500, 500, 500, 200), sent: 3, logins: 1, want: 500},
	} {
		t.Run(name, bubble(passwordConfig(), &world{Answer: inTurn(test.answers...)}, func(t *testing.T, s *session) {
			send := test.send
			if send == nil {
				send = (*session).get
			}
			err, retries := send(s, t.Context()), s.metric(t, "cloudip_api_retries_total", "network")
			if (test.want == 200) != (err == nil) || test.want > 200 && !apierr.IsStatus(err, test.want) {
				t.Errorf("got %v, want %d", err, test.want)
			}
			got := []int{s.Asked(), s.Logins(), int(retries)}
			check.Equal(t, "requests, logins and counted retries", []int{test.sent, test.logins, test.sent - 1}, got)
		}))
	}
}

func TestALoginThatFailsIsNotRepeatedByTheRequestThatNeededIt(t *testing.T) {
	for name, w := range map[string]*world{
		"503":        {Login: func(int) (int, string) { return 503, `{}` }},
		"connection": {Broken: &net.OpError{Op: "read", Err: syscall.ECONNRESET}},
	} {
		t.Run(name, bubble(passwordConfig(), w, func(t *testing.T, s *session) {
			check.Fails(t, "a request", s.get(t.Context()), "")
			check.Equal(t, "logins and requests", []int{1, 0}, []int{s.Logins(), s.Asked()})
			check.Equal(t, "retries counted of a service that was not asked", 0, s.metric(t, "cloudip_api_retries_total", "network"))
		}))
	}
}

func TestAPauseLastsAsLongAsTheCloudSays(t *testing.T) {
	for name, test := range map[string]struct {
		answer fakeAnswer
		want   time.Duration
	}{
		"seconds":     {fakeAnswer{Status: 429, Header: retryAfterHeader("7")}, 7 * time.Second},
		"at once":     {fakeAnswer{Status: 429, Header: retryAfterHeader("0")}, time.Second},
		"nothing":     {fakeAnswer{Status: 429}, time.Minute},
		"garbage":     {fakeAnswer{Status: 429, Header: retryAfterHeader("soon")}, time.Minute},
		"a window":    {fakeAnswer{Status: 429, Body: `{"error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:200,time:5 minute","error_code":"APIGW.0308"}`}, 5 * time.Minute},
		"a short one": {fakeAnswer{Status: 429, Body: `{"error_msg":"over ratelimit,limit:5,time:1 second","error_code":"APIGW.0308"}`}, time.Minute},
		"Nova":        {fakeAnswer{Status: 429, Body: `{"overLimit":{"code":429,"message":"x","retryAfter":"12"}}`}, 12 * time.Second},
		"503":         {fakeAnswer{Status: 503, Header: retryAfterHeader("9")}, 9 * time.Second},
	} {
		t.Run(name, bubble(passwordConfig(), &world{Answer: inTurn(test.answer, ok())}, func(t *testing.T, s *session) {
			check.OK(t, s.get(t.Context()))
			check.Equal(t, "the pause", test.want, s.Times[1].Sub(s.Times[0]))
		}))
	}
}

func TestAWaitBeyondTheDeadlineFailsAtOnce(t *testing.T) {
	for name, answer := range map[string]fakeAnswer{"a pause": status(429), "an outage": {Status: 503, Header: retryAfterHeader("3600")}} {
		t.Run(name, bubble(passwordConfig(), &world{Answer: inTurn(answer)}, func(t *testing.T, s *session) {
			ctx, throttled := check.Within(t, 30*time.Second), answer.Status == http.StatusTooManyRequests
			start := time.Now()
			for range 2 { // the second does not even send
				if err := s.get(ctx); !apierr.IsStatus(err, answer.Status) || time.Since(start) != 0 || s.Asked() != 1 {
					t.Errorf("got %v after %v and %d requests, want a %d at once after one", err, time.Since(start), s.Asked(), answer.Status)
				}
				if !throttled {
					break
				}
			}
			check.Equal(t, "counted 429", map[bool]float64{true: 1}[throttled], s.metric(t, "cloudip_api_throttled_total", "network"))
		}))
	}
}

func TestAPauseBeyondTheDeadlineHoldsBackWhatWasThrottledAlone(t *testing.T) {
	bubble(passwordConfig(), &world{Answer: inTurn(status(429), ok())}, func(t *testing.T, s *session) {
		ctx := check.Within(t, 30*time.Second)
		if err := s.get(ctx); !apierr.IsStatus(err, http.StatusTooManyRequests) {
			t.Fatalf("got %v, want 429", err)
		}
		start, other := time.Now(), wire.Call{Operation: "list_subnets", Path: testPath}
		if err := s.send(ctx, other); err != nil || time.Since(start) > time.Second {
			t.Errorf("another API: got %v after %v", err, time.Since(start))
		}
		patient := check.Within(t, 5*time.Minute)
		if err := s.send(patient, other); err != nil || time.Since(start) < 59*time.Second {
			t.Errorf("who can wait: got %v after %v, want the pause waited out", err, time.Since(start))
		}
	})(t)
}

func TestA429PausesAllAndEndsWithoutABurst(t *testing.T) {
	bubble(limitedConfig(10, 8), &world{Answer: inTurn(ok(), ok(), status(429), ok())}, func(t *testing.T, s *session) {
		var group errgroup.Group
		for range 20 {
			group.Go(func() error { return s.get(t.Context()) })
		}
		check.OK(t, group.Wait())
		if s.Asked() != 21 {
			t.Fatalf("got %d requests, want 21", s.Asked())
		}
		for i, at := range s.Times[1:] {
			gap := at.Sub(s.Times[i])
			if i == 2 && gap < time.Minute || gap < 99*time.Millisecond {
				t.Errorf("request %d came %v after the one before", i+2, gap)
			}
		}
	})(t)
}

func TestRetriesOfAFailingCloudAreBounded(t *testing.T) {
	bubble(passwordConfig(), &world{Answer: inTurn(status(503))}, func(t *testing.T, s *session) {
		const calls = 1000
		for range calls {
			_ = s.get(t.Context())
		}
		check.Equal(t, "retries", 30, s.Asked()-calls)
	})(t)
}

func TestAThirdOfFailuresIsHiddenByRetries(t *testing.T) {
	// Of ten attempts three fail, never more than two in a row.
	w := &world{Answer: func(n int, _ *http.Request) fakeAnswer {
		if n%10 == 3 || n%10 == 6 || n%10 == 7 {
			return status(503)
		}
		return ok()
	}}
	bubble(passwordConfig(), w, func(t *testing.T, s *session) {
		for range 200 {
			check.OK(t, s.get(t.Context()))
		}
	})(t)
}

func TestWhatFailedAndWhatBrokeOffAreThreeTriesTogether(t *testing.T) {
	cut := fakeAnswer{Status: http.StatusOK, Body: `{"ports":[`}
	for name, test := range map[string]struct {
		answers      []fakeAnswer // the last one stays
		sent         float64
		server, body float64 // retries by reason
		well         bool
	}{
		"cut once":              {[]fakeAnswer{cut, ok()}, 2, 0, 1, true},
		"cut for good":          {[]fakeAnswer{cut}, 3, 0, 2, false},
		"down, cut, down":       {[]fakeAnswer{status(503), cut, status(503)}, 3, 1, 1, false},
		"cut, down, well":       {[]fakeAnswer{cut, status(503), ok()}, 3, 1, 1, true},
		"down, down, then cut":  {[]fakeAnswer{status(503), status(503), cut, ok()}, 3, 2, 0, false},
		"refused, and for good": {[]fakeAnswer{status(403), ok()}, 1, 0, 0, false},
	} {
		t.Run(name, bubble(passwordConfig(), &world{Answer: inTurn(test.answers...)}, func(t *testing.T, s *session) {
			c := check.Get(s.project.service(t.Context(), "network"))(t)
			err := c.Read(t.Context(), wire.Call{Operation: "list_ports", Path: testPath}, func(r io.Reader) error {
				if text, err := io.ReadAll(r); err != nil || string(text) == cut.Body {
					return io.ErrUnexpectedEOF
				}
				return nil
			})
			retries := func(reason string) float64 { return s.metric(t, "cloudip_api_retries_total", "network", reason) }
			check.Equal(t, fmt.Sprintf("success, with the error %v", err), test.well, err == nil)
			got := []float64{float64(s.Asked()), retries("server_error"), retries("body")}
			check.Equal(t, "requests and retries", []float64{test.sent, test.server, test.body}, got)
		}))
	}
}

func TestAnAttemptThatTheCallerEndsIsCountedForHowItEnded(t *testing.T) {
	bubble(passwordConfig(), &world{Answer: inTurn(fakeAnswer{After: time.Hour})}, func(t *testing.T, s *session) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("collection.timeout passed"))
		defer cancel()
		_ = s.get(ctx)
		gone, leave := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { leave(errors.New("reloaded")) })
		_ = s.get(gone)
		for _, code := range []string{apierr.ClassTimeout, apierr.ClassCanceled} {
			check.Equal(t, "requests of code "+code, 1.0, s.metric(t, "cloudip_api_requests_total", "list_ports", code))
		}
	})(t)
}
