package storage

import (
	"cmp"
	"fmt"
	"time"

	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/rows"
)

// TenureKeys are the keys of the values of a tenure.
func TenureKeys() []string {
	return []string{
		"cloud", "project", "address", "ip_version", "subnet_id", "subnet_name", "network_id", "port_id", "private_ip_id", "public_ip_id", "private_address", "server_id", "device_id", "device_owner",
		"server_name", "holder", "status", "began_after", "first_seen", "last_seen", "ended_before", "idle_since",
	}
}

// Row returns the tenure in the order of TenureKeys. What is behind a public IP stands
// beside it; the ports of containers are sub-interfaces.
func (t *Tenure) Row() rows.Row {
	var items [kinds]string
	items[t.Kind] = t.Item.String()
	private := ""
	if t.Private.IsValid() {
		private = t.Private.String()
	}
	return rows.Row{
		t.Cloud, t.Project, t.Address.String(), inventory.IPVersion(t.Address), t.Subnet.String(), t.SubnetName, t.Network.String(),
		cmp.Or(items[Port], items[SubInterface], t.Port.String()), items[PrivateIP], items[PublicIP], private, items[Server], t.Device.String(), t.Owner, t.DeviceName, t.Holder, t.Status,
		timeValue(t.BeganAfter, nil), timeValue(t.FirstSeen, nil), timeValue(t.LastSeen, nil), timeValue(t.EndedBefore, rows.Absent{}), timeValue(t.IdleSince, ""),
	}
}

// timeValue is a time in RFC 3339, in UTC.
func timeValue(t time.Time, none any) any {
	if t.IsZero() {
		return none
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// String says in a few words who held the address, and until when.
func (t *Tenure) String() string {
	who := t.Holder
	if who == "none" {
		who = "reserved" // as lookup says while it is held
	}
	if t.DeviceName != "" {
		who += " " + t.DeviceName
	} else if !t.Device.IsZero() {
		who += " " + t.Device.String()
	} else {
		who += " " + t.Item.String()
	}
	return fmt.Sprintf("%s, seen last at %s", who, t.LastSeen.UTC().Format(time.RFC3339))
}
