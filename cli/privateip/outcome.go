package privateip

import (
	"errors"
	"net/http"
	"strings"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/text"
)

// Outcome is what became of a change of a cloud.
type Outcome struct {
	State journal.State       // Done, Failed, NotExecuted or Unknown
	IP    inventory.PrivateIP // as the cloud has it now, as far as that is known
	Note  string              // for the journal; "" is the text of Err
	Err   error               // why it is not Done
}

// closing returns the journal's line for the outcome of an intent.
func (o Outcome) closing(intent journal.Entry) journal.Entry {
	intent.State, intent.Result = o.State, o.Note
	if o.Note == "" && o.Err != nil {
		intent.Result = o.Err.Error()
	}
	intent.Result = text.Clip(intent.Result, maxResult)
	if !o.IP.ID.IsZero() {
		intent.Target.PrivateIPID = text.Clip(o.IP.ID.String(), maxResult)
	}
	return intent
}

// maxResult is the length that a text in the journal is cut to.
const maxResult = 500

// stateOf returns what an error means for the change: Failed when the cloud read
// the request and refused it, NotExecuted when the cloud surely did not act on it,
// Unknown when it may have been carried out.
func stateOf(err error) journal.State {
	if _, login := errors.AsType[*apierr.AuthError](err); login {
		return journal.NotExecuted // there was no credential to send it with
	}
	if t, ok := errors.AsType[*apierr.TransportError](err); ok {
		if !isMutation(t.Operation) || !t.Sent {
			return journal.NotExecuted
		}
		return journal.Unknown
	}
	if s, ok := errors.AsType[*apierr.StatusError](err); ok {
		return stateOfStatus(s)
	}
	return journal.Unknown // for example a 2xx answer that cannot be read
}

// isMutation reports whether the operation is the change itself. Others come before
// it, such as a login.
func isMutation(operation string) bool {
	return operation == "assign_private_ip" || operation == "release_private_ip"
}

func stateOfStatus(s *apierr.StatusError) journal.State {
	switch {
	case !isMutation(s.Operation):
		return journal.NotExecuted
	case strings.HasPrefix(s.Code, "VPC.07"): // refusals, although the status of some is 500
		return journal.Failed
	case s.Status >= http.StatusInternalServerError, s.Status == http.StatusRequestTimeout, s.Status < http.StatusMultipleChoices:
		return journal.Unknown
	case s.Status == http.StatusUnauthorized, s.Status == http.StatusForbidden, s.Status == http.StatusTooManyRequests,
		s.Status < http.StatusBadRequest:
		return journal.NotExecuted
	}
	return journal.Failed
}

// inUse reports whether the cloud refused because the address is taken, so that
// another address may do.
func inUse(err error) bool {
	if apierr.IsCode(err, "VPC.0703", "IpAddressGenerationFailure", "OverQuota") {
		return false
	}
	return apierr.IsConflict(err) && exit.Code(err) == exit.Conflict
}
