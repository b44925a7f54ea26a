package auth

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
)

const badSignatureBody = `{"error_msg":"Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|/v1/x|Authorization:SKEXAMPLE","error_code":"APIGW.0301","request_id":"r1"}`

func TestAKeyThatWorksIsUsedByAllAtOnce(t *testing.T) {
	bubble(keyConfig(), &world{Answer: inTurn(fakeAnswer{Status: 200, Body: "{}", After: time.Second})}, func(t *testing.T, s *session) {
		start := time.Now()
		check.OK(t, s.getAtOnce(t, 9))
		check.Equal(t, "one second alone, and one for the eight others", 2*time.Second, time.Since(start))
		for _, req := range s.Requests {
			if req.Header.Get("X-Auth-Token") != "" || req.Header.Get("X-Project-Id") != testProject ||
				!strings.HasPrefix(req.Header.Get("Authorization"), "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=host;x-project-id;x-sdk-date, Signature=") {
				t.Errorf("got headers %v", req.Header)
			}
		}
	})(t)
}

func TestAKeyChangedBetweenCollectionsIsSeenByOneRequestOnly(t *testing.T) {
	for name, test := range map[string]struct {
		concurrency, requests int
		pause                 time.Duration // between two collections
		want                  int           // requests with the old key, five of which lock it
	}{
		"between collections":        {8, 8, 15 * time.Second, 1},
		"while 18 of 20 are waiting": {2, 20, 0, 2}, // those under way
	} {
		cfg, changed := keyConfig(), false
		cfg.Limits.Concurrency = test.concurrency
		t.Run(name, bubble(cfg, &world{Answer: func(int, *http.Request) fakeAnswer {
			if changed {
				return fakeAnswer{Status: 401, Body: `{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}`, After: time.Second}
			}
			return fakeAnswer{Status: 200, Body: "{}", After: time.Second}
		}}, func(t *testing.T, s *session) {
			_ = s.getAtOnce(t, test.concurrency)
			before := s.Asked()
			changed = true
			time.Sleep(test.pause)
			_ = s.getAtOnce(t, test.requests)
			check.Equal(t, "requests with a key that was changed", test.want, s.Asked()-before)
		}))
	}
}

func TestA401ThatIsNotAboutTheKeyDoesNotHoldItBack(t *testing.T) {
	s := newSession(t, keyConfig(), &world{Answer: inTurn(fakeAnswer{Status: 401, Body: `{"error_msg":"get token error","error_code":"APIGW.0301"}`}, ok())})
	if err := s.get(t.Context()); !apierr.IsAuth(err) {
		t.Errorf("got %v", err)
	}
	check.OK(t, s.get(t.Context()))
	check.Equal(t, "failures counted", 1.0, s.metric(t, "cloudip_auth_failures_total", "test"))
}

func TestAChangedKeyFileCountsAtOnce(t *testing.T) {
	file := check.Write(t, filepath.Join(t.TempDir(), "sk"), "OLDSECRET")
	cfg := keyConfig()
	cfg.Auth.SecretKey = config.NewSecretFile(file)
	s := newSession(t, cfg, &world{Answer: inTurn(fakeAnswer{Status: 401, Body: badSignatureBody}, ok())})
	if err := s.get(t.Context()); !apierr.IsAuth(err) {
		t.Fatalf("got %v", err)
	}
	check.Write(t, file, "NEWSECRET")
	check.OK(t, s.get(t.Context()))
}

func TestTheClockIsNamedWhereItIsToBlame(t *testing.T) {
	for name, a := range map[string]fakeAnswer{
		"by the date": {Status: 401, Body: badSignatureBody, Header: http.Header{"Date": {time.Now().Add(-20 * time.Minute).UTC().Format(http.TimeFormat)}}},
		"by the code": {Status: 401, Body: `{"error_msg":"Incorrect app authentication information: signature expired","error_code":"APIGW.0303"}`},
	} {
		s := newSession(t, keyConfig(), &world{Answer: inTurn(a)})
		check.Fails(t, name, s.get(t.Context()), "clock")
	}
}

type metadata struct {
	tokenStatus int
	life        time.Duration
	noAgency    bool
	down        atomic.Bool
	fetched     atomic.Int32
	access      atomic.Value // string; TEMPAK when nil
}

func (m *metadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case m.down.Load():
		w.WriteHeader(http.StatusInternalServerError)
	case r.Method == http.MethodPut && r.URL.Path == "/meta-data/latest/api/token" && r.Header.Get("X-Metadata-Token-Ttl-Seconds") == "21600":
		w.WriteHeader(m.tokenStatus)
		_, _ = w.Write([]byte("session"))
	case r.Method == http.MethodGet && r.URL.Path == "/openstack/latest/securitykey" && !m.noAgency && (m.tokenStatus != 200 || r.Header.Get("X-Metadata-Token") == "session"):
		m.fetched.Add(1)
		access, _ := m.access.Load().(string)
		_, _ = w.Write([]byte(`{"credential":{"access":"` + cmp.Or(access, "TEMPAK") + `","secret":"TEMPSK","securitytoken":"TEMPTOKEN","expires_at":"` +
			time.Now().Add(m.life).UTC().Format("2006-01-02T15:04:05.000000Z") + `"}}`))
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func metadataSession(t *testing.T, m *metadata, w *world) *session {
	cfg := keyConfig()
	cfg.Auth = config.Auth{Type: config.InstanceMetadata, URL: cfg.Auth.URL}
	cfg.Endpoints["metadata"] = loopback.Serve(t, m)
	cfg.HTTP.ProxyURL = config.NewSecret("http://127.0.0.1:1") // must not be asked
	return newSession(t, cfg, w)
}

func TestKeysOfTheMachineSignRequests(t *testing.T) {
	for _, tokenStatus := range []int{200, 404, 405, 503} {
		m := &metadata{tokenStatus: tokenStatus, life: time.Hour}
		s := metadataSession(t, m, &world{})
		for range 3 {
			check.OK(t, s.get(t.Context()))
		}
		h, expiry := s.Requests[0].Header, s.metric(t, "cloudip_credential_expiry_timestamp_seconds", "test")
		if h.Get("X-Security-Token") != "TEMPTOKEN" || !strings.Contains(h.Get("Authorization"), "Access=TEMPAK, SignedHeaders=host;x-project-id;x-sdk-date;x-security-token") ||
			m.fetched.Load() != 1 || expiry < float64(time.Now().Unix()) {
			t.Errorf("token status %d: keys were fetched %d times, want once, expiry %v, headers %v", tokenStatus, m.fetched.Load(), expiry, h)
		}
	}
}

func TestRefusedKeysOfTheMachineAreFetchedAnewOnce(t *testing.T) {
	for name, test := range map[string]struct {
		rotated bool
		method  func(*session, context.Context) error
		asked   int // requests after the rotation
	}{
		"GET, new keys":  {true, (*session).get, 2},
		"POST, new keys": {true, (*session).post, 2},
		"the same keys":  {false, (*session).get, 1},
	} {
		m := &metadata{tokenStatus: 200, life: time.Hour}
		var revoked atomic.Bool
		s := metadataSession(t, m, &world{Answer: func(_ int, req *http.Request) fakeAnswer {
			if revoked.Load() && strings.Contains(req.Header.Get("Authorization"), "Access=TEMPAK,") {
				return fakeAnswer{Status: 401, Body: badSignatureBody}
			}
			return ok()
		}})
		check.OK(t, s.get(t.Context()))
		revoked.Store(true)
		if test.rotated {
			m.access.Store("NEXTAK")
		}
		err, failures := test.method(s, t.Context()), s.metric(t, "cloudip_auth_failures_total", "test")
		if (err == nil) != test.rotated || s.Asked()-1 != test.asked || m.fetched.Load() != 2 || (failures == 0) != test.rotated {
			t.Errorf("%s: %v after %d requests, keys fetched %d times, %v failures counted; want %d requests, twice", name, err, s.Asked()-1, m.fetched.Load(), failures, test.asked)
		}
	}
}

func TestOldKeysServeWhileTheyAreValid(t *testing.T) {
	m := &metadata{tokenStatus: 200, life: time.Hour}
	s := metadataSession(t, m, &world{})
	check.OK(t, s.get(t.Context()))
	m.down.Store(true)
	check.OK(t, s.get(t.Context())) // fresh keys need no metadata
	keys := s.account.keys
	old := *keys.current
	for _, end := range []time.Duration{5 * time.Minute, -time.Second} {
		old.renewAt, old.endsAt = time.Now().Add(-time.Second), time.Now().Add(end)
		keys.current = &old
		if err := s.get(t.Context()); (err == nil) != (end > 0) {
			t.Errorf("keys that end in %v: got %v", end, err)
		}
	}
}

func TestAMachineWithoutAgencyIsTold(t *testing.T) {
	s := metadataSession(t, &metadata{tokenStatus: 200, noAgency: true}, &world{})
	if err := s.get(t.Context()); !apierr.IsAuth(err) || !strings.Contains(err.Error(), "agency") || s.Asked() != 0 {
		t.Errorf("got %v, %d requests were sent without a key", err, s.Asked())
	}
}

func TestARequestIsSignedWhenItsTurnHasCome(t *testing.T) {
	late := fakeAnswer{Status: http.StatusTooManyRequests, Header: retryAfterHeader("1800"), Body: `{}`}
	bubble(keyConfig(), &world{Answer: inTurn(late, ok())}, func(t *testing.T, s *session) {
		for range 2 {
			check.OK(t, s.get(t.Context()))
		}
		for i, req := range s.Requests {
			if signed, err := time.Parse(signTime, req.Header.Get(headerDate)); err != nil || s.Times[i].Sub(signed) > time.Minute {
				t.Errorf("request %d, sent at %v, was signed at %v, %v", i, s.Times[i], signed, err)
			}
		}
	})(t)
}

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

var collected = []string{"ports", "quotas", "subnets", "vpcs"}

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
		bubble(keyConfig(), &world{Answer: refusing(after, collected...)}, func(t *testing.T, s *session) {
			for round := range 3 {
				askAtOnce(t, s, collected...)
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
			return fakeAnswer{Status: 401, Body: badSignatureBody, After: time.Second} // the others come meanwhile
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
		askAtOnce(t, s, collected...)
		s.Answer = refusing(time.Millisecond, collected...)
		time.Sleep(refusalHold)
		before := s.Asked()
		askAtOnce(t, s, collected...)
		s.wantSent(t, "the answers that came late prove nothing", before+1, 0)
	})(t)
}
