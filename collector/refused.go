package collector

import (
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

func isRefused(err error) bool {
	return apierr.IsStatus(err, http.StatusForbidden, http.StatusNotFound)
}
