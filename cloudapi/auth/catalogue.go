package auth

import (
	"cmp"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/provider"
)

// Catalogue is what a token, and GET /v3/auth/catalog, say of the services that
// are asked. The others are not kept.
type Catalogue []catalogueService

type catalogueService struct {
	Type      optional[string]                        `json:"type"`
	Endpoints optional[[]optional[catalogueEndpoint]] `json:"endpoints"`
}

type catalogueEndpoint struct {
	Interface string `json:"interface"`
	Region    string `json:"region"`
	RegionID  string `json:"region_id"`
	URL       string `json:"url"`
}

// UnmarshalJSONFrom keeps the services that can be asked for: an answer may list
// millions of empty ones. Anything but a list is an empty one: addresses may be
// configured, or follow from the region.
func (c *Catalogue) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if kind := dec.PeekKind(); kind != jsontext.KindBeginArray && kind != jsontext.KindInvalid {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	wanted := provider.CatalogueTypes()
	for dec.PeekKind() != jsontext.KindEndArray {
		var service optional[catalogueService]
		if err := json.UnmarshalDecode(dec, &service); err != nil {
			return err
		}
		if slices.Contains(wanted, service.value.Type.value) {
			*c = append(*c, service.value)
		}
	}
	_, err := dec.ReadToken()
	return err
}

// Found is what a catalogue has of one service.
type Found struct {
	URL        string   // "" where no endpoint fits
	Regions    []string // that have the service at the wanted interfaces
	Interfaces []string // others that have it
}

// Find looks for a service of one of the types, best first, at one of the
// interfaces, the preferred first; none is the public one. An endpoint of the
// region goes before one of all regions, which names none or *; one that names no
// interface is public.
func (c Catalogue) Find(types []string, region string, interfaces []string) Found {
	var f Found
	if len(interfaces) == 0 {
		interfaces = []string{"public"}
	}
	for _, kind := range types {
		for _, wanted := range interfaces {
			if f.URL = c.find(kind, region, wanted, &f); f.URL != "" {
				return f
			}
		}
	}
	return f
}

// find returns the address of a service at one interface, and notes what else
// there is.
func (c Catalogue) find(kind, region, wanted string, f *Found) (found string) {
	everywhere := ""
	for _, entry := range c {
		if entry.Type.value != kind {
			continue
		}
		for _, endpoint := range entry.Endpoints.value {
			e := endpoint.value
			r, at := cmp.Or(e.RegionID, e.Region), cmp.Or(e.Interface, "public")
			ofAll := r == "" || r == "*"
			switch {
			case e.URL == "":
			case at != wanted:
				f.Interfaces = with(f.Interfaces, at)
			case ofAll:
				everywhere = cmp.Or(everywhere, e.URL)
			default:
				if f.Regions = with(f.Regions, r); region == "" || r == region {
					found = cmp.Or(found, e.URL)
				}
			}
		}
	}
	return cmp.Or(found, everywhere)
}

func with(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

// optional decodes a T that a login can do without: a malformed value is left
// zero and does not fail the login.
type optional[T any] struct{ value T }

// UnmarshalJSONFrom reads the value, or skips it.
func (o *optional[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	var v T
	if json.Unmarshal(raw, &v, jsontext.AllowInvalidUTF8(true)) == nil {
		o.value = v
	}
	return nil
}
