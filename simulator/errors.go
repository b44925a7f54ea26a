package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// family is a group of APIs that report errors in one shape.
type family int

const (
	famIdentity  family = iota // Keystone and IAM v3
	famVPC1                    // {"code","message"}
	famVPC3                    // {"error_code","error_msg","request_id"}
	famNeutron                 // {"NeutronError":{...}}
	famNova                    // {"itemNotFound":{...}}
	famBMS                     // {"error":{"code","message"}}
	famWorkspace               // {"error_code","error_msg","error_detail",...}
	famMetadata                // text
)

const keystone401 = "The request you have made requires authentication."

// gatewayError is what the API gateway of Huawei Cloud and OTC says before a service is asked.
func gatewayError(status int, code, message, requestID string) reply {
	return jsonReply(status, object{{"error_msg", message}, {"error_code", code}, {"request_id", requestID}})
}

func keystoneError(status int, message string) reply {
	return jsonReply(status, object{{"error", object{{"code", status}, {"message", message}, {"title", http.StatusText(status)}}}})
}

// middlewareError is Keystone's middleware inside Neutron and Nova.
func middlewareError(k *call) reply {
	body := object{{"error", object{{"code", 401}, {"title", "Unauthorized"}, {"message", keystone401}}}}
	return jsonReply(http.StatusUnauthorized, body).with("Www-Authenticate", fmt.Sprintf("Keystone uri=%q", k.identityURL()))
}

func vpcError(status int, code, message string) reply {
	return jsonReply(status, object{{"code", code}, {"message", message}})
}

func vpc3Error(k *call, status int, code, message string) reply {
	return jsonReply(status, object{{"request_id", k.requestID()}, {"error_code", code}, {"error_msg", message}})
}

func neutronError(status int, kind, message string) reply {
	return jsonReply(status, object{{"NeutronError", object{{"type", kind}, {"message", message}, {"detail", ""}}}})
}

// novaError names the kind by the key; the code is the status.
func novaError(status int, kind, message string) reply {
	return jsonReply(status, object{{kind, object{{"code", status}, {"message", message}}}})
}

func bmsError(status int, code, message string) reply {
	return jsonReply(status, object{{"error", object{{"code", code}, {"message", message}}}})
}

func workspaceError(status int, code, message string) reply {
	return jsonReply(status, object{{"error_code", code}, {"error_msg", message}, {"error_detail", ""}, {"encoded_authorization_message", ""}})
}

// forbidden says that the policy does not allow the action, in the family's shape.
func (k *call) forbidden(f family, action string) reply {
	policy := fmt.Sprintf("Policy doesn't allow %s to be performed.", action)
	switch f {
	case famVPC1:
		return vpcError(http.StatusForbidden, "VPC.2701", fmt.Sprintf("Policy doesn't allow <%s> to be performed.", action))
	case famVPC3:
		return vpc3Error(k, http.StatusForbidden, "VPC.0010", fmt.Sprintf("Policy doesn't allow <%s> to be performed.", action))
	case famNeutron:
		if k.cloud.huawei() {
			return vpcError(http.StatusForbidden, "VPC.2201", fmt.Sprintf("Policy doesn't allow <%s> to be performed.", action))
		}
		return neutronError(http.StatusForbidden, "PolicyNotAuthorized", fmt.Sprintf("(rule:%s) is disallowed by policy", action))
	case famNova:
		return novaError(http.StatusForbidden, "forbidden", policy)
	case famBMS:
		return bmsError(http.StatusForbidden, "BMS.0003", policy)
	case famWorkspace:
		return workspaceError(http.StatusForbidden, "WKS.00000043", policy)
	}
	return keystoneError(http.StatusForbidden, "You are not authorized to perform the requested action: "+action+".")
}

// notPublished answers a path that nobody serves.
func (k *call) notPublished() reply {
	switch {
	case k.service == "iam" || k.service == "identity":
		return keystoneError(http.StatusNotFound, "(http://localhost"+k.path+"): The resource could not be found.")
	case k.cloud.huawei():
		return gatewayError(http.StatusNotFound, "APIGW.0101", "The API does not exist or has not been published in the environment", k.requestID())
	case strings.HasPrefix(k.path, "/v2.1") || k.service == "compute":
		return reply{status: http.StatusNotFound, header: http.Header{"Content-Type": {"text/html; charset=UTF-8"}}, body: []byte("404 Not Found\n\nThe resource could not be found.\n")}
	}
	return neutronError(http.StatusNotFound, "HTTPNotFound", "The resource could not be found.")
}

// wrongMethod answers a method that the path does not have.
func (k *call) wrongMethod(f family) reply {
	switch f {
	case famNova:
		return novaError(http.StatusMethodNotAllowed, "badMethod", "The method is not allowed for this resource.")
	case famNeutron:
		return neutronError(http.StatusMethodNotAllowed, "HTTPMethodNotAllowed", "The server could not comply with the request since it is either malformed or otherwise incorrect.")
	case famIdentity:
		return keystoneError(http.StatusMethodNotAllowed, "The method is not allowed for the requested URL.")
	}
	return gatewayError(http.StatusMethodNotAllowed, "APIGW.0502", "The request method is not supported", k.requestID())
}
