package cloudapi

import (
	"context"
	"iter"
	"slices"

	"golang.org/x/sync/errgroup"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// SubnetTags tells the tags of these subnets that the configuration names, where the
// listing of subnets does not show them.
func (p *Project) SubnetTags(ctx context.Context, subnets []inventory.ID) iter.Seq2[inventory.SubnetTags, error] {
	list, _, err := choose(p, provider.SubnetTags, subnetTagAPIs)
	if err != nil {
		return failed[inventory.SubnetTags](err)
	}
	return list(ctx, p, subnets)
}

var subnetTagAPIs = map[string]func(context.Context, *Project, []inventory.ID) iter.Seq2[inventory.SubnetTags, error]{
	"vpc/v3": vpcV3SubnetTags, "vpc/v2": subnetTagsEach,
}

// vpcV3SubnetTags is of VPC API v3, "Querying Subnets", whatever subnets are asked about.
func vpcV3SubnetTags(ctx context.Context, p *Project, _ []inventory.ID) iter.Seq2[inventory.SubnetTags, error] {
	return listBy(ctx, p, provider.SubnetTags, listings[inventory.SubnetTags]{"vpc/v3": {
		kind: "subnet", key: "virsubnets",
		item: func(s *page.Scanner, all []inventory.SubnetTags) []inventory.SubnetTags {
			one := inventory.SubnetTags{Tags: inventory.NewTags(p.Config().Tags)}
			s.Fields(page.Fields{
				{"id", func() { one.ID = s.ItemID() }},
				{"tags", func() { readTags(s, one.Tags) }},
			})
			return append(all, one)
		},
	}})
}

// subnetTagsEach is GET /v2.0/{project_id}/subnets/{id}/tags (VPC API, "Querying Tags
// of a Subnet") for each subnet. One that was deleted meanwhile is left out. None of them
// is there, says a cloud that keeps the answers from a credential without the right.
func subnetTagsEach(ctx context.Context, p *Project, subnets []inventory.ID) iter.Seq2[inventory.SubnetTags, error] {
	return func(yield func(inventory.SubnetTags, error) bool) {
		found, faults, gone := make([]inventory.SubnetTags, len(subnets)), make([]error, len(subnets)), make([]error, len(subnets))
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(max(1, p.Config().Limits.Concurrency))
		for i, id := range subnets {
			g.Go(func() error {
				tags, err := p.subnetTags(ctx, id)
				switch {
				case apierr.AbsenceOf(err) == apierr.ProvenAbsent:
					gone[i] = err
					return nil
				case apierr.Is[*apierr.ItemError](err):
					faults[i] = err
					return nil
				}
				found[i] = inventory.SubnetTags{ID: id, Tags: tags}
				return err
			})
		}
		err := g.Wait()
		if err == nil && len(gone) > 0 && !slices.Contains(gone, nil) {
			err = gone[0]
		}
		if err != nil {
			yield(inventory.SubnetTags{}, err)
			return
		}
		for i := range found {
			if faults[i] != nil || !found[i].ID.IsZero() {
				if !yield(found[i], faults[i]) {
					return
				}
			}
		}
	}
}

func (p *Project) subnetTags(ctx context.Context, id inventory.ID) (inventory.Tags, error) {
	tags := inventory.NewTags(p.Config().Tags)
	o := p.object("vpc", "GET /v2.0/{project_id}/subnets/{id}/tags", id.String())
	o.Operation, o.Kind, o.Key = "get_subnet_tags", "subnet", "tags"
	o.Read = func(s *page.Scanner) { readTags(s, tags) }
	return tags, o.Get(ctx)
}

func readTags(s *page.Scanner, tags inventory.Tags) {
	s.Detail(func() {
		s.Array(func() {
			var name, value string
			s.Fields(page.Fields{
				{"key", func() { name = s.Str() }},
				{"value", func() { value = s.Str() }},
			})
			tags.Set(name, value)
		})
	})
}
