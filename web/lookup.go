package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"

	"cloudip_exporter/inventory"
)

// holding is one place where an address is, or could be: a port, or a subnet
// where it has none.
type holding struct {
	Cloud         string              `json:"cloud"`
	Project       string              `json:"project"`
	Address       string              `json:"address"`
	IPVersion     string              `json:"ip_version"`
	Held          bool                `json:"held"`
	SubnetID      string              `json:"subnet_id"`
	SubnetName    string              `json:"subnet_name"`
	CIDR          string              `json:"cidr"`
	VPCID         string              `json:"vpc_id"`
	VPCName       string              `json:"vpc_name"`
	NetworkID     string              `json:"network_id"`
	Free          *float64            `json:"free"` // addresses left in the subnet, null where not known
	PortID        string              `json:"port_id"`
	Status        string              `json:"status"` // of the port
	DeviceID      string              `json:"device_id"`
	DeviceOwner   string              `json:"device_owner"`
	Holder        string              `json:"holder"`
	ServerID      string              `json:"server_id"`
	ServerName    string              `json:"server_name"`
	Kind          string              `json:"kind"`
	PrivateIPID   string              `json:"private_ip_id"`
	AddressGroups []coveringGroupItem `json:"address_groups"`
}

type coveringGroupItem struct {
	AddressGroupID   inventory.ID       `json:"address_group_id"`
	AddressGroupName string             `json:"address_group_name"`
	Entries          []addressEntryItem `json:"entries"`
}

// lookup tells who holds an address, from what was collected last: 404 when
// nobody does, with what is known of its subnet and groups, and 503 where no
// ports are known that could tell.
func (s *server) lookup(w http.ResponseWriter, r *http.Request) {
	query, err := parseQuery(r)
	if err != nil {
		plain(w, http.StatusBadRequest, err.Error())
		return
	}
	addr, err := addressParameter(query)
	if err != nil {
		plain(w, http.StatusBadRequest, err.Error())
		return
	}
	snaps := s.Runner.Snapshots()
	answer := struct {
		Items       []holding    `json:"items"`
		Collections []collection `json:"collections"`
	}{[]holding{}, collections(snaps)}
	status := http.StatusNotFound
	for _, l := range locate(snaps, addr) {
		if l.found.Held() {
			status = http.StatusOK
		}
		answer.Items = append(answer.Items, holdings(l.snap, &l.found)...)
	}
	if status == http.StatusNotFound && unknown(snaps, "ports") {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, answer)
}

// location is what one target knows of an address.
type location struct {
	snap  *inventory.Snapshot
	found inventory.Found
}

// locate asks all targets and keeps those that know anything.
func locate(snaps []*inventory.Snapshot, addr netip.Addr) []location {
	var all []location
	for _, snap := range snaps {
		if found := snap.Lookup(addr); found.Known() {
			all = append(all, location{snap, found})
		}
	}
	return all
}

func addressParameter(query url.Values) (netip.Addr, error) {
	text, err := one(query, "ip")
	if err != nil {
		return netip.Addr{}, err
	}
	if text == "" {
		return netip.Addr{}, errors.New("the parameter ip is missing: ask /api/v1/lookup?ip=ADDRESS")
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("the parameter ip is no IP address: %q", text)
	}
	return addr.Unmap(), nil
}

// holdings are the places of an address in one target.
func holdings(snap *inventory.Snapshot, found *inventory.Found) []holding {
	vpcs := inventory.Of[inventory.SubnetData](snap).VPCNames()
	var all []holding
	for _, at := range found.Places() {
		h := newHolding(snap, found, at.Held())
		h.setPrivateIP(at.PrivateIP)
		if at.Port != nil {
			h.setPort(snap, at.Port)
		}
		h.setSubnet(at.Subnet, vpcs)
		h.setServer(at.Server)
		all = append(all, h)
	}
	return all
}

func newHolding(snap *inventory.Snapshot, found *inventory.Found, held bool) holding {
	h := holding{
		Cloud: snap.Cloud, Project: snap.Project, Held: held,
		Address: found.Addr.String(), IPVersion: inventory.IPVersion(found.Addr),
		AddressGroups: []coveringGroupItem{},
	}
	for _, g := range found.Groups {
		item := coveringGroupItem{AddressGroupID: g.Group.ID, AddressGroupName: g.Group.Name}
		for _, e := range g.Entries {
			item.Entries = append(item.Entries, addressEntryItem{e.Text, e.Remarks})
		}
		h.AddressGroups = append(h.AddressGroups, item)
	}
	return h
}

// setPrivateIP comes first: a port and a subnet know better what they tell.
func (h *holding) setPrivateIP(p *inventory.PrivateIP) {
	if p == nil {
		return
	}
	h.PrivateIPID, h.SubnetID, h.Holder = p.ID.String(), p.SubnetID.String(), p.Holder().String()
	h.Status, h.DeviceOwner = p.Status, p.Owner
}

func (h *holding) setPort(snap *inventory.Snapshot, p *inventory.Port) {
	h.PortID, h.Status = p.ID.String(), p.Status
	h.DeviceID, h.DeviceOwner = p.DeviceID.String(), p.Owner
	h.NetworkID = p.NetworkID.String()
	h.Holder = snap.PortHolder()(p).String()
}

func (h *holding) setSubnet(s *inventory.Subnet, vpcs map[inventory.ID]string) {
	if s == nil {
		return
	}
	h.SubnetID, h.SubnetName, h.CIDR = s.ID.String(), s.Name, s.Prefix.String()
	h.VPCID, h.VPCName, h.NetworkID = s.VPCID.String(), vpcs[s.VPCID], s.NetworkID.String()
	h.Free = s.Usage.Free
}

func (h *holding) setServer(s *inventory.Server) {
	if s == nil {
		return
	}
	h.ServerID, h.ServerName, h.Kind = s.ID.String(), s.Name, s.Kind()
}
