package exit

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cloudip_exporter/cloudapi/wire/apierr"
)

func wantCode(t *testing.T, err error, want int) {
	t.Helper()
	if got := Code(err); got != want {
		t.Errorf("exit code %d, want %d (error: %v)", got, want, err)
	}
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

func TestNovasOverLimitIsThrottlingAndNoQuotaThatCouldBeRaised(t *testing.T) {
	err := &apierr.StatusError{Status: 413, Code: "overLimit", Message: "This request was rate-limited.", Service: "compute", Operation: "list_servers"}
	wantCode(t, err, Throttled)
	if got := Advice(err); got != "" {
		t.Errorf("advice %q", got)
	}
	err.Message = "Quota exceeded for instances"
	wantCode(t, err, Throttled)
	if got := Advice(err); !strings.Contains(got, "quota") {
		t.Errorf("advice %q", got)
	}
}
