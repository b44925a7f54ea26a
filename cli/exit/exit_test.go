package exit

import (
	"errors"
	"fmt"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/test/check"
)

func wantCode(t *testing.T, err error, want int) {
	t.Helper()
	check.Equal(t, "exit code", want, Code(err))
}

func TestTheExitCodeIsFoundThroughWrappingAndJoining(t *testing.T) {
	conflict := fmt.Errorf("assign: %w", &apierr.StatusError{Status: 500, Code: "VPC.0701", Service: "vpc", Operation: "assign_private_ip"})
	wantCode(t, nil, OK)
	wantCode(t, errors.New("x"), Failure)
	wantCode(t, conflict, Conflict)
	wantCode(t, errors.Join(errors.New("x"), conflict), Conflict)
	wantCode(t, &apierr.StatusError{Status: 404, Service: "iam", Operation: "create_token"}, Failure)
	wantCode(t, &apierr.StatusError{Status: 404, Service: "vpc", Operation: "list_ports"}, Failure)
	wantCode(t, &apierr.StatusError{Status: 404, Service: "vpc", Operation: "list_private_ips", Code: "VPC.0202"}, NotFound)
	wantCode(t, &apierr.StatusError{Status: 404, Service: "vpc", Operation: "get_private_ip"}, NotFound)
	wantCode(t, fmt.Errorf("x: %w", Usagef("y")), Usage)
	wantCode(t, Errorf(Unknown, "x: %w", conflict), Unknown)
}

func TestNovasOverLimitIsThrottlingAndNoQuotaThatCouldBeRaised(t *testing.T) {
	err := &apierr.StatusError{Status: 413, Code: "overLimit", Message: "This request was rate-limited.", Service: "compute", Operation: "list_servers"}
	wantCode(t, err, Throttled)
	check.Equal(t, "advice", "", Advice(err))
	err.Message = "Quota exceeded for instances"
	wantCode(t, err, Throttled)
	check.Has(t, "advice", Advice(err), "quota")
}
