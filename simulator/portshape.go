package simulator

import (
	"slices"

	"cloudip_exporter/simulator/estate"
)

// portField writes one key of a port. A missing key is left out.
type portField struct {
	key     string
	value   func([]byte, *estate.Port) []byte
	missing func(*estate.Port) bool
}

func constant(json string) func([]byte, *estate.Port) []byte {
	return func(b []byte, _ *estate.Port) []byte { return append(b, json...) }
}

func textOf(get func(*estate.Port) string) func([]byte, *estate.Port) []byte {
	return func(b []byte, p *estate.Port) []byte { return appendString(b, get(p)) }
}

// What all shapes have in common.
var (
	portID      = portField{key: "id", value: func(b []byte, p *estate.Port) []byte { return append(p.ID.Append(append(b, '"')), '"') }}
	portStatus  = portField{key: "status", value: textOf(func(p *estate.Port) string { return p.Status })}
	portNetwork = portField{key: "network_id", value: textOf(func(p *estate.Port) string { return p.Network.ID })}
	portDevice  = portField{key: "device_id", value: textOf(func(p *estate.Port) string { return p.Device }), missing: func(p *estate.Port) bool { return p.Quirk&estate.NoDeviceKey != 0 }}
	portOwner   = portField{key: "device_owner", value: textOf(func(p *estate.Port) string { return p.Owner })}
	portFixed   = portField{key: "fixed_ips", value: appendFixed}
	portTenant  = portField{key: "tenant_id", value: textOf(func(p *estate.Port) string { return estate.ProjectID(p.Project) })}
	portProject = portField{key: "project_id", value: textOf(func(p *estate.Port) string { return estate.ProjectID(p.Project) })}
	portMAC     = portField{key: "mac_address", value: textOf((*estate.Port).MAC)}
	portAdmin   = portField{key: "admin_state_up", value: appendAdmin}
	portNaming  = portField{key: "name", value: textOf(portName)}
	portDesc    = portField{key: "description", value: textOf(func(p *estate.Port) string { return p.Description })}
)

// workspacePortShape is all that Workspace tells; what is empty may be missing.
var workspacePortShape = []portField{portID, portStatus, portNetwork, portDevice,
	{key: "fixed_ips", value: appendFixed, missing: func(p *estate.Port) bool { return len(p.Fixed) == 0 }}}

// vpcPortShape is VPC v1's.
var vpcPortShape = []portField{
	portID, portNaming, portStatus, portAdmin, portFixed, portMAC, portNetwork, portTenant, portDevice, portOwner,
	{key: "security_groups", value: constant(`["7a10c0de-0007-4000-8000-000000000001"]`)},
	{key: "extra_dhcp_opts", value: constant(`[]`)},
	{key: "allowed_address_pairs", value: appendPairs},
	{key: "binding:vnic_type", value: constant(`"normal"`)},
	{key: "binding:vif_details", value: constant(`{"primary_interface":true}`)},
	{key: "binding:profile", value: constant(`{}`)},
	{key: "dns_name", value: textOf(dnsName)},
	{key: "dns_assignment", value: constant(`[]`)},
	{key: "port_security_enabled", value: constant("true")},
	{key: "instance_id", value: constant(`""`)},
	{key: "instance_type", value: constant(`""`)},
	{key: "zone_id", value: constant(`""`)},
	{key: "enable_efi", value: constant("false")},
	{key: "ipv6_bandwidth_id", value: constant(`""`)},
}

// neutronPortShape is a whole Neutron port of about 1.1 kB; binding fields are an admin's.
var neutronPortShape = []portField{
	portID, portNaming, portNetwork, portTenant, portMAC, portAdmin, portStatus, portDevice, portOwner, portFixed,
	{key: "allowed_address_pairs", value: appendPairs},
	{key: "extra_dhcp_opts", value: constant(`[]`)},
	{key: "security_groups", value: constant(`["7a10c0de-0007-4000-8000-000000000001"]`)},
	portDesc,
	{key: "binding:vnic_type", value: constant(`"normal"`)},
	{key: "binding:profile", value: constant(`{}`)},
	{key: "binding:host_id", value: constant(`"node1.example.com"`)},
	{key: "binding:vif_type", value: constant(`"ovs"`)},
	{key: "binding:vif_details", value: constant(`{"port_filter":true,"connectivity":"l2","bridge_name":"br-int","datapath_type":"system","ovs_hybrid_plug":false}`)},
	{key: "dns_name", value: textOf(dnsName)},
	{key: "dns_assignment", value: constant(`[]`)},
	{key: "port_security_enabled", value: constant("true")},
	{key: "qos_policy_id", value: constant("null")},
	{key: "tags", value: constant(`[]`)},
	{key: "created_at", value: constant(`"2026-01-02T03:04:05Z"`)},
	{key: "updated_at", value: constant(`"2026-01-02T03:04:05Z"`)},
	{key: "revision_number", value: constant("1")},
	portProject,
}

// fieldsOf keeps the named fields; no name keeps all. Asked for id without
// project_id, Neutron adds tenant_id now and then; not to ports.
func fieldsOf(shape []portField, names []string) []portField {
	if len(names) == 0 {
		return shape
	}
	var kept []portField
	for _, f := range shape {
		if slices.Contains(names, f.key) {
			kept = append(kept, f)
		}
	}
	return kept
}

func appendPort(b []byte, p *estate.Port, shape []portField) []byte {
	b = append(b, '{')
	first := true
	for _, f := range shape {
		if f.missing != nil && f.missing(p) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '"')
		b = append(b, f.key...)
		b = append(b, '"', ':')
		b = f.value(b, p)
	}
	return append(b, '}')
}

func appendFixed(b []byte, p *estate.Port) []byte {
	b = append(b, '[')
	for i, f := range p.Fixed {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"subnet_id":"`...)
		b = append(b, f.SubnetID...)
		b = append(b, `","ip_address":"`...)
		b = f.Addr.AppendTo(b)
		b = append(b, '"', '}')
	}
	return append(b, ']')
}

// appendPairs writes a single address without its length, as Neutron does.
func appendPairs(b []byte, p *estate.Port) []byte {
	b = append(b, '[')
	for i, pair := range p.Pairs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"mac_address":"`...)
		b = append(b, p.MAC()...)
		b = append(b, `","ip_address":"`...)
		if pair.IsSingleIP() {
			b = pair.Addr().AppendTo(b)
		} else {
			b = pair.AppendTo(b)
		}
		b = append(b, '"', '}')
	}
	return append(b, ']')
}

func appendAdmin(b []byte, p *estate.Port) []byte {
	return append(b, "true"...)
}

func portName(p *estate.Port) string { return p.Name }

func dnsName(*estate.Port) string { return "" }
