package simulator

import (
	"net/http"
)

// neutronExtensions are those of Neutron that a simulated OpenStack serves, by alias.
func (c *Cloud) neutronExtensions() []object {
	rows := []object{}
	served := [][2]string{
		{"address-group", "Address group"}, {"binding", "Port Binding"}, {"external-net", "Neutron external network"},
		{"network-ip-availability", "Network IP Availability"}, {"pagination", "Pagination support"}, {"port-security", "Port Security"},
		{"quota_details", "Quota details management support"}, {"quotas", "Quota management support"}, {"subnet_allocation", "Subnet Allocation"},
	}
	if c.PoolDetails() {
		served = append(served, [2]string{"network-ip-availability-details", "Network IP availability details"})
	}
	for _, e := range served {
		rows = append(rows, object{{"name", e[1]}, {"alias", e[0]}, {"description", e[1]}, {"updated", "2016-09-10T10:00:00-00:00"}, {"links", []any{}}})
	}
	return rows
}

func getExtensions(k *call) reply { return ok(object{{"extensions", k.cloud.neutronExtensions()}}) }

func getExtension(k *call) reply {
	for _, e := range k.cloud.neutronExtensions() {
		if e.only([]string{"alias"})[0].value == k.vars["id"] {
			return ok(object{{"extension", e}})
		}
	}
	message := "The resource could not be found.<br /><br />\nExtension with alias " + k.vars["id"] + " does not exist\n\n\n"
	return jsonReply(http.StatusNotFound, object{{"message", message}, {"code", "404 Not Found"}, {"title", "Not Found"}})
}
