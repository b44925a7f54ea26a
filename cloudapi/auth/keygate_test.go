package auth

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/test/check"
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
		bubble(keyConfig(), &world{Answer: refusing(after, "ports", "quotas", "subnets", "vpcs")}, func(t *testing.T, s *session) {
			for round := range 3 {
				collectKeyed(t, s)
				s.wantSent(t, "after a collection: five in a row lock the key", round+1, 0)
				time.Sleep(time.Minute)
			}
		})(t)
	}
}

func TestOtherAnswersAreNoProofOfAKey(t *testing.T) {
	for _, status := range []int{302, 404, 501} {
		w := &world{Answer: func(n int, req *http.Request) fakeAnswer {
			if strings.HasSuffix(req.URL.Path, "vpcs") {
				return fakeAnswer{Status: status, Body: `{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`}
			}
			return fakeAnswer{Status: 401, Body: badSignatureBody}
		}}
		bubble(keyConfig(), w, func(t *testing.T, s *session) {
			_ = s.ask(t.Context(), "list_vpcs", "/v1/vpcs")
			askAtOnce(t, s, "ports", "quotas", "subnets")
			s.wantSent(t, fmt.Sprintf("the key is tried by one request after an answer %d", status), 2, 0)
		})(t)
	}
}

func TestAnAnswerToARequestSentBeforeARefusalProvesNothing(t *testing.T) {
	bubble(keyConfig(), &world{Answer: refusing(time.Second)}, func(t *testing.T, s *session) {
		check.OK(t, s.get(t.Context())) // proves the key
		s.Answer = func(n int, req *http.Request) fakeAnswer {
			if strings.HasSuffix(req.URL.Path, "ports") {
				return refusing(time.Second, "ports")(n, req)
			}
			return refusing(time.Second+refusalHold/2)(n, req)
		}
		collectKeyed(t, s)
		s.Answer = refusing(time.Millisecond, "ports", "quotas", "subnets", "vpcs")
		time.Sleep(refusalHold)
		before := s.Asked()
		collectKeyed(t, s)
		s.wantSent(t, "the answers that came late prove nothing", before+1, 0)
	})(t)
}
