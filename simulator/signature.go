package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	signatureWindow = 15 * time.Minute
	lockoutAfter    = 5 // bad signatures in a row
	lockoutFor      = 5 * time.Minute
)

// key is a permanent or temporary access key.
type key struct {
	user          *user
	secret        string
	securityToken string // temporary keys must bring it; not every client signs it
	expires       time.Time
}

// checkSignature tells who signed the request.
func (a *authority) checkSignature(k *call) (*session, *reply) {
	fail := func(code, message string) (*session, *reply) {
		no := gatewayError(http.StatusUnauthorized, code, message, k.requestID())
		return nil, &no
	}
	auth, isAccess := strings.CutPrefix(k.req.Header.Get("Authorization"), "SDK-HMAC-SHA256 ")
	parts := authParts(auth)
	ak, scope, derived := strings.Cut(parts["Credential"], "/")
	if !derived {
		ak = parts["Access"]
	}
	if !isAccess || ak == "" || parts["Signature"] == "" {
		return fail("APIGW.0301", "Incorrect IAM authentication information: Authorization format is wrong")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.opts.Now()
	if now.Before(a.locked[ak]) {
		return fail("APIGW.0301", "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden")
	}
	key := a.key(ak)
	if key == nil || !key.expires.IsZero() && !now.Before(key.expires) {
		return fail("APIGW.0301", "Incorrect IAM authentication information: Get secretKey failed,ak:"+ak+",err:ak not exist")
	}
	date, err := time.Parse("20060102T150405Z", k.req.Header.Get("X-Sdk-Date"))
	if err != nil || now.Sub(date).Abs() > signatureWindow {
		return fail("APIGW.0303", "Incorrect app authentication information: calc ak sk signature fail:signature expired")
	}
	canonical := canonicalRequest(k.req, strings.Split(parts["SignedHeaders"], ";"), k.body)
	signed := ";" + parts["SignedHeaders"] + ";"
	complete := strings.Contains(signed, ";x-sdk-date;") && k.req.Header.Get("X-Security-Token") == key.securityToken
	want := sign(key.secret, k.req.Header.Get("X-Sdk-Date"), canonical)
	if derived {
		want = signDerived(key.secret, k.req.Header.Get("X-Sdk-Date"), scope, canonical)
	}
	if !complete || !hmac.Equal([]byte(want), []byte(parts["Signature"])) {
		a.countFailure(ak, now)
		return fail("APIGW.0301", "Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:"+canonical)
	}
	delete(a.failures, ak)
	return a.signedSession(k, key)
}

// countFailure locks the key after five failures in a row. The lock must be held.
func (a *authority) countFailure(ak string, now time.Time) {
	if a.failures[ak]++; a.failures[ak] >= lockoutAfter {
		a.locked[ak] = now.Add(lockoutFor)
		delete(a.failures, ak)
	}
}

// signedSession takes the project from X-Project-Id. APIs whose path names the
// project can do without it.
func (a *authority) signedSession(k *call, key *key) (*session, *reply) {
	s := &session{user: key.user, method: "aksk"}
	want := k.req.Header.Get("X-Project-Id")
	if want == "" {
		want = k.vars["pid"]
	}
	for _, p := range key.user.projects {
		if p.ID == want {
			s.project = p
		}
	}
	if s.project == nil && k.service != "iam" {
		no := gatewayError(http.StatusForbidden, "APIGW.0302", "The IAM user is not allowed to access the API: no such project "+want, k.requestID())
		return nil, &no
	}
	return s, nil
}

// key finds an access key. The lock must be held.
func (a *authority) key(ak string) *key {
	if t := a.temp[ak]; t != nil {
		return &key{user: t.user, secret: t.secret, securityToken: t.token, expires: t.expires}
	}
	if u := a.user(func(u *user) bool { return u.accessKey == ak }); u != nil {
		return &key{user: u, secret: u.secret}
	}
	return nil
}

// authParts reads "A=b, C=d".
func authParts(s string) map[string]string {
	parts := map[string]string{}
	for part := range strings.SplitSeq(s, ",") {
		if name, value, found := strings.Cut(strings.TrimSpace(part), "="); found {
			parts[name] = value
		}
	}
	return parts
}

// sign is the last step of the "Access" form.
func sign(secret, date, canonical string) string {
	return hex.EncodeToString(mac([]byte(secret), "SDK-HMAC-SHA256\n"+date+"\n"+hash([]byte(canonical))))
}

// signDerived is the last step of the "Credential" form, which OTC's own client
// has: the scope is date, region, service and "sdk_request", with a key made of
// each in turn.
func signDerived(secret, date, scope, canonical string) string {
	key := []byte("SDK" + secret)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, "SDK-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hash([]byte(canonical))))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// canonicalRequest is the request as it is signed: the path ends with a slash,
// which the path on the wire does not have.
func canonicalRequest(r *http.Request, signed []string, body []byte) string {
	segments := strings.Split(r.URL.Path, "/")
	for i := range segments {
		segments[i] = escape(segments[i])
	}
	path := strings.Join(segments, "/")
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	bodyHash := hash(body)
	if r.Header.Get("X-Sdk-Content-Sha256") == "UNSIGNED-PAYLOAD" {
		bodyHash = "UNSIGNED-PAYLOAD"
	}
	var headers strings.Builder
	for _, name := range signed {
		value := strings.TrimSpace(strings.Join(r.Header.Values(name), ","))
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + value + "\n")
	}
	return strings.Join([]string{r.Method, path, canonicalQuery(r.URL.Query()), headers.String(), strings.Join(signed, ";"), bodyHash}, "\n")
}

func canonicalQuery(q url.Values) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(q)) {
		values := slices.Clone(q[name])
		slices.Sort(values)
		for _, v := range values {
			pairs = append(pairs, escape(name)+"="+escape(v))
		}
	}
	return strings.Join(pairs, "&")
}

// escape leaves only A-Z a-z 0-9 - _ . ~ as they are.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
