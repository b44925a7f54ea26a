package auth

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
)

const badSignatureBody = `{"error_msg":"Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|/v1/x|Authorization:SKEXAMPLE","error_code":"APIGW.0301","request_id":"r1"}`

func TestAKeyThatWorksIsUsedByAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, keyConfig(), &world{Answer: func(int, *http.Request) fakeAnswer {
			return fakeAnswer{Status: 200, Body: "{}", After: time.Second}
		}})
		start := time.Now()
		var wg sync.WaitGroup
		for range 9 {
			wg.Go(func() {
				if err := s.get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := time.Since(start); got != 2*time.Second {
			t.Errorf("took %v, want one second alone and one for the eight others", got)
		}
		for _, req := range s.Requests {
			if req.Header.Get("X-Auth-Token") != "" || req.Header.Get("X-Project-Id") != testProject ||
				!strings.HasPrefix(req.Header.Get("Authorization"), "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=host;x-project-id;x-sdk-date, Signature=") {
				t.Errorf("got headers %v", req.Header)
			}
		}
	})
}

func TestAKeyChangedBetweenCollectionsIsSeenByOneRequestOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changed atomic.Bool
		s := newSession(t, keyConfig(), &world{Answer: func(int, *http.Request) fakeAnswer {
			if changed.Load() {
				return fakeAnswer{Status: 401, Body: `{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}`, After: time.Second}
			}
			return fakeAnswer{Status: 200, Body: "{}", After: time.Second}
		}})
		eight := func() {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() { _ = s.get(t.Context()) })
			}
			wg.Wait()
		}
		eight()
		before := len(s.Requests)
		changed.Store(true)
		time.Sleep(15 * time.Second)
		eight()
		if got := len(s.Requests) - before; got != 1 {
			t.Errorf("%d requests with a key that was changed, want 1: five lock it", got)
		}
	})
}

func TestAKeyChangedWhileRequestsWaitIsTriedByThoseUnderWayOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changed atomic.Bool
		cfg := keyConfig()
		cfg.Limits.Concurrency = 2
		s := newSession(t, cfg, &world{Answer: func(int, *http.Request) fakeAnswer {
			if changed.Load() {
				return fakeAnswer{Status: 401, Body: `{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}`, After: time.Second}
			}
			return fakeAnswer{Status: 200, Body: "{}", After: time.Second}
		}})
		if err := s.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := len(s.Requests)
		changed.Store(true)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _ = s.get(t.Context()) })
		}
		wg.Wait()
		if got := len(s.Requests) - before; got != 2 {
			t.Errorf("%d requests with a key that was changed, want the 2 under way", got)
		}
	})
}

func TestA401ThatIsNotAboutTheKeyDoesNotHoldItBack(t *testing.T) {
	s := newSession(t, keyConfig(), &world{Answer: func(n int, _ *http.Request) fakeAnswer {
		if n == 1 {
			return fakeAnswer{Status: 401, Body: `{"error_msg":"get token error","error_code":"APIGW.0301"}`}
		}
		return ok()
	}})
	if err := s.get(t.Context()); !apierr.IsAuth(err) {
		t.Errorf("got %v", err)
	}
	if err := s.get(t.Context()); err != nil {
		t.Errorf("the next: got %v", err)
	}
	if n := s.metric(t, "cloudip_auth_failures_total", "test"); n != 1 {
		t.Errorf("%v failures counted, want 1", n)
	}
}

func TestAChangedKeyFileCountsAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sk")
	if err := os.WriteFile(file, []byte("OLDSECRET"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := keyConfig()
	cfg.Auth.SecretKey = config.NewSecretFile(file)
	var bad atomic.Bool
	bad.Store(true)
	s := newSession(t, cfg, &world{Answer: func(int, *http.Request) fakeAnswer {
		if bad.Load() {
			return fakeAnswer{Status: 401, Body: badSignatureBody}
		}
		return ok()
	}})
	if err := s.get(t.Context()); !apierr.IsAuth(err) {
		t.Fatalf("got %v", err)
	}
	bad.Store(false)
	if err := os.WriteFile(file, []byte("NEWSECRET"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.get(t.Context()); err != nil {
		t.Errorf("after the change: got %v", err)
	}
}

func TestTheClockIsNamedWhereItIsToBlame(t *testing.T) {
	for name, a := range map[string]fakeAnswer{
		"by the date": {Status: 401, Body: badSignatureBody, Header: http.Header{"Date": {time.Now().Add(-20 * time.Minute).UTC().Format(http.TimeFormat)}}},
		"by the code": {Status: 401, Body: `{"error_msg":"Incorrect app authentication information: signature expired","error_code":"APIGW.0303"}`},
	} {
		s := newSession(t, keyConfig(), &world{Answer: func(int, *http.Request) fakeAnswer { return a }})
		if err := s.get(t.Context()); err == nil || !strings.Contains(err.Error(), "clock") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// metadata is a metadata service of a machine.
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
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	cfg := keyConfig()
	cfg.Auth = config.Auth{Type: config.InstanceMetadata, URL: cfg.Auth.URL}
	cfg.Endpoints["metadata"] = server.URL
	cfg.HTTP.ProxyURL = config.NewSecret("http://127.0.0.1:1") // must not be asked
	return newSession(t, cfg, w)
}

func TestKeysOfTheMachineSignRequests(t *testing.T) {
	for _, tokenStatus := range []int{200, 404, 405, 503} {
		m := &metadata{tokenStatus: tokenStatus, life: time.Hour}
		s := metadataSession(t, m, &world{})
		for range 3 {
			if err := s.get(t.Context()); err != nil {
				t.Fatalf("token status %d: %v", tokenStatus, err)
			}
		}
		if h := s.Requests[0].Header; h.Get("X-Security-Token") != "TEMPTOKEN" || !strings.Contains(h.Get("Authorization"), "Access=TEMPAK, SignedHeaders=host;x-project-id;x-sdk-date;x-security-token") {
			t.Errorf("token status %d: got headers %v", tokenStatus, h)
		}
		if n := m.fetched.Load(); n != 1 {
			t.Errorf("token status %d: keys were fetched %d times, want once", tokenStatus, n)
		}
		if got := s.metric(t, "cloudip_credential_expiry_timestamp_seconds", "test"); got < float64(time.Now().Unix()) {
			t.Errorf("token status %d: got expiry %v", tokenStatus, got)
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
		if err := s.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		revoked.Store(true)
		if test.rotated {
			m.access.Store("NEXTAK")
		}
		if err := test.method(s, t.Context()); (err == nil) != test.rotated {
			t.Errorf("%s: got %v", name, err)
		}
		if got := s.Asked() - 1; got != test.asked {
			t.Errorf("%s: asked %d times, want %d", name, got, test.asked)
		}
		if n := m.fetched.Load(); n != 2 {
			t.Errorf("%s: keys were fetched %d times, want twice", name, n)
		}
		if n := s.metric(t, "cloudip_auth_failures_total", "test"); (n == 0) != test.rotated {
			t.Errorf("%s: %v failures counted", name, n)
		}
	}
}

func TestOldKeysServeWhileTheyAreValid(t *testing.T) {
	m := &metadata{tokenStatus: 200, life: time.Hour}
	s := metadataSession(t, m, &world{})
	if err := s.get(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.down.Store(true)
	if err := s.get(t.Context()); err != nil {
		t.Errorf("fresh keys need no metadata: %v", err)
	}
	keys := s.account.keys.(*renewing[keyPair])
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
	if err := s.get(t.Context()); !apierr.IsAuth(err) || !strings.Contains(err.Error(), "agency") {
		t.Errorf("got %v", err)
	}
	if s.Asked() != 0 {
		t.Error("a request was sent without a key")
	}
}

func TestARequestIsSignedWhenItsTurnHasCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSession(t, keyConfig(), &world{Answer: func(n int, _ *http.Request) fakeAnswer {
			if n == 1 {
				return fakeAnswer{Status: http.StatusTooManyRequests, Header: retryAfterHeader("1800"), Body: `{}`}
			}
			return ok()
		}})
		if err := s.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, req := range s.Requests {
			if signed, err := time.Parse(signTime, req.Header.Get(headerDate)); err != nil || s.Times[i].Sub(signed) > time.Minute {
				t.Errorf("request %d, sent at %v, was signed at %v, %v", i, s.Times[i], signed, err)
			}
		}
	})
}
