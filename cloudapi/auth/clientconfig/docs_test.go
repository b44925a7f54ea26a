package clientconfig

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/test/golden"
)

const introduction = `# clouds.yaml and the environment

With ` + "`auth.type: clouds_yaml`" + ` and ` + "`auth.type: env`" + ` the exporter reads what openstacksdk reads, in the same way. The files are, each the first that exists:

- clouds.yaml: ` + "`auth.file`" + `; else ` + "`OS_CLIENT_CONFIG_FILE`" + `, the working directory, ` + "`$XDG_CONFIG_HOME/openstack`, `~/.config/openstack`, `/etc/xdg/openstack`, `/etc/openstack`" + ` (` + "`.yaml`, `.yml`, `.json`" + `)
- secure.yaml: beside ` + "`auth.file`" + `; else ` + "`OS_CLIENT_SECURE_FILE`" + ` and the same folders
- clouds-public.yaml: beside ` + "`auth.file`" + `; else the same folders

With ` + "`env`" + ` the variables describe the cloud, or ` + "`OS_CLOUD`" + ` names one of clouds.yaml; then only a missing password, token or secret comes from the
environment, and the region where the file has none. A password without a project logs in to the user's default project, with a warning that names it.
A given token is not renewed.

Each key but ` + "`endpoint_type`" + ` may have dashes; the environment has it in upper case behind ` + "`OS_`" + `. Of several names of one key the last counts, and an
id before a name. Keys of login stand in ` + "`auth`" + ` or beside it, the others beside it. The program warns of a key that is not used or not in this list, unless it only
says how other tools use the cloud (versions, timeouts, images, networks).

`

func TestTheDocumentIsTheTable(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(introduction)
	var names []string
	line := ""
	end := func() {
		if line != "" {
			fmt.Fprintf(&b, "- `%s`: %s\n", strings.Join(names, "`, `"), line)
		}
		names = nil
	}
	for _, k := range append(loginKeys(), endpointKeys()...) {
		does := k.help
		switch {
		case k.refused:
			does = "refused: " + does
		case k.unused:
			does = "not used: " + does
		}
		if does != line { // keys of the same text share a line
			end()
		}
		names, line = append(names, k.names...), does
	}
	end()
	golden.Check(t, "../../../docs/clouds-yaml.md", b.String())
}
