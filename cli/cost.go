package cli

import (
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
)

// vpcPageMax is what a page of the VPC API holds at most.
const vpcPageMax = provider.VPCPageMax

// cost tells how many API calls one collection costs a collector.
func cost(c config.Cloud, name string) string {
	for _, known := range collector.All() {
		if known.Name == name {
			return known.Cost(c)
		}
	}
	return ""
}
