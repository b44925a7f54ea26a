// Package exit knows the exit codes of the program, which of them an error means,
// and what a person can do about it.
package exit

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// Exit codes of all commands.
const (
	OK         = 0
	Failure    = 1  // runtime failure
	Usage      = 2  // usage or configuration
	Permission = 3  // authentication or permission
	NotFound   = 4  //
	Conflict   = 5  //
	Throttled  = 6  // throttled, or a quota is used up
	Unknown    = 75 // outcome unknown: reconcile

	undecided = -1
)

// Error is an error that decides the exit code.
type Error struct {
	Code int
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// ErrReported is the error of a command that has already printed what is wrong.
var ErrReported = errors.New("reported")

// Errorf returns an error that decides the exit code.
func Errorf(code int, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Usagef returns an error of usage or configuration.
func Usagef(format string, args ...any) error { return Errorf(Usage, format, args...) }

// AsUsage returns err as an error of usage or configuration.
func AsUsage(err error) error { return &Error{Usage, err} }

// Code returns the exit code for the outcome of a command: of several errors
// joined, the code of the first that has one of its own.
func Code(err error) int {
	if err == nil {
		return OK
	}
	if exit, ok := errors.AsType[*Error](err); ok {
		return exit.Code
	}
	if _, wrong := errors.AsType[*apierr.IDError](err); wrong {
		return Usage
	}
	if errors.Is(err, apierr.ErrForeign) {
		return NotFound
	}
	status, answered := errors.AsType[*apierr.StatusError](err)
	if _, auth := errors.AsType[*apierr.AuthError](err); auth {
		return authExit(err, status)
	}
	if answered {
		return statusExit(status)
	}
	return Failure
}

// authExit distinguishes a refused credential from an identity service that does
// not answer.
func authExit(err error, status *apierr.StatusError) int {
	if _, broken := errors.AsType[*apierr.TransportError](err); broken {
		return Failure
	}
	if status != nil && (status.Status == http.StatusTooManyRequests || status.Status >= http.StatusInternalServerError) {
		return statusExit(status)
	}
	return Permission
}

// statusExit returns the exit code for a cloud's refusal: its own code first, which
// says more than the HTTP status (VPC.0701 is a conflict with status 500).
func statusExit(e *apierr.StatusError) int {
	if code := refusalOf(e.Code).exit; code != undecided {
		return code
	}
	switch e.Status {
	case http.StatusNotFound:
		if e.Absence() == apierr.NotAbsent || e.Operation == "create_token" || e.Code == "" && strings.HasPrefix(e.Operation, "list_") {
			return Failure // the service is not there, which is not "no such thing"
		}
		return NotFound
	case http.StatusTooManyRequests:
		return Throttled
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge:
		if isQuota(e) {
			return Throttled
		}
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return Permission
	case http.StatusConflict:
		return Conflict
	}
	return Failure
}

// refusal is what a code of a cloud means, and what a person can do about it.
type refusal struct {
	codes  string // words
	exit   int
	advice string
}

func refusals() []refusal {
	return []refusal{
		{"VPC.0701 IpAddressAlreadyAllocated IpAddressInUse", Conflict, "the address is in use; see who has it with lookup, or leave out --address to take a free one"},
		{"VPC.0702 InvalidInput", Usage, "the cloud does not accept these parameters; check --subnet and --address"},
		{"VPC.0703 IpAddressGenerationFailure", Conflict, "the subnet has no address left; release idle ones (private-ip list) or use another subnet"},
		{"VPC.0704 PortNotFound", NotFound, "there is no such private IP; see private-ip list"},
		{"VPC.0705 InvalidIpForSubnet InvalidIpForNetwork", Usage, "the address is not inside the subnet; see inventory subnets for its CIDR"},
		{"AllocationOnAutoAddressSubnet", Usage, "the network chooses the addresses of this subnet itself; use another subnet"},
		{"VPC.0706", undecided, "the cloud could not delete the port; look at it with lookup and try again later"},
		{"VPC.0707 PortInUse ServicePortInUse", Conflict, "the address is in use; detach it from its device first (lookup shows which)"},
		{"NetworkNotFound SubnetNotFound", NotFound, ""},
		{"OverQuota overLimit VPC.9905", Throttled, ""},
	}
}

func refusalOf(code string) refusal {
	all := refusals()
	if i := slices.IndexFunc(all, func(r refusal) bool { return slices.Contains(strings.Fields(r.codes), code) }); i >= 0 {
		return all[i]
	}
	return refusal{exit: undecided}
}

// isQuota reports whether the refusal is about a quota. The VPC API has no status
// and no code of its own for that.
func isQuota(e *apierr.StatusError) bool {
	return strings.Contains(strings.ToLower(e.Code+" "+e.Message), "quota")
}
