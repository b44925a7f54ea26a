package clientconfig

import "strings"

// envEntry is the cloud that the variables OS_* describe.
func envEntry(environ []string) *entry {
	e := newEntry()
	for _, pair := range environ {
		name, text, _ := strings.Cut(pair, "=")
		short, ours := strings.CutPrefix(name, "OS_")
		if !ours || text == "" || selector(short) {
			continue
		}
		e.outside[strings.ToLower(short)] = value{text: text, origin: Fault{Key: name}}
	}
	return e
}

// selector reports whether a variable chooses a cloud or its files, or belongs
// to the tests of OpenStack itself.
func selector(short string) bool {
	switch short {
	case "CLOUD", "CLOUD_NAME", "CLIENT_CONFIG_FILE", "CLIENT_SECURE_FILE":
		return true
	}
	return strings.HasPrefix(short, "TEST") || strings.HasPrefix(short, "STD") || strings.HasPrefix(short, "LOG")
}

// addMissingSecrets fills in the secrets of the environment that an entry of
// clouds.yaml leaves out, as openstackclient does. Nothing else of the
// environment counts beside a named cloud: it could lead to another project.
func (e *entry) addMissingSecrets(env *entry) {
	for _, name := range []string{"password", "token", "application_credential_secret"} {
		v, given := env.outside[name]
		if _, in := e.auth[name]; in || !given {
			continue
		}
		if _, out := e.outside[name]; !out {
			e.auth[name] = v
		}
	}
}
