package cloudapi

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// collectKeyed asks for four things at once, as a collection does, and returns
// which of them came.
func collectKeyed(t *testing.T, s *session) (came map[string]bool) {
	t.Helper()
	came = make(map[string]bool)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, what := range []string{"ports", "quotas", "subnets", "vpcs"} {
		wg.Go(func() {
			err := s.ask(t.Context(), "list_"+what, "/v1/"+what)
			if err != nil && !IsAuth(err) {
				t.Errorf("%s: got %v", what, err)
			}
			mu.Lock()
			came[what] = err == nil
			mu.Unlock()
		})
	}
	wg.Wait()
	return came
}

func refusing(after time.Duration, what ...string) func(int, *http.Request) fakeAnswer {
	return func(_ int, req *http.Request) fakeAnswer {
		for _, w := range what {
			if strings.HasSuffix(req.URL.Path, w) {
				return fakeAnswer{status: 401, body: badSignatureBody, after: after}
			}
		}
		return fakeAnswer{status: 200, body: "{}", after: after}
	}
}

func TestAServiceThatRefusesTheKeyOfAllOthersFailsAlone(t *testing.T) {
	for _, after := range []time.Duration{time.Millisecond, time.Second} {
		for _, refused := range []string{"ports", "quotas", "subnets", "vpcs"} {
			synctest.Test(t, func(t *testing.T) {
				s := newSession(t, keyConfig(), &world{answer: refusing(after, refused)})
				for round := range 5 {
					for what, came := range collectKeyed(t, s) {
						if came == (what == refused) {
							t.Errorf("%s refused, answers after %v, collection %d: %s came: %v", refused, after, round, what, came)
						}
					}
					time.Sleep(time.Minute)
				}
				if s.asked() != 5*4 {
					t.Errorf("asked %d times, want each once in each of 5 collections", s.asked())
				}
			})
		}
	}
}

func TestAWrongKeyIsSeenByTwoOperationsOnly(t *testing.T) {
	for _, after := range []time.Duration{time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := newSession(t, keyConfig(), &world{answer: refusing(after, "ports", "quotas", "subnets", "vpcs")})
			for round := range 3 {
				collectKeyed(t, s)
				if want := 2 * (round + 1); s.asked() != want {
					t.Errorf("asked %d times after %d collections, want %d: five in a row lock the key", s.asked(), round+1, want)
				}
				time.Sleep(time.Minute)
			}
		})
	}
}

func TestOtherAnswersAreNoProofOfAKey(t *testing.T) {
	for _, status := range []int{302, 404, 501} {
		synctest.Test(t, func(t *testing.T) {
			s := newSession(t, keyConfig(), &world{answer: func(n int, req *http.Request) fakeAnswer {
				if strings.HasSuffix(req.URL.Path, "vpcs") {
					return fakeAnswer{status: status, body: `{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`}
				}
				return fakeAnswer{status: 401, body: badSignatureBody}
			}})
			refused := 0
			for _, what := range []string{"ports", "vpcs", "quotas", "vpcs", "subnets", "servers"} {
				before := s.asked()
				if err := s.ask(t.Context(), "list_"+what, "/v1/"+what); IsAuth(err) {
					refused += s.asked() - before
				}
			}
			if refused != 2 {
				t.Errorf("beside answers %d the key was refused %d times, want 2", status, refused)
			}
		})
	}
}

func TestAnOperationThatIsRefusedIsNotAskedAgainBecauseOthersAreNot(t *testing.T) {
	for _, pause := range []time.Duration{0, refusalHold / 2} {
		synctest.Test(t, func(t *testing.T) {
			s := newSession(t, keyConfig(), &world{answer: refusing(time.Millisecond, "ports")})
			for _, what := range []string{"ports", "vpcs", "ports", "ports", "quotas", "ports"} {
				if err := s.ask(t.Context(), "list_"+what, "/v1/"+what); (err != nil) != (what == "ports") {
					t.Errorf("%s: got %v", what, err)
				}
				time.Sleep(pause)
			}
			if s.asked() != 3 {
				t.Errorf("pauses of %v: asked %d times, want ports once and the others", pause, s.asked())
			}
		})
	}
}

func TestAKeyThatIsTakenBackInTheMiddleIsHeldBackFromAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{answer: refusing(time.Second)}
		s := newSession(t, keyConfig(), w)
		if err := s.get(t.Context()); err != nil { // proves the key
			t.Fatal(err)
		}
		w.answer = refusing(time.Second, "ports", "quotas", "subnets", "vpcs")
		collectKeyed(t, s) // all four were under way
		collectKeyed(t, s)
		if s.asked() != 1+4 {
			t.Errorf("asked %d times, want no more than were under way", s.asked())
		}
	})
}

func TestAnAnswerToARequestSentBeforeARefusalProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{answer: refusing(time.Second)}
		s := newSession(t, keyConfig(), w)
		if err := s.get(t.Context()); err != nil { // proves the key
			t.Fatal(err)
		}
		w.answer = func(n int, req *http.Request) fakeAnswer {
			if strings.HasSuffix(req.URL.Path, "ports") {
				return refusing(time.Second, "ports")(n, req)
			}
			return refusing(time.Second+refusalHold/2)(n, req)
		}
		collectKeyed(t, s)
		w.answer = refusing(time.Millisecond, "ports", "quotas", "subnets", "vpcs")
		before := s.asked()
		collectKeyed(t, s)
		if got := s.asked() - before; got != 1 {
			t.Errorf("asked %d times, want once: a second operation that is refused holds back all", got)
		}
	})
}

func TestAnAnswerThatTookTheKeyEndsDoubts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, keyConfig(), &world{answer: refusing(time.Millisecond, "ports", "quotas")})
		for _, what := range []string{"ports", "vpcs", "quotas", "vpcs"} {
			if err := s.ask(t.Context(), "list_"+what, "/v1/"+what); (err == nil) != (what == "vpcs") {
				t.Errorf("%s: got %v", what, err)
			}
		}
	})
}
