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
	wantCode(t, fmt.Errorf("x: %w", Usagef("y")), Usage)
	wantCode(t, Errorf(Unknown, "x: %w", conflict), Unknown)
}

func TestAServiceThatIsNotThereIsNoThingThatIsNotFound(t *testing.T) {
	for _, c := range []struct {
		operation, code string
		page            bool
		want            int
	}{
		{"get_private_ip", "", false, NotFound},
		{"get_private_ip", "", true, Failure},
		{"get_server", "APIGW.0101", false, Failure},
		{"list_private_ips", "VPC.0202", false, NotFound},
		{"list_ports", "", false, Failure},
		{"list_quotas", "HTTPNotFound", false, NotFound}, // an extension that the cloud has not
		{"create_token", "IAM.0004", false, Failure},
	} {
		err := &apierr.StatusError{Status: 404, Operation: c.operation, Code: c.code, Page: c.page}
		check.Equal(t, fmt.Sprintf("%+v", c), c.want, Code(err))
	}
}

func TestNovasOverLimitIsThrottlingAndNoQuotaThatCouldBeRaised(t *testing.T) {
	err := &apierr.StatusError{Status: 413, Code: "overLimit", Message: "This request was rate-limited.", Service: "compute", Operation: "list_servers"}
	wantCode(t, err, Throttled)
	check.Equal(t, "advice", "", Advice(err))
	err.Message = "Quota exceeded for instances"
	wantCode(t, err, Throttled)
	check.Has(t, "advice", Advice(err), "quota")
}
