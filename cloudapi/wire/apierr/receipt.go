package apierr

import (
	"encoding/json"
	"slices"
	"strings"
)

// receiptHeader comes with a login of which Keystone wants one more factor.
const receiptHeader = "Openstack-Auth-Receipt"

const hintFactor = "this program has one factor to log in with: use an application credential, or a user without a second factor"

// parseReceipt reads the answer to a login that lacks a factor.
func parseReceipt(body []byte) (Fault, bool) {
	var answer struct {
		Receipt struct {
			Methods []string `json:"methods"`
		} `json:"receipt"`
		Required [][]string `json:"required_auth_methods"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Required) == 0 {
		return Fault{}, false
	}
	var ways []string
	for _, way := range answer.Required {
		missing := slices.DeleteFunc(way, func(method string) bool { return slices.Contains(answer.Receipt.Methods, method) })
		ways = append(ways, strings.Join(missing, " and "))
	}
	return Fault{Message: "a second factor is wanted: " + strings.Join(ways, ", or "), SecondFactor: true}, true
}
