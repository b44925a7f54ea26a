package cli

import (
	"fmt"
	"strings"

	"cloudip_exporter/config"
)

// What a page of these APIs holds at most, whatever limits.page_size says.
const (
	vpcPageMax     = 2000
	computePageMax = 1000
)

// cost tells how many API calls one collection costs a collector, when nothing
// fails and nothing is asked twice. Listings that several collectors need are
// fetched once for all of them, and stand with the collector that they belong
// to, or with one that needs them where that is not configured.
func cost(c config.Cloud, collector string) string {
	parts := []string{ownCost(c, collector)}
	for _, n := range borrowed(c, collector) {
		switch {
		case payer(c, n.listing) != collector:
		case n.sometimes:
			parts = append(parts, "at most "+listingCost(c, n.listing))
		default:
			parts = append(parts, listingCost(c, n.listing))
		}
	}
	return sum(parts...)
}

// listingCost is the cost of a listing that others join with.
func listingCost(c config.Cloud, listing string) string {
	if c.Provider == config.OpenStack || listing == "ports" && c.APIs.Ports == "neutron" {
		return pages(c, 0, listing)
	}
	return pages(c, vpcPageMax, listing)
}

func ownCost(c config.Cloud, collector string) string {
	switch collector {
	case "subnets":
		if c.Provider == config.OpenStack {
			return sum(listingCost(c, "subnets"), pages(c, 0, "networks"))
		}
		return sum(pages(c, vpcPageMax, "VPCs"), listingCost(c, "subnets"), "1 per subnet")
	case "ports":
		return listingCost(c, "ports")
	case "servers":
		listing := pages(c, computePageMax, "servers")
		if c.APIs.ServerAddresses != "ips" {
			return listing
		}
		if c.Servers == "baremetal" {
			return sum(listing, "1 per bare-metal server")
		}
		return sum(listing, "1 per server")
	case "address_groups":
		return pages(c, vpcPageMax, "address groups")
	case "private_ips":
		return "1 per subnet"
	}
	return "1"
}

func sum(parts ...string) string { return strings.Join(parts, " + ") }

// pages is one call for each page of a listing. most is the API's own maximum
// of a page, 0 for none.
func pages(c config.Cloud, most int, items string) string {
	size := c.Limits.PageSize
	if most > 0 {
		size = min(size, most)
	}
	return fmt.Sprintf("1 per %d %s", size, items)
}
