package cloudapi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

// unaskable are ids that cannot stand in a path.
func unaskable() []string {
	return []string{".", "..", "../x", "a/b", `a\b`, "a?b", "a#b", "a%2fb", "\x1b[31m", "a\nb", "a\u202eb", "\u2028", strings.Repeat("x", 255+1)}
}

func TestAnItemThatCannotBeAskedForIsOneItemLeftOut(t *testing.T) {
	const good = `,{"id":"good","name":"n","cidr":"10.0.0.0/24"}`
	server := func(s inventory.Server) string { return s.ID.String() }
	subnet := func(s inventory.Subnet) string { return s.ID.String() }
	for _, id := range unaskable() {
		quoted := quoteJSON(id)
		for what, kept := range map[string]string{
			"server":  shown(t, readServer, `{"id":`+quoted+`,"name":"n"}`+good, server),
			"subnet":  shown(t, readVPCSubnet, `{"id":`+quoted+`,"cidr":"10.0.1.0/24"}`+good, subnet),
			"network": shown(t, readVPCSubnet, `{"id":"s","neutron_network_id":`+quoted+`,"cidr":"10.0.1.0/24"}`+good, subnet),
		} {
			check.Equal(t, fmt.Sprintf("%s %q", what, id), "good left out", kept)
		}
	}
}

func quoteJSON(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\x1b", `\u001b`).Replace(s) + `"`
}

func TestAnIDThatLeadsOutOfThePathIsAskedOfNobody(t *testing.T) {
	p, a := startAPI(t, config.OTC, "", nil)
	for _, id := range []string{"", ".", ".."} {
		_, err := p.Server(t.Context(), id)
		if _, ok := errors.AsType[*apierr.IDError](err); !ok || !strings.Contains(err.Error(), strconv.Quote(id)) {
			t.Errorf("server %q: %v, want an IDError", id, err)
		}
	}
	if calls := a.seen(); len(calls) > 0 {
		t.Errorf("asked %v", calls)
	}
}
