package privateip

import (
	"errors"
	"net/http"
	"strings"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
)

// outcome is what is known of a mutation after its one request.
type outcome int

const (
	done        outcome = iota
	refused             // the cloud read the request and said no
	notExecuted         // the cloud never acted on it
	uncertain           // it may have been carried out: read back
)

// outcomeOf sorts the answer to a mutation. What is not known for sure is uncertain.
func outcomeOf(err error) outcome {
	if err == nil {
		return done
	}
	if _, login := errors.AsType[*apierr.AuthError](err); login {
		return notExecuted // there was no credential to send it with
	}
	if t, ok := errors.AsType[*apierr.TransportError](err); ok {
		if !isMutation(t.Operation) || !t.Sent {
			return notExecuted
		}
		return uncertain
	}
	if s, ok := errors.AsType[*apierr.StatusError](err); ok {
		return answered(s)
	}
	return uncertain // for example a 2xx answer that cannot be read
}

// isMutation tells the request itself from those that it needs first, such as
// a login.
func isMutation(operation string) bool {
	return operation == "assign_private_ip" || operation == "release_private_ip"
}

func answered(s *apierr.StatusError) outcome {
	switch {
	case !isMutation(s.Operation):
		return notExecuted
	case strings.HasPrefix(s.Code, "VPC.07"): // refusals, although the status of some is 500
		return refused
	case s.Status >= http.StatusInternalServerError, s.Status == http.StatusRequestTimeout, s.Status < http.StatusMultipleChoices:
		return uncertain
	case s.Status == http.StatusUnauthorized, s.Status == http.StatusForbidden, s.Status == http.StatusTooManyRequests,
		s.Status < http.StatusBadRequest:
		return notExecuted
	}
	return refused
}

// inUse reports whether the cloud refused because the address is taken, so that
// another address may do.
func inUse(err error) bool {
	if apierr.IsCode(err, "VPC.0703", "IpAddressGenerationFailure", "OverQuota") {
		return false
	}
	return apierr.IsConflict(err) && exit.Code(err) == exit.Conflict
}
