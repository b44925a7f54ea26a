// Package inventory is the model of what a cloud holds: VPCs, subnets, ports,
// servers, address groups, private IPs and quotas of one project, gathered in
// an immutable Snapshot. It knows neither HTTP nor Prometheus and imports
// nothing of this module but provider.
package inventory
