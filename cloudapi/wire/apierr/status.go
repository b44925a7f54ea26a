package apierr

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloudip_exporter/text"
)

// StatusError is an answer of a cloud other than 2xx. Its texts are cut and
// hold no credential, so that it may be shown and logged.
type StatusError struct {
	Status    int    // HTTP status
	Code      string // the cloud's own: VPC.0202, APIGW.0301, PortNotFound, itemNotFound; "" when it sent none
	Message   string // the cloud's own, at most 256 bytes
	RequestID string // to quote to the cloud's support
	Service   string // iam, vpc, network, compute, bms, workspace
	Operation string // list_ports, ...

	Hint    string // what to do, when more is known than the status says
	Limited bool   // access rules of the credential may be what refuses
	Page    bool   // HTML or XML: by a proxy or a gateway, not by the service
}

// Error names the operation, the answer, and what to do where somebody can do
// something.
func (e *StatusError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s answered %d", Spoken(e.Operation), e.Service, e.Status)
	if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " (%s)", e.Code)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " [request %s]", e.RequestID)
	}
	if advice := e.advice(); advice != "" {
		b.WriteString(": " + advice)
	}
	return b.String()
}

func (e *StatusError) advice() string {
	switch {
	case e.Hint != "":
		return e.Hint
	case e.Status >= 300 && e.Status < 400:
		return "redirects are not followed: write the right address of this service into endpoints (or auth.url)"
	case e.Status == http.StatusUnauthorized:
		return "the credential was refused: check it, its project and its region"
	case e.Status == http.StatusForbidden:
		return "grant this credential the permission to do so"
	case e.Status == http.StatusNotFound && strings.HasSuffix(e.Code, ".0101") && IsGatewayCode(e.Code):
		return "this host does not publish that API: check region and endpoints"
	case e.Status == http.StatusTooManyRequests:
		return "lower limits.requests_per_second or collect less often"
	}
	return ""
}

// FromResponse reads an answer that is no success; the caller closes it. clean
// takes credentials out of a text.
func FromResponse(service, operation string, resp *http.Response, clean func(string) string) *StatusError {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, MaxErrorBody)) // what is there is enough
	f := ParseFault(body)
	if f.Code == strconv.Itoa(resp.StatusCode) {
		f.Code = "" // Keystone repeats the status
	}
	e := &StatusError{
		Status: resp.StatusCode, Service: service, Operation: operation,
		Code: text.Clip(clean(f.Code), 64), Message: text.Clip(clean(f.Message), 256), Page: f.Page,
		RequestID: RequestID(resp.Header),
	}
	switch {
	case resp.Header.Get("Openstack-Auth-Receipt") != "":
		e.Message = ""
		e.Hint = "Keystone wants a second factor" + factorsIn(body, clean) + ": use an application credential, or a user without one"
	case e.Status == http.StatusUnauthorized:
		e.Hint = clockHint(e, resp.Header)
	}
	return e
}

// factorsIn returns the login methods that Keystone's receipt still asks for, such as
// " (totp)".
func factorsIn(body []byte, clean func(string) string) string {
	var said struct {
		Receipt  struct{ Methods []string }
		Required [][]string `json:"required_auth_methods"`
	}
	_ = json.Unmarshal(body, &said) // the header says enough without
	missing := slices.DeleteFunc(slices.Concat(said.Required...), func(m string) bool { return slices.Contains(said.Receipt.Methods, m) })
	if len(missing) == 0 {
		return ""
	}
	return " (" + text.Clip(text.Line(clean(strings.Join(missing, ", "))), 64) + ")"
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

// RequestID returns the id by which the cloud's support finds a request.
func RequestID(h http.Header) string {
	for _, name := range [...]string{"X-Request-Id", "X-Iam-Trace-Id", "X-Openstack-Request-Id", "X-Compute-Request-Id"} {
		if id := h.Get(name); plainID.MatchString(id) {
			return id
		}
	}
	return ""
}

func clockHint(e *StatusError, h http.Header) string {
	date, err := http.ParseTime(h.Get("Date"))
	if skew := time.Since(date); err == nil && skew.Abs() > 15*time.Minute {
		return fmt.Sprintf("the clock of this machine is off by %v: set it, signatures are good for 15 minutes", skew.Round(time.Second))
	}
	if IsGatewayCode(e.Code) && strings.HasSuffix(e.Code, ".0303") || strings.Contains(e.Message, "signature expired") {
		return "check the clock of this machine: signatures are good for 15 minutes"
	}
	return ""
}

// InsideSuccess is the error of an answer with status 200 that has an error code,
// as those of Workspace do.
func InsideSuccess(service, operation, code string) error {
	return &StatusError{
		Status: http.StatusOK, Code: text.Clip(opaque.ReplaceAllString(text.Line(code), redacted), 64), Service: service, Operation: operation,
		Hint: "the answer has an error although its status is 200",
	}
}
