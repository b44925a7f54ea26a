package cloudapi

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// signedCatalogue keeps the catalogue of an access key, which no token brings:
// one for all projects.
type signedCatalogue struct {
	calls singleCall[Catalogue]

	mu       sync.Mutex
	services Catalogue
	known    bool
}

// get fetches the catalogue once. A cloud that refuses it has none: the
// provider's naming of hosts is good enough.
func (c *signedCatalogue) get(ctx context.Context, fetch func(context.Context) (Catalogue, error)) (Catalogue, error) {
	if services, ok := c.kept(); ok {
		return services, nil
	}
	return c.calls.do(ctx, func(ctx context.Context) (Catalogue, error) {
		if services, ok := c.kept(); ok {
			return services, nil
		}
		services, err := fetch(ctx)
		if err != nil && !hasNoCatalogue(err) {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.services, c.known = services, true
		return services, nil
	})
}

func (c *signedCatalogue) kept() (Catalogue, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.services, c.known
}

// hasNoCatalogue tells a cloud that has no catalogue for access keys from one
// that failed or that refused the key.
func hasNoCatalogue(err error) bool {
	if _, key := errors.AsType[*apierr.AuthError](err); key {
		return false
	}
	return apierr.IsStatus(err, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
		http.StatusNotFound, http.StatusMethodNotAllowed)
}
