package apierr

import (
	"errors"
	"net/http"
	"slices"
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
