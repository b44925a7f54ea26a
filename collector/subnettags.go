package collector

import (
	"context"

	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// subnetTagsMetric shows the tags of subnets that the configuration names.
func subnetTagsMetric() Metric {
	return Metric{
		Name:    "cloudip_subnet_tags",
		Help:    "Tags of a subnet that series.tags names: \"true\" without a value, \"\" where the subnet has none.",
		Labels:  []string{"subnet_id", "ip_version"},
		Tags:    true,
		PerItem: 4,
		Each:    eachSubnetTags,
	}
}

// eachSubnetTags leaves out subnets of which a tag is not known: it was not asked for
// when they were collected, or the cloud does not say.
func eachSubnetTags(v View, emit Emit) {
	data := inventory.Of[inventory.SubnetData](v.Snapshot)
	for i := range data.Subnets {
		s := &data.Subnets[i]
		labels := []string{s.ID.String(), s.IPVersion()}
		for _, name := range v.Series.Tags {
			if value, known := s.Tags[name]; known {
				labels = append(labels, value)
			}
		}
		if n := len(v.Series.Tags); n > 0 && len(labels) == 2+n {
			emit(1, labels...)
		}
	}
}

// setTags asks for the tags of subnets where their listing does not show them.
func (s *Source) setTags(ctx context.Context, subnets []inventory.Subnet, part *inventory.Part) error {
	if len(s.cfg.Tags) == 0 || !s.on.Has(provider.SubnetTags) {
		return nil
	}
	tags, err := added(s, part, provider.SubnetTags, "tags of subnets", s.api.SubnetTags(ctx, subnetIDs(subnets)), func(a, b *inventory.SubnetTags) int { return a.ID.Compare(b.ID) })
	if err != nil {
		return err
	}
	known := make(map[inventory.ID]inventory.Tags, len(tags))
	for _, t := range tags {
		known[t.ID] = t.Tags
	}
	for i := range subnets {
		subnets[i].Tags = known[subnets[i].ID]
	}
	return nil
}
