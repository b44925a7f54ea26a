package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/test/check"
)

func TestACancelledContextEndsAvailabilityAtOnce(t *testing.T) {
	p := newSession(t, passwordConfig(), &world{}).project
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Availability(ctx, []inventory.Subnet{{NetworkID: inventory.ParseID("n")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context canceled", err)
	}
}

func TestEveryAPIOfAProviderIsThere(t *testing.T) {
	for _, p := range provider.All() {
		for _, a := range p.Resources {
			serves := map[provider.Resource]bool{
				provider.VPCs: has(vpcAPIs, a.Name), provider.Subnets: has(subnetAPIs, a.Name), provider.Availability: has(availabilityAPIs, a.Name),
				provider.VPCPrefixes: has(vpcPrefixAPIs, a.Name), provider.SubnetPools: has(subnetPoolAPIs, a.Name),
				provider.Ports: has(portQuery{}.listings(), a.Name), provider.Servers: has(serverAPIs, a.Name), provider.ServerAddresses: a.Name == "nova",
				provider.AddressGroups: has(addressGroupAPIs, a.Name), provider.PrivateIPs: privateIPAPIs[a.Name].list != nil,
				provider.SubInterfaces: has(subInterfaceAPIs, a.Name), provider.PublicIPs: has(publicIPAPIs, a.Name), provider.PublicIPPools: has(poolAPIs, a.Name),
				provider.Networks: has(networkAPIs, a.Name), provider.Owners: a.Name == "iam", provider.SubnetTags: has(subnetTagAPIs, a.Name),
				provider.Quotas: has(quotaAPIs, a.Name), provider.Projects: a.Name == "iam", provider.Console: has(consoleAPIs, a.Name),
				provider.Assignment: privateIPAPIs[a.Name].assign != nil, provider.Release: has(privateIPAPIs, a.Name),
			}
			check.Equal(t, fmt.Sprintf("%s: %s serves %s", p.Name, a.Name, a.Resource), true, serves[a.Resource])
		}
	}
}

func has[F any](apis map[string]F, name string) bool {
	_, ok := apis[name]
	return ok
}

func TestAnItemThatCannotBeAskedForIsOneItemLeftOut(t *testing.T) {
	const good = `,{"id":"good","name":"n","cidr":"10.0.0.0/24"}`
	for _, id := range []string{ // those that cannot stand in a path
		".", "..", "../x", "a/b", `a\b`, "a?b", "a#b", "a%2fb", "\x1b[31m", "a\nb", "a\u202eb", "\u2028", strings.Repeat("x", 255+1),
	} {
		for kind, item := range map[string]string{
			"server": `{"id":ID,"name":"n"}`, "vpc_subnet": `{"id":ID,"cidr":"10.0.1.0/24"}`, "vpc_subnet ": `{"id":"s","neutron_network_id":ID,"cidr":"10.0.1.0/24"}`,
		} {
			s := samples()[strings.TrimSpace(kind)]
			shown := s.read(t, `{"`+s.key+`":[`+strings.Replace(item, "ID", inJSON(t, id), 1)+good+`]}`)
			check.Has(t, fmt.Sprintf("%s %q", kind, id), strings.Join(shown, "\n"), `"ID":"good"`, "left out: ", "\n1 items, error <nil>")
		}
	}
}
