package clients

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/impl"

	"cloudip_exporter/simulator"
)

// vendorLogin is one way to log in that the vendor's SDK has.
type vendorLogin struct {
	name       string
	credential auth.ICredential
}

func vendorLogins(t *testing.T, c served) []vendorLogin {
	t.Helper()
	id := c.Credentials(simulator.Exporter)
	all := []vendorLogin{
		{"access key", basic.NewCredentialsBuilder().WithAk(id.AccessKey).WithSk(id.SecretKey).WithProjectId(id.DefaultProjectID).Build()},
		{"temporary key", temporaryKey(t, c, id.DefaultProjectID)},
	}
	byRegion := basic.NewCredentialsBuilder().WithAk(id.AccessKey).WithSk(id.SecretKey).WithIamEndpointOverride(c.url).Build()
	if _, err := byRegion.ProcessAuthParams(impl.NewDefaultHttpClient(config.DefaultHttpConfig()), c.region); err != nil {
		t.Fatal(err)
	}
	all = append(all, vendorLogin{"access key, project by the region", byRegion})
	setEnviron(t, []string{"HUAWEICLOUD_SDK_AK=" + id.AccessKey, "HUAWEICLOUD_SDK_SK=" + id.SecretKey, "HUAWEICLOUD_SDK_PROJECT_ID=" + id.DefaultProjectID})
	all = append(all, vendorLogin{"environment", must[auth.ICredential](t)(provider.BasicCredentialEnvProvider().GetCredentials())})
	file := filepath.Join(t.TempDir(), "credentials")
	text := fmt.Sprintf("[basic]\nak = %s\nsk = %s\nproject_id = %s\n", id.AccessKey, id.SecretKey, id.DefaultProjectID)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", file)
	all = append(all, vendorLogin{"credentials file", must[auth.ICredential](t)(provider.BasicCredentialProfileProvider().GetCredentials())})
	if c.Provider() == simulator.HuaweiCloud { // whose metadata service the proxy reaches
		metadata := provider.BasicCredentialMetadataProvider()
		metadata.ProjectId = id.DefaultProjectID
		all = append(all, vendorLogin{"instance metadata", must[auth.ICredential](t)(metadata.GetCredentials())})
	}
	return all
}

// temporaryKey is a key with a security token, as the metadata service hands it out.
func temporaryKey(t *testing.T, c served, project string) auth.ICredential {
	t.Helper()
	ask := func(method, path, header, value string) *http.Response {
		req, err := http.NewRequest(method, c.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(header, value)
		return must[*http.Response](t)(http.DefaultClient.Do(req))
	}
	answer := ask(http.MethodPut, "/meta-data/latest/api/token", "X-Metadata-Token-Ttl-Seconds", "600")
	defer func() { _ = answer.Body.Close() }()
	token := make([]byte, answer.ContentLength)
	if _, err := answer.Body.Read(token); len(token) == 0 {
		t.Fatal("no metadata token: ", err)
	}
	answer = ask(http.MethodGet, "/openstack/latest/securitykey", "X-Metadata-Token", string(token))
	defer func() { _ = answer.Body.Close() }()
	var in struct {
		Credential struct{ Access, Secret, SecurityToken string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&in); err != nil {
		t.Fatal(err)
	}
	key := in.Credential
	return basic.NewCredentialsBuilder().WithAk(key.Access).WithSk(key.Secret).WithSecurityToken(key.SecurityToken).WithProjectId(project).Build()
}
