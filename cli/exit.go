package cli

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
)

// Exit codes of all commands.
const (
	ExitOK         = 0
	ExitFailure    = 1  // runtime failure
	ExitUsage      = 2  // usage or configuration
	ExitPermission = 3  // authentication or permission
	ExitNotFound   = 4  //
	ExitConflict   = 5  //
	ExitThrottled  = 6  // throttled, or a quota is used up
	ExitUnknown    = 75 // outcome unknown: reconcile

	undecided = -1
)

// ExitError is an error that decides the exit code.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string { return e.Err.Error() }

func (e *ExitError) Unwrap() error { return e.Err }

func exitf(code int, format string, args ...any) error {
	return &ExitError{Code: code, Err: fmt.Errorf(format, args...)}
}

func usagef(format string, args ...any) error { return exitf(ExitUsage, format, args...) }

// ExitCode is the exit code for the outcome of a command: of several errors
// joined, the code of the first that has one of its own.
func ExitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	if exit, ok := errors.AsType[*ExitError](err); ok {
		return exit.Code
	}
	if _, wrong := errors.AsType[*apierr.IDError](err); wrong {
		return ExitUsage
	}
	if errors.Is(err, cloudapi.ErrForeign) {
		return ExitNotFound
	}
	status, answered := errors.AsType[*apierr.StatusError](err)
	if _, auth := errors.AsType[*apierr.AuthError](err); auth {
		return authExit(err, status)
	}
	if answered {
		return statusExit(status)
	}
	return ExitFailure
}

// authExit tells a credential that is refused from an identity service that
// does not answer.
func authExit(err error, status *apierr.StatusError) int {
	if _, broken := errors.AsType[*apierr.TransportError](err); broken {
		return ExitFailure
	}
	if status != nil && (status.Status == http.StatusTooManyRequests || status.Status >= http.StatusInternalServerError) {
		return statusExit(status)
	}
	return ExitPermission
}

// statusExit is the exit code for a cloud's refusal: its own code first, which
// says more than the HTTP status (VPC.0701 is a conflict with status 500).
func statusExit(e *apierr.StatusError) int {
	if code := codeExit(e.Code); code != undecided {
		return code
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		if isQuota(e) {
			return ExitThrottled
		}
		return ExitPermission
	case http.StatusNotFound:
		return ExitNotFound
	case http.StatusConflict:
		if isQuota(e) {
			return ExitThrottled
		}
		return ExitConflict
	case http.StatusTooManyRequests:
		return ExitThrottled
	case http.StatusRequestEntityTooLarge, http.StatusBadRequest:
		if isQuota(e) {
			return ExitThrottled
		}
	}
	return ExitFailure
}

func codeExit(code string) int {
	switch code {
	case "VPC.0701", "VPC.0703", "VPC.0707",
		"IpAddressAlreadyAllocated", "IpAddressInUse", "IpAddressGenerationFailure", "PortInUse", "ServicePortInUse":
		return ExitConflict
	case "VPC.0702", "VPC.0705", "InvalidIpForSubnet", "InvalidIpForNetwork", "InvalidInput":
		return ExitUsage
	case "VPC.0704", "PortNotFound", "NetworkNotFound", "SubnetNotFound":
		return ExitNotFound
	case "OverQuota", "overLimit", "VPC.9905":
		return ExitThrottled
	case "APIGW.0101", "APIG.0101": // the API is not served there, which is not "no such thing"
		return ExitFailure
	}
	return undecided
}

// isQuota tells a quota from other refusals: no status and no code of the VPC
// API is kept for it.
func isQuota(e *apierr.StatusError) bool {
	return strings.Contains(strings.ToLower(e.Code+" "+e.Message), "quota")
}
