package collector

import (
	"errors"
	"net/http"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
)

// without takes note that the cloud refuses a listing that only adds to a part, or
// does not have it, and returns any other error.
func without(part *inventory.Part, r provider.Resource, err error) error {
	if !isRefused(err) {
		return err
	}
	if part.Without == nil {
		part.Without = make(map[provider.Resource]error)
	}
	part.Without[r] = err
	return nil
}

// isRefused counts the 401 that OpenStack answers where no access rule of an application
// credential allows the call.
func isRefused(err error) bool {
	e, ok := errors.AsType[*apierr.StatusError](err)
	return ok && (e.Limited || e.Status == http.StatusForbidden || e.Status == http.StatusNotFound)
}
