package simulator

import (
	"encoding/json"
	"net/http"

	"cloudip_exporter/simulator/estate"
)

type consoleRequest struct {
	Serial *struct{ Type string } `json:"os-getSerialConsole"`
}

// consoleURL carries a token that is new with every call: a credential.
func (k *call) consoleURL() string {
	a := k.cloud.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	a.issued++
	token := a.names.ID("console", a.issued)
	if k.cloud.huawei() {
		return "https://console.example.com:8003/?token=" + token
	}
	return "ws://127.0.0.1:6083/?token=" + token
}

// serialReady answers for a server that has no console now; nil when it has.
func (k *call) serialReady(s *estate.Server) *reply {
	var no reply
	switch s.Status {
	case "BUILD":
		no = novaError(http.StatusConflict, "conflictingRequest", "Instance "+s.ID+" is not ready")
	case "ERROR":
		no = novaError(http.StatusNotFound, "itemNotFound", "Guest does not have a console available.")
	default:
		return nil
	}
	return &no
}

// postServerAction knows os-getSerialConsole, which microversions below 2.6 have.
func postServerAction(k *call) reply {
	s := k.server()
	if s == nil {
		return k.noServer()
	}
	var in consoleRequest
	if err := json.Unmarshal(k.body, &in); err != nil || in.Serial == nil {
		return novaError(http.StatusBadRequest, "badRequest", "There is no such action.")
	}
	if minor, _ := k.minor(); minor >= 6 {
		return novaError(http.StatusNotFound, "itemNotFound", "There is no such action: os-getSerialConsole")
	}
	if in.Serial.Type != "serial" {
		return novaError(http.StatusBadRequest, "badRequest", "Invalid input for field/attribute type. Value: "+in.Serial.Type+". 'serial' is expected")
	}
	if no := k.serialReady(s); no != nil {
		return *no
	}
	return ok(object{{"console", object{{"type", "serial"}, {"url", k.consoleURL()}}}})
}

func readRemote(body []byte) (protocol, kind string, good bool) {
	var in struct {
		Remote *struct{ Protocol, Type string } `json:"remote_console"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Remote == nil {
		return "", "", false
	}
	return in.Remote.Protocol, in.Remote.Type, in.Remote.Protocol == "serial" && in.Remote.Type == "serial"
}

// postRemoteConsole exists from microversion 2.6 on.
func postRemoteConsole(k *call) reply {
	if minor, _ := k.minor(); minor < 6 || k.cloud.huawei() {
		return novaError(http.StatusNotFound, "itemNotFound", "The resource could not be found.")
	}
	s := k.server()
	if s == nil {
		return k.noServer()
	}
	protocol, kind, good := readRemote(k.body)
	if !good {
		return novaError(http.StatusBadRequest, "badRequest", "Invalid input for field/attribute remote_console.")
	}
	if no := k.serialReady(s); no != nil {
		return *no
	}
	return ok(object{{"remote_console", object{{"protocol", protocol}, {"type", kind}, {"url", k.consoleURL()}}}})
}

// postBareMetalConsole is bare metal's own.
func postBareMetalConsole(k *call) reply {
	s, bad := k.oneBareMetal()
	if s == nil {
		return bad
	}
	protocol, kind, good := readRemote(k.body)
	if !good {
		return bmsError(http.StatusBadRequest, "BMS.0002", "remote_console is invalid")
	}
	if k.serialReady(s) != nil {
		return bmsError(http.StatusBadRequest, "BMS.0108", "The server status does not support this operation.")
	}
	return ok(object{{"remote_console", object{{"type", kind}, {"protocol", protocol}, {"url", k.consoleURL()}}}})
}
