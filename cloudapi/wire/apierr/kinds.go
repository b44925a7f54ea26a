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

// Absence says how sure it is that what was asked for does not exist.
type Absence int

// The values are in order: what holds for a likely absence holds for a proven one.
const (
	NotAbsent    Absence = iota // nothing says so
	LikelyAbsent                // 404, perhaps of a proxy
	ProvenAbsent                // by a code of the service's own
)

// codeNetworkDeleted comes with status 400.
const codeNetworkDeleted = "VPC.2302"

// AbsenceOf returns the absence that err is about.
func AbsenceOf(err error) Absence {
	if e, ok := errors.AsType[*StatusError](err); ok {
		return e.Absence()
	}
	return NotAbsent
}

// Absence returns how sure the answer makes it that the thing asked for does not
// exist. An HTML page and a gateway that does not know the API say nothing of it. A
// text alone may be a proxy's, and HTTPNotFound is Neutron's code for an unknown path:
// they are no proof.
func (e *StatusError) Absence() Absence {
	switch {
	case e.Code == codeNetworkDeleted:
		return ProvenAbsent
	case e.Status != http.StatusNotFound, e.Page, IsGatewayCode(e.Code):
		return NotAbsent
	case e.Code != "HTTPNotFound" && (serviceCode.MatchString(e.Code) || strings.HasSuffix(e.Code, "NotFound")):
		return ProvenAbsent
	}
	return LikelyAbsent
}

// IsGatewayCode reports whether a code is the API gateway's, not a service's.
func IsGatewayCode(code string) bool {
	return strings.HasPrefix(code, "APIGW.") || strings.HasPrefix(code, "APIG.") || strings.HasPrefix(code, "APIC.")
}
