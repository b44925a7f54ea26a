package simtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloudip_exporter/simulator"
	"cloudip_exporter/test/check"
)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newClock() *clock { return &clock{time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)} }

func TestTokensEndInTheShapeOfWhoeverNotices(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud, TokenTTL: time.Minute, Now: clk.Now}).login(simulator.Exporter)
	r.get("/vpc/v1/{pid}/subnets")
	clk.now = clk.now.Add(time.Minute)
	for path, want := range map[string]string{
		"/vpc/v1/{pid}/subnets":             `"error_code":"APIGW.0307"`,
		"/vpc/v3/{pid}/vpc/address-groups":  `"error_code":"APIGW.0307"`,
		"/workspace/v2/{pid}/ports":         `"error_code":"APIGW.0307"`,
		"/vpc/v2.0/ports":                   `{"error":{"code":401,"title":"Unauthorized"`,
		"/ecs/v2.1/{pid}/servers/detail":    `{"error":{"code":401,"title":"Unauthorized"`,
		"/iam/v3/projects":                  `{"error":{"code":401,"message":`,
		"/bms/v1/x/baremetalservers/detail": `"error_code":"APIGW.0307"`,
	} {
		r.wants(401, want, "GET", path, "")
	}
}

func TestPasswordsAndProjectsAreChecked(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack})
	id := r.cloud.Credentials(simulator.Member)
	login := func(password, scope string) string {
		return fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"member","domain":{"id":"default"},"password":%q}}},"scope":%s}}`, password, scope)
	}
	for _, c := range []struct {
		name, password, scope string
		want                  int
		part                  string
	}{
		{"by name", id.Password, `{"project":{"name":"beta","domain":{"name":"Default"}}}`, 201, `"name":"beta"`},
		{"default", id.Password, `null`, 201, `"name":"alpha"`},
		{"unscoped", id.Password, `"unscoped"`, 201, `"issued_at"`},
		{"wrong password", "x", `null`, 401, refused401},
		{"no role", id.Password, `{"project":{"name":"admin","domain":{"name":"Default"}}}`, 401, refused401},
		{"project of another domain", id.Password, `{"project":{"name":"beta","domain":{"name":"Elsewhere"}}}`, 401, refused401},
		{"unknown project", id.Password, `{"project":{"name":"nope","domain":{"name":"Default"}}}`, 401, refused401},
	} {
		r.wants(c.want, c.part, "POST", "/identity/v3/auth/tokens", login(c.password, c.scope))
	}
	if _, body := r.status("POST", "/identity/v3/auth/tokens", login(id.Password, `"unscoped"`)); strings.Contains(body, "catalog") || strings.Contains(body, "project") {
		t.Errorf("an unscoped token has a project: %s", body)
	}
	r.wants(400, "", "POST", "/identity/v3/auth/tokens", "{")
}

func TestApplicationCredentialsThatEndFirstHaveATimeWithoutZone(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack, AppCredentialLife: 10 * time.Second, Now: clk.Now})
	id := r.cloud.Credentials(simulator.Exporter)
	body := fmt.Sprintf(`{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":%q,"secret":%q}}}}`, id.ApplicationCredentialID, id.ApplicationCredentialSecret)
	r.wants(201, `"expires_at":"2026-05-01T12:00:10",`, "POST", "/identity/v3/auth/tokens", body)
}

// key is an access key, when a request is signed with it, and whether in the form of OTC's own
// client, with a key made of date, region and service.
type key struct {
	access, secret string
	at             time.Time
	derived        bool
}

// sign returns the headers of a signed GET, with those of more. query is that of the path in order.
func (r *rig) sign(k key, path, query string, more ...string) []string {
	r.t.Helper()
	date := k.at.UTC().Format("20060102T150405Z")
	headers := append(more, "X-Sdk-Date", date, "X-Project-Id", r.pid)
	path, _, _ = strings.Cut(strings.ReplaceAll(path, "{pid}", r.pid), "?")
	canonical, names := "GET\n"+path+"/\n"+query+"\n", []string(nil)
	for i := 0; i < len(headers); i += 2 {
		names = append(names, strings.ToLower(headers[i]))
		canonical += names[i/2] + ":" + headers[i+1] + "\n"
	}
	signed := strings.Join(names, ";")
	canonical += fmt.Sprintf("\n%s\n%x", signed, sha256.Sum256(nil))
	sum := func(key []byte, text string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	secret, who, scope := []byte(k.secret), "Access="+k.access, ""
	if k.derived {
		secret = sum(sum(sum(sum([]byte("SDK"+k.secret), date[:8]), ""), ""), "sdk_request")
		who, scope = "Credential="+k.access+"/"+date[:8]+"///sdk_request", date[:8]+"///sdk_request\n"
	}
	signature := sum(secret, fmt.Sprintf("SDK-HMAC-SHA256\n%s\n%s%x", date, scope, sha256.Sum256([]byte(canonical))))
	return append(headers, "Authorization", fmt.Sprintf("SDK-HMAC-SHA256 %s, SignedHeaders=%s, Signature=%x", who, signed, signature))
}

func TestSignaturesAreCheckedAndFiveBadOnesLockTheKey(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.OTC, Now: clk.Now})
	id := r.cloud.Credentials(simulator.Exporter)
	r.pid = id.DefaultProjectID
	const path, query, bad = "/vpc/v1/{pid}/subnets?limit=2", "limit=2", "verify aksk signature fail, canonicalRequest:GET"
	for _, c := range []struct {
		key
		pass   time.Duration // before
		status int
		part   string
	}{
		{key{id.AccessKey, id.SecretKey, clk.now, false}, 0, 200, `"subnets"`},
		{key{id.AccessKey, id.SecretKey, clk.now.Add(-16 * time.Minute), false}, 0, 401, "APIGW.0303"},
		{key{"NOBODY", id.SecretKey, clk.now, false}, 0, 401, "ak not exist"},
		{key{id.AccessKey, "wrong", clk.now, false}, 0, 401, bad}, {key{id.AccessKey, "wrong", clk.now, false}, 0, 401, bad}, {key{id.AccessKey, "wrong", clk.now, false}, 0, 401, bad},
		{key{id.AccessKey, "wrong", clk.now, false}, 0, 401, bad}, {key{id.AccessKey, "wrong", clk.now, false}, 0, 401, bad},
		{key{id.AccessKey, id.SecretKey, clk.now, false}, 0, 401, "AK access failed to reach the limit"},
		{key{id.AccessKey, id.SecretKey, clk.now.Add(5 * time.Minute), false}, 5 * time.Minute, 200, `"subnets"`},
	} {
		clk.now = clk.now.Add(c.pass)
		r.wants(c.status, c.part, "GET", path, "", r.sign(c.key, path, query)...)
	}
}

func TestTemporaryKeysNeedTheirTokenAndEnd(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud, Now: clk.Now})
	r.pid = r.cloud.Credentials(simulator.Exporter).DefaultProjectID
	r.wants(401, "", "GET", "/openstack/latest/securitykey", "")
	_, session := r.status("PUT", "/meta-data/latest/api/token", "", "X-Metadata-Token-Ttl-Seconds", "21600")
	handed := r.get("/openstack/latest/securitykey", "X-Metadata-Token", session)["credential"].(map[string]any)
	ak, sk, token := handed["access"].(string), handed["secret"].(string), handed["securitytoken"].(string)
	const path = "/vpc/v1/{pid}/subnets"
	temporary := key{ak, sk, clk.now, false}
	r.wants(401, "", "GET", path, "", r.sign(temporary, path, "")...) // without its token
	r.wants(200, "", "GET", path, "", r.sign(temporary, path, "", "X-Security-Token", token)...)
	r.wants(200, "", "GET", path, "", append(r.sign(temporary, path, ""), "X-Security-Token", token)...) // as clients of OTC add it, not signed
	clk.now = clk.now.Add(time.Hour)
	r.wants(401, "", "GET", path, "", r.sign(key{ak, sk, clk.now, false}, path, "", "X-Security-Token", token)...)
	again := r.get("/openstack/latest/securitykey", "X-Metadata-Token", session)["credential"].(map[string]any)
	if again["access"] == ak {
		t.Error("an ended key is handed out again")
	}
}

func TestRightsAreRefusedByNameOrByEmptyLists(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud}).login(simulator.Exporter)
	r.cloud.Deny(simulator.Exporter, "vpc:ports:get", "vpc:addressGroups:list", "ecs:servers:list", "workspace:networks:listPorts")
	r.cloud.Hide(simulator.Exporter, "vpc:subnets:get")
	for path, want := range map[string]string{
		"/vpc/v1/{pid}/ports":              `{"code":"VPC.2701","message":"Policy doesn't allow <vpc:ports:get> to be performed."}`,
		"/vpc/v3/{pid}/vpc/address-groups": "vpc:addressGroups:list",
		"/ecs/v2.1/{pid}/servers/detail":   `{"forbidden":{"code":403`,
		"/workspace/v2/{pid}/ports":        "encoded_authorization_message",
	} {
		r.wants(403, want, "GET", path, "")
	}
	check.Equal(t, "hidden subnets", 0, len(items(r.get("/vpc/v1/{pid}/subnets"), "subnets")))
	r.cloud.Allow(simulator.Exporter)
	if got := items(r.get("/vpc/v1/{pid}/subnets"), "subnets"); len(got) == 0 {
		t.Error("rights do not come back")
	}
}

func TestProjectsOfOthersAreRefused(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud}).login(simulator.Member)
	other := r.cloud.estate().Projects[1].ID
	r.wants(400, "VPC.0007", "GET", "/vpc/v1/"+other+"/subnets", "")
}

const refused401 = "The request you have made requires authentication."

// The form of OTC's own client, with a key made of date, region and service. The query is that
// of a vector of the vendor's SDK, sent in another order.
func TestSignaturesWithADerivedKeyAreTaken(t *testing.T) {
	const path, query = "/vpc/v1/{pid}/vpcs?test=%E4%B8%80+(%26%3D%3F!%23%25.*)&path=/tmp/123&multi=3&multi=1&multi=2&limit=1&enable=true",
		"enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29"
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.OTC, Now: clk.Now})
	id := r.cloud.Credentials(simulator.Exporter)
	r.pid = id.DefaultProjectID
	for secret, want := range map[string]int{id.SecretKey: 200, "wrong": 401} {
		r.wants(want, "", "GET", path, "", r.sign(key{id.AccessKey, secret, clk.now, true}, path, query)...)
	}
}

func TestDiscoveryFindsEachAPI(t *testing.T) {
	otc := newRig(t, simulator.Options{Provider: simulator.OTC, Prefix: "/otc"}).login(simulator.Exporter)
	stack := newRig(t, simulator.Options{}).login(simulator.Exporter)
	for _, c := range []struct {
		r          *rig
		path, part string
	}{
		{otc, "/ecs/v2.1", `"href":"` + otc.base + `/ecs/v2.1/"`}, {otc, "/ecs/v2.1", `"version":"2.60"`},
		{stack, "/compute/v2.1", `"href":"` + stack.base + `/compute/v2.1/"`},
		{otc, "/vpc/", `"id":"v2.0"`}, {stack, "/network/", `"id":"v2.0"`},
		{otc, "/iam/v3/auth/domains", `"domains":[{"id"`}, {otc, "/iam/v3/auth/catalog", `"region":"*"`}, {otc, "/iam/v3/auth/catalog", `"type":"workspace"`},
		{otc, "/iam/v3/auth/catalog", `"url":"` + otc.base + `/iam/`}, {otc, "/iam/v3/auth/catalog", `"url":"` + otc.base + `/vpc`},
		{otc, "/iam/v3/auth/catalog", `"url":"` + otc.base + `/ecs/`}, {otc, "/iam/v3/auth/catalog", `"url":"` + otc.base + `/workspace/`},
		{otc, "/iam/v3/auth/catalog", `"url":"` + otc.base + `/ims`},
		{stack, "/network/v2.0/quotas/{pid}/details", `"used"`}, {stack, "/network/v2.0/quotas/{pid}", `"quota":{`},
	} {
		c.r.wants(200, c.part, "GET", c.path, "")
	}
}
