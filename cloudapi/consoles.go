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
)

// Console is how to log in to a server's serial console.
type Console struct {
	// URL holds a token that lets anybody in, so nothing prints it.
	URL  config.Secret
	Type string // serial
}

const remoteConsoleMicroversion = "2.6" // the first with remote-consoles

// SerialConsole has the cloud make a login to a server's serial console. It is
// a request that makes something, so it is sent once.
func (p *Project) SerialConsole(ctx context.Context, serverID string) (Console, error) {
	open, api, err := choose(p, provider.Console, consoleAPIs)
	if err != nil {
		return Console{}, err
	}
	return open(ctx, p, api, serverID)
}

var consoleAPIs = map[string]func(ctx context.Context, p *Project, api provider.API, id string) (Console, error){
	"nova/2.1": novaSerialAction, "nova/2.6": novaRemoteConsole, "bms": bmsRemoteConsole,
}

const (
	serialActionBody  = `{"os-getSerialConsole":{"type":"serial"}}`
	remoteConsoleBody = `{"remote_console":{"protocol":"serial","type":"serial"}}`
)

// novaSerialAction is os-getSerialConsole ("Obtaining a Remote Login Address"; Nova up
// to 2.5).
func novaSerialAction(ctx context.Context, p *Project, api provider.API, id string) (Console, error) {
	return p.console(ctx, api, id, page.Object{Key: "console", Body: []byte(serialActionBody)})
}

// novaRemoteConsole is of the Compute API from microversion 2.6; an older Nova is asked by
// its action. Both answers that say so, 404 and 406, mean that nothing was made.
func novaRemoteConsole(ctx context.Context, p *Project, api provider.API, id string) (Console, error) {
	console, err := p.console(ctx, api, id, page.Object{
		Key: "remote_console", Header: http.Header{novaVersionHeader: {remoteConsoleMicroversion}}, Body: []byte(remoteConsoleBody),
	})
	if apierr.IsStatus(err, http.StatusNotFound, http.StatusNotAcceptable) {
		api.Call = "POST /v2.1/{project_id}/servers/{id}/action"
		return novaSerialAction(ctx, p, api, id)
	}
	return console, err
}

// bmsRemoteConsole is of BMS API v1.
func bmsRemoteConsole(ctx context.Context, p *Project, api provider.API, id string) (Console, error) {
	return p.console(ctx, api, id, page.Object{Key: "remote_console", Body: []byte(remoteConsoleBody)})
}

func (p *Project) console(ctx context.Context, api provider.API, id string, o page.Object) (Console, error) {
	at := p.object(api.Service, api.Call, id)
	o.At, o.Path, o.Operation, o.Kind = at.At, at.Path, "get_serial_console", "console"
	var address, kind string
	o.Read = func(s *page.Scanner) {
		s.Fields(page.Fields{
			{"url", func() { address = s.Str() }},
			{"type", func() { kind = s.Str() }},
		})
	}
	if err := o.Post(ctx); err != nil {
		return Console{}, silent(err)
	}
	if err := checkConsoleURL(address); err != nil {
		return Console{}, &apierr.AnswerError{Service: api.Service, Operation: o.Operation, Err: err}
	}
	return Console{URL: config.NewSecret(address), Type: kind}, nil
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

// checkConsoleURL refuses what no browser or console client should be sent to.
func checkConsoleURL(address string) error {
	if address == "" {
		return errors.New("it has no url")
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return errors.New("its url is not a URL; it is not shown, as it may hold a login")
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
		return nil
	}
	return errors.New("its url is neither http nor websocket")
}
