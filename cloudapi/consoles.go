package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/page"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

const remoteConsoleMicroversion = "2.6" // the first with remote-consoles

const (
	serialActionBody  = `{"os-getSerialConsole":{"type":"serial"}}`
	remoteConsoleBody = `{"remote_console":{"protocol":"serial","type":"serial"}}`
)

var consoleAPIs = map[string]page.Object{
	// "Obtaining a Remote Login Address"; Nova up to 2.5.
	"nova/2.1": {Key: "console", Body: []byte(serialActionBody)},
	// Compute API from microversion 2.6.
	"nova/2.6": {Key: "remote_console", Header: http.Header{novaVersionHeader: {remoteConsoleMicroversion}}, Body: []byte(remoteConsoleBody)},
	// BMS API v1.
	"bms": {Key: "remote_console", Body: []byte(remoteConsoleBody)},
}

// SerialConsole has the cloud make a login to a server's serial console: a URL that
// holds a token, which lets anybody in. It is a request that makes something, so it is
// sent once. An older Nova is asked by its action: both answers that say so, 404 and 406,
// mean that nothing was made.
func (p *Project) SerialConsole(ctx context.Context, serverID string) (config.Secret, error) {
	o, api, err := choose(p, provider.Console, consoleAPIs)
	if err != nil {
		return config.Secret{}, err
	}
	address, err := p.console(ctx, api, serverID, o)
	if api.Name == "nova/2.6" && apierr.IsStatus(err, http.StatusNotFound, http.StatusNotAcceptable) {
		api.Call = "POST /v2.1/{project_id}/servers/{id}/action"
		return p.console(ctx, api, serverID, consoleAPIs["nova/2.1"])
	}
	return address, err
}

func (p *Project) console(ctx context.Context, api provider.API, id string, o page.Object) (config.Secret, error) {
	at := p.object(api.Service, api.Call, id)
	o.At, o.Path, o.Operation, o.Kind = at.At, at.Path, "get_serial_console", "console"
	var address, kind string
	o.Read = func(s *page.Scanner) {
		s.Fields(page.Fields{{"url", func() { address = s.Str() }}, {"type", func() { kind = s.Str() }}})
	}
	if err := o.Post(ctx); err != nil {
		return config.Secret{}, silent(err)
	}
	err := checkConsoleURL(address)
	if err == nil && kind != "" && kind != "serial" {
		err = errors.New("its console is not a serial one")
	}
	if err != nil {
		return config.Secret{}, &apierr.AnswerError{Service: api.Service, Operation: o.Operation, Err: err}
	}
	return config.NewSecret(address), nil
}

// silent takes out of an error what it may quote of the answer, since that
// holds the token.
func silent(err error) error {
	e, ok := errors.AsType[*apierr.AnswerError](err)
	if !ok {
		return err
	}
	quiet := &apierr.AnswerError{Service: e.Service, Operation: e.Operation, ContentType: e.ContentType, Err: e.Err}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		quiet.Err = fmt.Errorf("it is not valid JSON at byte %d; what it says is not shown, as it may hold a login", syntax.ByteOffset)
	}
	return quiet
}

// checkConsoleURL refuses what no terminal should show, and what no browser or console
// client should be sent to.
func checkConsoleURL(address string) error {
	if address == "" {
		return errors.New("it has no url")
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || text.Terminal(address) != address {
		return errors.New("its url is not a URL; it is not shown, as it may hold a login")
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
		return nil
	}
	return errors.New("its url is neither http nor websocket")
}
