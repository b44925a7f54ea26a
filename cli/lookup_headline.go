package cli

import (
	"slices"
	"strings"
)

// headline says in a few words who holds the address. somewhere says that
// somebody does elsewhere, or may; used that a device or a service's instance has its port.
func headline(text func(key string) string, somewhere, used bool) string {
	switch held := text("held"); {
	case held == "" && text("subnet_id") == "":
		return "not known: not every target could be asked"
	case held == "":
		return "not known: not everything in this subnet can be seen"
	case held == "false" && somewhere:
		return "not held here"
	case held == "false" && text("subnet_id") == "":
		return "held by nobody; no known subnet contains it"
	case held == "false":
		return "held by nobody"
	case text("server_name") != "":
		return "held by " + text("kind") + " server " + text("server_name")
	case text("public_ip_id") != "" && text("port_id") == "":
		return "a public IP of this project"
	case text("holder") == "none" && text("public_ip_id") != "":
		return "held by a port at which a public IP points"
	case text("holder") == "none" && !used:
		return "reserved, used by nothing"
	case !slices.Contains([]string{"", "other", "none"}, text("holder")):
		return "held by " + strings.ReplaceAll(text("holder"), "_", " ")
	case text("device_owner") != "":
		return "held by " + text("device_owner")
	}
	return "held by something unknown"
}
