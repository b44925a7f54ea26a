package exit

import (
	"errors"
	"fmt"
	"net/http"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// Advised adds what a person can do about a refusal of the cloud.
func Advised(err error) error {
	if a := Advice(err); a != "" {
		return fmt.Errorf("%w: %s", err, a)
	}
	return err
}

// Advice returns what a person can do about a refusal of the private-IP API, "" when
// there is nothing to add to the cloud's own words.
func Advice(err error) string {
	status, ok := errors.AsType[*apierr.StatusError](err)
	if !ok {
		return ""
	}
	if advice := refusalOf(status.Code).advice; advice != "" {
		return advice
	}
	switch statusExit(status) {
	case NotFound:
		return "it does not exist in this project; check the id, --cloud and --project"
	case Throttled:
		if status.Status != http.StatusTooManyRequests && (status.Code != "overLimit" || isQuota(status)) {
			return "a quota of the project is used up; release what is not needed or ask for a higher quota"
		}
	}
	return ""
}
