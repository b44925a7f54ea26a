package cloudapi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
)

// unaskable are ids that cannot stand in a path.
func unaskable() []string {
	return []string{".", "..", "../x", "a/b", `a\b`, "a?b", "a#b", "a%2fb", "\x1b[31m", "a\nb", "a\u202eb", "\u2028", strings.Repeat("x", 255+1)}
}

func TestAnItemThatCannotBeAskedForIsOneItemLeftOut(t *testing.T) {
	good := `{"id":"good","name":"n","cidr":"10.0.0.0/24"}`
	for _, id := range unaskable() {
		quoted := quoteJSON(id)
		for what, bad := range map[string]string{
			"server":  `{"id":` + quoted + `,"name":"n"}`,
			"subnet":  `{"id":` + quoted + `,"cidr":"10.0.1.0/24"}`,
			"network": `{"id":"s","neutron_network_id":` + quoted + `,"cidr":"10.0.1.0/24"}`,
		} {
			kept, faults := "", []*apierr.ItemError(nil)
			if what == "server" {
				p, err := readPage(t, page.Listing[inventory.Server]{Key: "l", Item: readServer}, `{"l":[`+bad+`,`+good+`]}`)
				if err != nil {
					t.Fatalf("%s %q: %v", what, id, err)
				}
				kept, faults = fmt.Sprint(len(p.items), p.items[0].ID), p.faults
			} else {
				p, err := readPage(t, page.Listing[inventory.Subnet]{Key: "l", Item: readVPCSubnet}, `{"l":[`+bad+`,`+good+`]}`)
				if err != nil {
					t.Fatalf("%s %q: %v", what, id, err)
				}
				kept, faults = fmt.Sprint(len(p.items), p.items[0].ID), p.faults
			}
			if kept != "1 good" || len(faults) != 1 {
				t.Errorf("%s %q: kept %s, faults %v; want the other one and one fault", what, id, kept, faults)
			}
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
