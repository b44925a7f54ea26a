package clientconfig

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// sent is what a client sends for a case: openstacksdk's answer is recorded in
// the section "expect" of each file.
type sent struct {
	AuthURL string `json:"auth_url"`
	Login   string `json:"login"`
	Who     string `json:"who"`
	Scope   string `json:"scope"`
	Network string `json:"network"` // path of the endpoint in a catalogue of two regions and three interfaces
	Compute string `json:"compute"`
	Verify  bool   `json:"verify"`

	// openstacksdk refuses a password beside an application credential; this
	// program takes the one that auth_type names.
	Refused bool `json:"refused_by_openstacksdk,omitempty"`
}

// unpack writes the files of a case to a folder and returns the recorded answer.
func unpack(t *testing.T, file, dir string) (s Source, want sent) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s = Source{Cloud: "c1", Environ: []string{"HOME=" + dir}}
	for _, f := range archive.Files {
		switch f.Name {
		case "expect":
			if err := json.Unmarshal(f.Data, &want); err != nil {
				t.Fatal(err)
			}
			continue
		case "env":
			s.Env, s.Environ = true, append(s.Environ, strings.Split(strings.TrimSpace(string(f.Data)), "\n")...)
		}
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s, want
}

// sending is what a client with this login sends.
func (l *Login) sending() sent {
	user := named(l.UserID, l.Username, l.UserDomainID, l.UserDomainName)
	s := sent{AuthURL: l.AuthURL, Login: strings.ReplaceAll(string(l.Type), " ", "_"), Scope: "none", Verify: !l.Insecure}
	switch {
	case l.Type == Password:
		s.Who = user
	case l.Type == Token:
		s.Who = "id=" + l.Token
	case l.CredentialID != "":
		s.Who = "id=" + l.CredentialID
	default:
		s.Who = "name=" + l.CredentialName + " " + user
	}
	if l.Type != ApplicationCredential && l.ProjectID+l.ProjectName != "" {
		s.Scope = named(l.ProjectID, l.ProjectName, l.ProjectDomainID, l.ProjectDomainName)
	}
	s.Network = l.endpoint("network", l.NetworkEndpoint, l.NetworkInterfaces)
	s.Compute = l.endpoint("compute", l.ComputeEndpoint, l.ComputeInterfaces)
	return s
}

func named(id, name, domainID, domainName string) string {
	switch {
	case id != "":
		return "id=" + id
	case domainID != "":
		return "domain id " + domainID + " name=" + name
	case domainName != "":
		return "domain name " + domainName + " name=" + name
	}
	return "name=" + name
}

func (l *Login) endpoint(service, override string, own []string) string {
	if override != "" {
		u, _ := url.Parse(override)
		return u.Path
	}
	region, iface := l.Region, "public"
	if region == "" {
		region = "RegionOne" // the catalogue's first
	}
	if len(own) > 0 {
		iface = own[0]
	} else if len(l.Interfaces) > 0 {
		iface = l.Interfaces[0]
	}
	return "/" + region + "/" + iface + "/" + service
}

func TestLoginsAreThoseOfOpenstacksdk(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) < 60 {
		t.Fatalf("%d cases, want at least 60", len(files))
	}
	for i, file := range files {
		files[i], _ = filepath.Abs(file)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			s, want := unpack(t, file, dir)
			l, err := Read(s)
			if err != nil {
				t.Fatal(err)
			}
			got := l.sending()
			got.Refused = want.Refused
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			for _, w := range l.Warnings {
				t.Log(w)
			}
		})
	}
}
