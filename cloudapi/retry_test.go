package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/test/check"
)

func TestWhatIsTriedAgain(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for name, test := range map[string]struct {
		answer fakeAnswer
		post   bool
		want   int
	}{
		"500":                    {answer: status(500), want: 3},
		"502":                    {answer: fakeAnswer{Status: 502, Body: "<html>"}, want: 3},
		"503":                    {answer: status(503), want: 3},
		"429":                    {answer: status(429), want: 3},
		"connection refused":     {answer: fakeAnswer{Err: refused}, want: 3},
		"name not found":         {answer: fakeAnswer{Err: &net.DNSError{Err: "no such host", IsNotFound: true}}, want: 3},
		"400":                    {answer: status(400), want: 1},
		"403":                    {answer: status(403), want: 1},
		"404":                    {answer: status(404), want: 1},
		"302":                    {answer: status(302), want: 1},
		"501":                    {answer: status(501), want: 1},
		"500 address in use":     {answer: fakeAnswer{Status: 500, Body: `{"code":"VPC.0701","message":"in use"}`}, want: 1},
		"bad certificate":        {answer: fakeAnswer{Err: errors.New("tls: failed to verify certificate")}, want: 1},
		"POST 500":               {answer: status(500), post: true, want: 1},
		"POST 429":               {answer: status(429), post: true, want: 1},
		"POST connection broken": {answer: fakeAnswer{Err: refused}, post: true, want: 1},
	} {
		t.Run(name, bubble(passwordConfig(), &world{Answer: inTurn(test.answer)}, func(t *testing.T, s *session) {
			send := s.get
			if test.post {
				send = s.post
			}
			err, retries := send(t.Context()), s.metric(t, "cloudip_api_retries_total", "network")
			if err == nil || s.Asked() != test.want || retries != float64(test.want-1) {
				t.Errorf("got %v after %d requests and %v counted retries, want an error after %d", err, s.Asked(), retries, test.want)
			}
		}))
	}
}

// A call is sent three times at most; the repetition after a 401 counts, but is
// never the one that is left out.
func TestACallIsSentThreeTimesAtMostAndLoggedInForOnce(t *testing.T) {
	for _, test := range []struct {
		answers      []int
		sent, logins int
		want         int // 200: success
	}{
		{[]int{401, 500, 500, 500}, 3, 2, 500},
		{[]int{401, 500, 200}, 3, 2, 200},
		{[]int{500, 401, 500, 401, 500}, 3, 2, 500},
		{[]int{500, 500, 401, 200}, 4, 2, 200},
		{[]int{500, 500, 401, 500}, 4, 2, 500},
		{[]int{401, 500, 401, 200}, 3, 2, 401},
		{[]int{401, 401, 200}, 2, 2, 401},
		{[]int{500, 500, 500, 200}, 3, 1, 500},
	} {
		var answers []fakeAnswer
		for _, code := range test.answers {
			answers = append(answers, status(code))
		}
		t.Run(fmt.Sprint(test.answers), bubble(passwordConfig(), &world{Answer: inTurn(answers...)}, func(t *testing.T, s *session) {
			err := s.get(t.Context())
			if (test.want == 200) != (err == nil) || err != nil && !apierr.IsStatus(err, test.want) {
				t.Errorf("got %v, want %d", err, test.want)
			}
			if s.Asked() != test.sent || s.Logins() != test.logins {
				t.Errorf("got %d requests and %d logins, want %d and %d", s.Asked(), s.Logins(), test.sent, test.logins)
			}
		}))
	}
}

func TestALoginThatFailsIsNotRepeatedByTheRequestThatNeededIt(t *testing.T) {
	for name, w := range map[string]*world{
		"503":        {Login: func(int) (int, string) { return 503, `{}` }},
		"connection": {Broken: &net.OpError{Op: "read", Err: syscall.ECONNRESET}},
	} {
		t.Run(name, bubble(passwordConfig(), w, func(t *testing.T, s *session) {
			if err := s.get(t.Context()); err == nil || s.Logins() != 1 || s.Asked() != 0 {
				t.Errorf("%v after %d logins and %d requests, want one login", err, s.Logins(), s.Asked())
			}
			check.Equal(t, "retries counted of a service that was not asked", 0.0, s.metric(t, "cloudip_api_retries_total", "network"))
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
	for name, test := range map[string]struct {
		answer    fakeAnswer
		throttled bool
	}{
		"a pause":   {status(429), true},
		"an outage": {fakeAnswer{Status: 503, Header: retryAfterHeader("3600")}, false},
	} {
		t.Run(name, bubble(passwordConfig(), &world{Answer: inTurn(test.answer)}, func(t *testing.T, s *session) {
			ctx := check.Within(t, 30*time.Second)
			start := time.Now()
			for range 2 { // the second does not even send
				if err := s.get(ctx); apierr.IsThrottled(err) != test.throttled || !apierr.IsStatus(err, test.answer.Status) || time.Since(start) != 0 || s.Asked() != 1 {
					t.Errorf("got %v after %v and %d requests, want a %d at once after one", err, time.Since(start), s.Asked(), test.answer.Status)
				}
				if !test.throttled {
					break
				}
			}
			check.Equal(t, "counted 429", map[bool]float64{true: 1}[test.throttled], s.metric(t, "cloudip_api_throttled_total", "network"))
		}))
	}
}

func TestAPauseBeyondTheDeadlineHoldsBackWhatWasThrottledAlone(t *testing.T) {
	bubble(passwordConfig(), &world{Answer: inTurn(status(429), ok())}, func(t *testing.T, s *session) {
		ctx := check.Within(t, 30*time.Second)
		if err := s.get(ctx); !apierr.IsThrottled(err) {
			t.Fatalf("got %v, want 429", err)
		}
		c := check.Get(s.project.service(ctx, "network"))(t)
		start, other := time.Now(), wire.Call{Operation: "list_subnets", Path: testPath}
		if err := drain(c.Do(ctx, other)); err != nil || time.Since(start) > time.Second {
			t.Errorf("another API: got %v after %v", err, time.Since(start))
		}
		patient := check.Within(t, 5*time.Minute)
		if err := drain(c.Do(patient, other)); err != nil || time.Since(start) < 59*time.Second {
			t.Errorf("who can wait: got %v after %v, want the pause waited out", err, time.Since(start))
		}
	})(t)
}

func TestA429PausesAllAndEndsWithoutABurst(t *testing.T) {
	bubble(limitedConfig(10, 8), &world{Answer: inTurn(ok(), ok(), status(429), ok())}, func(t *testing.T, s *session) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := s.get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
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
		sent         int
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
			server, body := s.metric(t, "cloudip_api_retries_total", "network", "server_error"), s.metric(t, "cloudip_api_retries_total", "network", "body")
			if (err == nil) != test.well || s.Asked() != test.sent || server != test.server || body != test.body {
				t.Errorf("error %v after %d requests, %v and %v retries; want success %v after %d", err, s.Asked(), server, body, test.well, test.sent)
			}
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
