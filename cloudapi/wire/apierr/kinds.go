package apierr

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// IsStatus reports whether err is an answer with one of the HTTP statuses.
func IsStatus(err error, statuses ...int) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && slices.Contains(statuses, e.Status)
}

// IsCode reports whether err is an answer with one of the cloud's own codes,
// such as VPC.2302.
func IsCode(err error, codes ...string) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && slices.Contains(codes, e.Code)
}

// IsAuth reports whether err is about the credential or its permissions.
func IsAuth(err error) bool {
	if _, ok := errors.AsType[*AuthError](err); ok {
		return true
	}
	return IsStatus(err, http.StatusUnauthorized, http.StatusForbidden)
}

// IsNotFound reports whether the cloud does not know what was asked for.
func IsNotFound(err error) bool { return IsStatus(err, http.StatusNotFound) }

// IsVanished is IsNotFound where nothing says that it is not the service that
// answers: an HTML page, or a gateway that does not know the API at all.
func IsVanished(err error) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && e.Status == http.StatusNotFound && !e.Page && !IsGatewayCode(e.Code)
}

// IsGone is IsNotFound as proof: with a code of the service's own, VPC.0704 or
// PortNotFound. A text alone may be a proxy's, and HTTPNotFound is Neutron's for a
// path it does not know.
func IsGone(err error) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && IsVanished(err) && e.Code != "HTTPNotFound" &&
		(serviceCode.MatchString(e.Code) || strings.HasSuffix(e.Code, "NotFound"))
}

// IsThrottled reports whether the cloud refused for the rate of requests or
// for a quota.
func IsThrottled(err error) bool {
	return IsStatus(err, http.StatusTooManyRequests) || IsCode(err, "OverQuota", "overLimit")
}

// IsConflict reports whether the state of the cloud forbids what was asked
// for: the address is taken, the object is in use.
func IsConflict(err error) bool {
	if IsThrottled(err) {
		return false
	}
	return IsStatus(err, http.StatusConflict) || IsCode(err, "VPC.0701", "VPC.0703", "VPC.0707")
}

// IsGatewayCode tells the API gateway's codes from those of the services.
func IsGatewayCode(code string) bool {
	return strings.HasPrefix(code, "APIGW.") || strings.HasPrefix(code, "APIG.") || strings.HasPrefix(code, "APIC.")
}
