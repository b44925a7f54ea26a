package simtest

import (
	"cloudip_exporter/simulator"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// clock is moved by hand.
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
		if code, body := r.status("GET", path, ""); code != 401 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s, want 401 with %s", path, code, body, want)
		}
	}
}

func TestPasswordsAndProjectsAreChecked(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack})
	id := r.cloud.Credentials(simulator.Member)
	post := func(password, scope string) (int, string) {
		return r.status("POST", "/identity/v3/auth/tokens", fmt.Sprintf(
			`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"member","domain":{"id":"default"},"password":%q}}},"scope":%s}}`, password, scope))
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
		if code, body := post(c.password, c.scope); code != c.want || !strings.Contains(body, c.part) {
			t.Errorf("%s: %d %s", c.name, code, body)
		}
	}
	if _, body := post(id.Password, `"unscoped"`); strings.Contains(body, "catalog") || strings.Contains(body, "project") {
		t.Errorf("an unscoped token has a project: %s", body)
	}
	if code, _ := r.status("POST", "/identity/v3/auth/tokens", "{"); code != 400 {
		t.Errorf("a body that is not JSON gives %d", code)
	}
}

func TestTheCatalogueLeadsBackToTheCaller(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.OTC, Prefix: "/otc"}).login(simulator.Exporter)
	catalog := r.get("/iam/v3/auth/catalog")
	found := 0
	for _, s := range items(catalog, "catalog") {
		for _, e := range items(s, "endpoints") {
			if e["interface"] == "public" && strings.HasPrefix(e["url"].(string), r.base+"/") {
				found++
			}
		}
	}
	if found < 5 {
		t.Errorf("%d services of the catalogue can be reached", found)
	}
}

func TestApplicationCredentialsThatEndFirstHaveATimeWithoutZone(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.OpenStack, AppCredentialLife: 10 * time.Second, Now: clk.Now})
	id := r.cloud.Credentials(simulator.Exporter)
	body := fmt.Sprintf(`{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":%q,"secret":%q}}}}`, id.ApplicationCredentialID, id.ApplicationCredentialSecret)
	code, got := r.status("POST", "/identity/v3/auth/tokens", body)
	if code != 201 || !strings.Contains(got, `"expires_at":"2026-05-01T12:00:10",`) {
		t.Errorf("%d %s", code, got)
	}
}

// signed sends a GET with a signature made by the tested rules.
func (r *rig) signed(path, ak, sk string, at time.Time, headers ...string) (int, string) {
	r.t.Helper()
	return r.signedThen(nil, path, ak, sk, at, headers...)
}

// signedThen is signed with further headers that are not signed.
func (r *rig) signedThen(more []string, path, ak, sk string, at time.Time, headers ...string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest("GET", r.base+strings.ReplaceAll(path, "{pid}", r.pid), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	date := at.UTC().Format("20060102T150405Z")
	names := []string{"x-project-id", "x-sdk-date"}
	req.Header.Set("X-Sdk-Date", date)
	req.Header.Set("X-Project-Id", r.pid)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		names = append(names, strings.ToLower(headers[i]))
	}
	sig := simulator.SignatureOf(req, names, sk, date)
	auth := fmt.Sprintf("SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%s", ak, strings.Join(names, ";"), sig)
	return r.status("GET", path, "", append(append(headers, more...), "X-Sdk-Date", date, "X-Project-Id", r.pid, "Authorization", auth)...)
}

func TestSignaturesAreCheckedAndFiveBadOnesLockTheKey(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.OTC, Now: clk.Now})
	id := r.cloud.Credentials(simulator.Exporter)
	r.pid = id.DefaultProjectID
	const path = "/vpc/v1/{pid}/subnets?limit=2"
	expect := func(what string, code int, body string, want int, part string) {
		t.Helper()
		if code != want || !strings.Contains(body, part) {
			t.Errorf("%s: %d %s, want %d with %s", what, code, body, want, part)
		}
	}
	code, body := r.signed(path, id.AccessKey, id.SecretKey, clk.now)
	expect("good", code, body, 200, `"subnets"`)
	code, body = r.signed(path, id.AccessKey, id.SecretKey, clk.now.Add(-16*time.Minute))
	expect("old", code, body, 401, "APIGW.0303")
	code, body = r.signed(path, "NOBODY", id.SecretKey, clk.now)
	expect("unknown key", code, body, 401, "ak not exist")
	for range 5 {
		code, body = r.signed(path, id.AccessKey, "wrong", clk.now)
		expect("bad", code, body, 401, "verify aksk signature fail, canonicalRequest:GET")
	}
	code, body = r.signed(path, id.AccessKey, id.SecretKey, clk.now)
	expect("locked", code, body, 401, "AK access failed to reach the limit")
	clk.now = clk.now.Add(5 * time.Minute)
	code, body = r.signed(path, id.AccessKey, id.SecretKey, clk.now)
	expect("unlocked", code, body, 200, `"subnets"`)
}

func TestTemporaryKeysNeedTheirTokenAndEnd(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud, Now: clk.Now})
	r.pid = r.cloud.Credentials(simulator.Exporter).DefaultProjectID
	if code, _ := r.status("GET", "/openstack/latest/securitykey", ""); code != 401 {
		t.Errorf("without a metadata token: %d", code)
	}
	_, session := r.status("PUT", "/meta-data/latest/api/token", "", "X-Metadata-Token-Ttl-Seconds", "21600")
	key := r.get("/openstack/latest/securitykey", "X-Metadata-Token", session)["credential"].(map[string]any)
	ak, sk, token := key["access"].(string), key["secret"].(string), key["securitytoken"].(string)
	if code, _ := r.signed("/vpc/v1/{pid}/subnets", ak, sk, clk.now); code != 401 {
		t.Errorf("without security token: %d", code)
	}
	if code, body := r.signed("/vpc/v1/{pid}/subnets", ak, sk, clk.now, "X-Security-Token", token); code != 200 {
		t.Errorf("with security token: %d %s", code, body)
	}
	// Clients of OTC add the token after they have signed.
	if code, body := r.signedThen([]string{"X-Security-Token", token}, "/vpc/v1/{pid}/subnets", ak, sk, clk.now); code != 200 {
		t.Errorf("with a security token that is not signed: %d %s", code, body)
	}
	clk.now = clk.now.Add(time.Hour)
	if code, _ := r.signed("/vpc/v1/{pid}/subnets", ak, sk, clk.now, "X-Security-Token", token); code != 401 {
		t.Errorf("after its end: %d", code)
	}
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
		if code, body := r.status("GET", path, ""); code != 403 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if got := items(r.get("/vpc/v1/{pid}/subnets"), "subnets"); len(got) != 0 {
		t.Errorf("hidden subnets are listed: %v", got)
	}
	r.cloud.Allow(simulator.Exporter)
	if got := items(r.get("/vpc/v1/{pid}/subnets"), "subnets"); len(got) == 0 {
		t.Error("rights do not come back")
	}
}

func TestProjectsOfOthersAreRefused(t *testing.T) {
	r := newRig(t, simulator.Options{Provider: simulator.HuaweiCloud}).login(simulator.Member)
	other := r.cloud.estate().Projects[1].ID
	if code, body := r.status("GET", "/vpc/v1/"+other+"/subnets", ""); code != 400 || !strings.Contains(body, "VPC.0007") {
		t.Errorf("%d %s", code, body)
	}
}

// refused401 is what Keystone says of every login that it refuses.
const refused401 = "The request you have made requires authentication."

// The form of OTC's own client, with a key made of date, region and service.
func TestSignaturesWithADerivedKeyAreTaken(t *testing.T) {
	clk := newClock()
	r := newRig(t, simulator.Options{Provider: simulator.OTC, Now: clk.Now})
	id := r.cloud.Credentials(simulator.Exporter)
	r.pid = id.DefaultProjectID
	date := clk.now.UTC().Format("20060102T150405Z")
	scope := date[:8] + "///sdk_request"
	sum := func(key []byte, text string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(text))
		return m.Sum(nil)
	}
	empty := sha256.Sum256(nil)
	canonical := "GET\n/vpc/v1/" + r.pid + "/vpcs/\n\nx-project-id:" + r.pid + "\nx-sdk-date:" + date + "\n\nx-project-id;x-sdk-date\n" + hex.EncodeToString(empty[:])
	hashed := sha256.Sum256([]byte(canonical))
	key := sum(sum(sum(sum([]byte("SDK"+id.SecretKey), date[:8]), ""), ""), "sdk_request")
	signature := hex.EncodeToString(sum(key, "SDK-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hex.EncodeToString(hashed[:])))
	for sig, want := range map[string]int{signature: 200, strings.Repeat("0", 64): 401} {
		auth := fmt.Sprintf("SDK-HMAC-SHA256 Credential=%s/%s, SignedHeaders=x-project-id;x-sdk-date, Signature=%s", id.AccessKey, scope, sig)
		if code, body := r.status("GET", "/vpc/v1/{pid}/vpcs", "", "X-Sdk-Date", date, "X-Project-Id", r.pid, "Authorization", auth); code != want {
			t.Errorf("got %d, want %d: %s", code, want, body)
		}
	}
}

func TestDiscoveryFindsEachAPI(t *testing.T) {
	otc := newRig(t, simulator.Options{Provider: simulator.OTC}).login(simulator.Exporter)
	stack := newRig(t, simulator.Options{}).login(simulator.Exporter)
	for _, c := range []struct {
		r          *rig
		path, part string
	}{
		{otc, "/ecs/v2.1", `"href":"` + otc.base + `/ecs/v2.1/"`}, {otc, "/ecs/v2.1", `"version":"2.60"`},
		{stack, "/compute/v2.1", `"href":"` + stack.base + `/compute/v2.1/"`},
		{otc, "/vpc/", `"id":"v2.0"`}, {stack, "/network/", `"id":"v2.0"`},
		{otc, "/iam/v3/auth/domains", `"domains":[{"id"`}, {otc, "/iam/v3/auth/catalog", `"region":"*"`}, {otc, "/iam/v3/auth/catalog", `"type":"workspace"`},
		{stack, "/network/v2.0/quotas/{pid}/details", `"used"`}, {stack, "/network/v2.0/quotas/{pid}", `"quota":{`},
	} {
		if code, body := c.r.status("GET", c.path, ""); code != 200 || !strings.Contains(body, c.part) {
			t.Errorf("%s: %d %s, want %s", c.path, code, body, c.part)
		}
	}
}
