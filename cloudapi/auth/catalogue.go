package auth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/provider"
)

// maxEndpoints bounds what is kept of a catalogue. It is kept for every
// project, and an identity service may write millions of empty entries.
const maxEndpoints = 5000

// Catalogue is what a token, and GET /v3/auth/catalog, say of the services that
// are asked. The others are not kept.
type Catalogue []catalogueService

// catalogueService is one service of a catalogue.
type catalogueService struct {
	Type      string             `json:"type"`
	Endpoints catalogueEndpoints `json:"endpoints"`
}

type catalogueEndpoints []catalogueEndpoint

type catalogueEndpoint struct {
	Interface string `json:"interface"`
	Region    string `json:"region"`
	RegionID  string `json:"region_id"`
	URL       string `json:"url"`
}

func (e *catalogueEndpoint) region() string { return cmp.Or(e.RegionID, e.Region) }

// UnmarshalJSONFrom keeps the services that can be asked for.
func (c *Catalogue) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	kinds := provider.CatalogueTypes()
	kept := 0
	return eachElement(dec, func() error {
		var e catalogueService
		if err := json.UnmarshalDecode(dec, &e); err != nil {
			return err
		}
		if !slices.Contains(kinds, e.Type) || len(e.Endpoints) == 0 {
			return nil
		}
		*c = append(*c, e)
		kept += len(e.Endpoints)
		return tooManyEndpoints(kept)
	})
}

// UnmarshalJSONFrom keeps the endpoints that have an address.
func (c *catalogueEndpoints) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return eachElement(dec, func() error {
		var e catalogueEndpoint
		if err := json.UnmarshalDecode(dec, &e); err != nil {
			return err
		}
		if e.URL != "" {
			*c = append(*c, e)
		}
		return tooManyEndpoints(len(*c))
	})
}

func tooManyEndpoints(n int) error {
	if n > maxEndpoints {
		return fmt.Errorf("the service catalogue has more than %d endpoints: set endpoints", maxEndpoints)
	}
	return nil
}

// eachElement reads an array; null is an empty one.
func eachElement(dec *jsontext.Decoder, element func() error) error {
	start, err := dec.ReadToken()
	if err != nil || start.Kind() == jsontext.KindNull {
		return err
	}
	if start.Kind() != jsontext.KindBeginArray {
		return fmt.Errorf("the service catalogue is not a list but begins with %v", start.Kind())
	}
	for dec.PeekKind() != jsontext.KindEndArray {
		if err := element(); err != nil {
			return err
		}
	}
	_, err = dec.ReadToken()
	return err
}

// Find returns the address of a service of one of the types, best first, and
// the other regions that have it. The address is "" where none fits. An
// endpoint of the region goes before one of all regions, which names none or *;
// one that names no interface is public.
func (c Catalogue) Find(types []string, region, iface string) (found string, others []string) {
	iface = strings.TrimSuffix(cmp.Or(iface, "public"), "URL")
	for _, kind := range types {
		everywhere := ""
		for _, entry := range c {
			if entry.Type != kind {
				continue
			}
			for _, e := range entry.Endpoints {
				if cmp.Or(e.Interface, "public") != iface || e.URL == "" {
					continue
				}
				switch r := e.region(); {
				case region == "" || r == region:
					found = cmp.Or(found, e.URL)
				case r == "" || r == "*":
					everywhere = cmp.Or(everywhere, e.URL)
				case !slices.Contains(others, r):
					others = append(others, r)
				}
			}
		}
		if found = cmp.Or(found, everywhere); found != "" {
			return found, others
		}
	}
	return "", others
}
