package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"cloudip_exporter/inventory"
	"cloudip_exporter/web/query"
)

// group is one entry of Prometheus' HTTP service discovery.
type group struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// writeJSON answers with v. Nobody may keep it: it ages.
func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // an error means that the client has gone
}

// sdTargets lists all targets of /probe. Projects that are not known yet are
// left out, and where no others are it is 503: Prometheus keeps the list it has.
// The own scope of a credential is one target whatever its name.
func (s *server) sdTargets(w http.ResponseWriter, r *http.Request) {
	host, path := r.Host, strings.TrimSuffix(s.RoutePrefix, "/")+"/probe"
	if s.ExternalURL != nil {
		host, path = s.ExternalURL.Host, strings.TrimSuffix(s.ExternalURL.Path, "/")+"/probe"
	}
	if host == "" {
		plain(w, http.StatusBadRequest, "the request names no Host, which the targets would have as their address")
		return
	}
	groups, targets := []group{}, s.Runner.Targets()
	for _, t := range targets {
		if t.Project == "*" {
			continue
		}
		groups = append(groups, group{
			Targets: []string{host},
			Labels: map[string]string{
				"__metrics_path__": path,
				"__param_cloud":    t.Cloud,
				"__param_project":  t.Project,
				"cloud":            t.Cloud,
				"project":          t.Project,
			},
		})
	}
	if len(groups) == 0 && len(targets) > 0 {
		plain(w, http.StatusServiceUnavailable, "no project is known yet: a cloud must list its projects first")
		return
	}
	writeJSON(w, groups)
}

// sdServers lists the servers by their addresses, with the port of the parameter
// port where it is given; only those of the parameters cloud and project.
func (s *server) sdServers(w http.ResponseWriter, r *http.Request) {
	values, err := query.Parse(r)
	var port string
	if err == nil {
		port, err = portParameter(values)
	}
	var snaps []*inventory.Snapshot
	if err == nil {
		snaps, err = values.Snapshots(s.Runner.Snapshots())
	}
	if err != nil {
		plain(w, http.StatusBadRequest, err.Error())
		return
	}
	if unknown := query.Unknown(snaps, inventory.ServerData{}.Collector()); len(unknown) > 0 {
		// A list without them would end their scraping; after an error Prometheus
		// keeps the list it has.
		plain(w, http.StatusServiceUnavailable, fmt.Sprintf("the servers of %d targets are not known, the first is cloud %q project %q: "+
			"until a collection of them is complete, ask for the other clouds with the parameter cloud", len(unknown), unknown[0].Cloud, unknown[0].Project))
		return
	}
	groups := []group{}
	for _, snap := range snaps {
		servers := inventory.Of[inventory.ServerData](snap)
		for i := range servers {
			if g := serverGroup(snap, &servers[i], port); len(g.Targets) > 0 {
				groups = append(groups, g)
			}
		}
	}
	writeJSON(w, groups)
}

func serverGroup(snap *inventory.Snapshot, srv *inventory.Server, port string) group {
	g := group{Labels: map[string]string{
		"__meta_cloudip_cloud":       snap.Cloud,
		"__meta_cloudip_project":     snap.Project,
		"__meta_cloudip_server_id":   srv.ID.String(),
		"__meta_cloudip_server_name": srv.Name,
		"__meta_cloudip_kind":        srv.Kind(),
		"__meta_cloudip_status":      srv.Status,
		"__meta_cloudip_flavor":      srv.Flavor,
	}}
	seen := map[netip.Addr]bool{}
	for _, a := range srv.Addresses {
		if !seen[a.Addr] {
			seen[a.Addr] = true
			// IPv6 stands in brackets, also where no port follows.
			g.Targets = append(g.Targets, strings.TrimSuffix(net.JoinHostPort(a.Addr.String(), port), ":"))
		}
	}
	return g
}

func portParameter(values query.Values) (string, error) {
	port, err := values.One("port")
	if err != nil || !values.Has("port") {
		return "", err
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", errors.New("the parameter port is no port: give a number from 1 to 65535")
	}
	return port, nil
}
