package collector

import (
	"errors"
	"net/http"
	"strings"

	"cloudip_exporter/cloudapi"
)

// vanished reports whether err says that the thing asked for is not there. A
// gateway that does not know the API at all also answers 404, with a code of
// its own; that is a failure.
func vanished(err error) bool {
	status, ok := errors.AsType[*cloudapi.StatusError](err)
	if !ok || status.Status != http.StatusNotFound {
		return false
	}
	return !strings.HasPrefix(status.Code, "API")
}

func countTrue(flags []bool) int {
	n := 0
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}
