package simulator

import (
	"strings"

	"cloudip_exporter/simulator/estate"
)

// catalogRow is one service of the catalogue: its URL inside the cloud, with
// {pid} for the project's id.
type catalogRow struct{ kind, name, url string }

// huaweiCatalog is that of a token of eu-de, as recorded, less what nobody here
// asks; $(tenant_id)s stands unsubstituted in one row. Huawei Cloud's own has no
// rows of bare metal and Workspace.
func huaweiCatalog(provider string) []catalogRow {
	rows := []catalogRow{
		{"identity", "keystone", "/iam/v3"},
		{"network", "neutron", "/vpc"},
		{"vpc", "vpc", "/vpc/v1/{pid}"},
		{"vpcep", "vpcep", "/vpcep/v1/$(tenant_id)s"},
		{"compute", "nova", "/ecs/v2.1/{pid}"},
		{"ecs", "ecs", "/ecs/v1/{pid}"},
		{"image", "glance", "/ims"},
	}
	if provider == OTC {
		rows[4].url = "/ecs/v2/{pid}"
		rows = append(rows, catalogRow{"bms", "bms", "/bms/v1/{pid}"}, catalogRow{"workspace", "workspace", "/workspace/v1.0/{pid}"})
	}
	return rows
}

func openstackCatalog() []catalogRow {
	return []catalogRow{
		{"identity", "keystone", "/identity/v3"},
		{"placement", "placement", "/placement"},
		{"network", "neutron", "/network"},
		{"compute_legacy", "nova_legacy", "/compute/v2/{pid}"},
		{"compute", "nova", "/compute/v2.1"},
		{"image", "glance", "/image"},
	}
}

// catalog is the service catalogue for a project. Only the public interface
// can be reached; an OpenStack has another region too.
func (k *call) catalog(p *estate.Project) []object {
	rows := openstackCatalog()
	if k.cloud.huawei() {
		rows = huaweiCatalog(k.cloud.opts.Provider)
	}
	names := k.cloud.auth.names
	list := []object{}
	for i, row := range rows {
		path := strings.ReplaceAll(row.url, "{pid}", estate.ProjectID(p))
		endpoints := []object{k.endpoint(i, "public", k.cloud.opts.Region, k.base+path)}
		if !k.cloud.huawei() {
			endpoints = []object{
				k.endpoint(i, "internal", k.cloud.opts.Region, "http://192.0.2.10"+path),
				k.endpoint(i, "public", "RegionElsewhere", "http://198.51.100.10"+path),
				k.endpoint(i, "admin", k.cloud.opts.Region, "http://192.0.2.11"+path),
				endpoints[0],
			}
		}
		if row.kind == "identity" && k.cloud.huawei() {
			endpoints = append(endpoints, k.endpoint(i, "public", "*", k.base+path))
		}
		list = append(list, object{{"endpoints", endpoints}, {"id", names.Hex32("service", i)}, {"type", row.kind}, {"name", row.name}})
	}
	return list
}

func (k *call) endpoint(i int, face, region, url string) object {
	return object{
		{"id", k.cloud.auth.names.Hex32("endpoint "+face+region, i)}, {"interface", face},
		{"region_id", region}, {"url", url}, {"region", region},
	}
}
