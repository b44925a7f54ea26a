package auth

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// askAtOnce asks for all of it at the same time, as a collection does. Each must
// come or be refused for the key, with an error that does not tell it.
func askAtOnce(t *testing.T, s *session, all ...string) {
	t.Helper()
	var wg sync.WaitGroup
	for _, what := range all {
		wg.Go(func() {
			if err := s.ask(t.Context(), "list_"+what, "/v1/"+what); err != nil && (!apierr.IsAuth(err) || strings.Contains(err.Error(), "SKEXAMPLE")) {
				t.Errorf("%s: got %v", what, err)
			}
		})
	}
	wg.Wait()
}

func collectKeyed(t *testing.T, s *session) {
	t.Helper()
	askAtOnce(t, s, "ports", "quotas", "subnets", "vpcs")
}

func refusing(after time.Duration, what ...string) func(int, *http.Request) fakeAnswer {
	return func(_ int, req *http.Request) fakeAnswer {
		for _, w := range what {
			if strings.HasSuffix(req.URL.Path, w) {
				return fakeAnswer{Status: 401, Body: badSignatureBody, After: after}
			}
		}
		return fakeAnswer{Status: 200, Body: "{}", After: after}
	}
}

func TestAWrongKeyIsSeenByOneRequestOfACollection(t *testing.T) {
	for _, after := range []time.Duration{time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := newSession(t, keyConfig(), &world{Answer: refusing(after, "ports", "quotas", "subnets", "vpcs")})
			for round := range 3 {
				collectKeyed(t, s)
				if want := round + 1; s.Asked() != want {
					t.Errorf("asked %d times after %d collections, want %d: five in a row lock the key", s.Asked(), round+1, want)
				}
				time.Sleep(time.Minute)
			}
		})
	}
}

func TestOtherAnswersAreNoProofOfAKey(t *testing.T) {
	for _, status := range []int{302, 404, 501} {
		synctest.Test(t, func(t *testing.T) {
			s := newSession(t, keyConfig(), &world{Answer: func(n int, req *http.Request) fakeAnswer {
				if strings.HasSuffix(req.URL.Path, "vpcs") {
					return fakeAnswer{Status: status, Body: `{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`}
				}
				return fakeAnswer{Status: 401, Body: badSignatureBody}
			}})
			_ = s.ask(t.Context(), "list_vpcs", "/v1/vpcs")
			askAtOnce(t, s, "ports", "quotas", "subnets")
			if got := s.Asked(); got != 2 {
				t.Errorf("after an answer %d the key was tried %d times, want once by one request", status, got-1)
			}
		})
	}
}

func TestAnAnswerToARequestSentBeforeARefusalProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{Answer: refusing(time.Second)}
		s := newSession(t, keyConfig(), w)
		if err := s.get(t.Context()); err != nil { // proves the key
			t.Fatal(err)
		}
		w.Answer = func(n int, req *http.Request) fakeAnswer {
			if strings.HasSuffix(req.URL.Path, "ports") {
				return refusing(time.Second, "ports")(n, req)
			}
			return refusing(time.Second+refusalHold/2)(n, req)
		}
		collectKeyed(t, s)
		w.Answer = refusing(time.Millisecond, "ports", "quotas", "subnets", "vpcs")
		time.Sleep(refusalHold)
		before := s.Asked()
		collectKeyed(t, s)
		if got := s.Asked() - before; got != 1 {
			t.Errorf("asked %d times, want once: the answers that came late prove nothing", got)
		}
	})
}
