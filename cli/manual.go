package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// manual returns the man page: kingpin's, with the name and what it is in the form
// that whatis reads.
func (a *app) manual() (string, error) {
	const name = "cloudip_exporter"
	var b bytes.Buffer
	a.UsageWriter(&b)
	template := strings.NewReplacer(
		`{{.App.Version}} "{{.App.Author}}"`, fmt.Sprintf(`"" "%s %s"`, name, Version()),
		".SH \"NAME\"\n{{.App.Name}}", ".SH \"NAME\"\n{{.App.Name}} \\- {{.App.Help}}",
	).Replace(kingpin.ManPageTemplate)
	at, err := a.ParseContext(nil)
	if err == nil {
		err = a.UsageForContextWithTemplate(at, 2, template)
	}
	return strings.TrimLeft(b.String(), "\n"), err
}
