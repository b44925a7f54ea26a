package exit

import (
	"errors"
	"fmt"
	"net/http"

	"cloudip_exporter/cloudapi/wire/apierr"
)

// Advised adds what a person can do about a refusal of the cloud.
func Advised(err error) error {
	if a := Advice(err); a != "" {
		return fmt.Errorf("%w: %s", err, a)
	}
	return err
}

// Advice returns what a person can do about a refusal of the private-IP API, "" when
// there is nothing to add to the cloud's own words.
func Advice(err error) string {
	status, ok := errors.AsType[*apierr.StatusError](err)
	if !ok {
		return ""
	}
	switch status.Code {
	case "VPC.0701", "IpAddressAlreadyAllocated", "IpAddressInUse":
		return "the address is in use; see who has it with lookup, or leave out --address to take a free one"
	case "VPC.0702", "InvalidInput":
		return "the cloud does not accept these parameters; check --subnet and --address"
	case "VPC.0703", "IpAddressGenerationFailure":
		return "the subnet has no address left; release idle ones (private-ip list) or use another subnet"
	case "VPC.0704", "PortNotFound":
		return "there is no such private IP; see private-ip list"
	case "VPC.0705", "InvalidIpForSubnet", "InvalidIpForNetwork":
		return "the address is not inside the subnet; see inventory subnets for its CIDR"
	case "AllocationOnAutoAddressSubnet":
		return "the network chooses the addresses of this subnet itself; use another subnet"
	case "VPC.0706":
		return "the cloud could not delete the port; look at it with lookup and try again later"
	case "VPC.0707", "PortInUse", "ServicePortInUse":
		return "the address is in use; detach it from its device first (lookup shows which)"
	}
	switch statusExit(status) {
	case NotFound:
		return "it does not exist in this project; check the id, --cloud and --project"
	case Throttled:
		if status.Status != http.StatusTooManyRequests && (status.Code != "overLimit" || isQuota(status)) {
			return "a quota of the project is used up; release what is not needed or ask for a higher quota"
		}
	}
	return ""
}
