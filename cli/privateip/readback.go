package privateip

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
	"cloudip_exporter/provider"
	"cloudip_exporter/text"
)

// check reads back whether a change has taken effect, and what it made.
type check func(context.Context) (ip inventory.PrivateIP, found bool, err error)

// assigned reads back whether an assignment took effect. Neutron keeps the intent
// in the port's description. The VPC API cannot keep it: there the address itself
// identifies the change, because the address was free before the intent and the
// journal allows one intent for it at a time.
func assigned(e *command.Env, p command.Project, subnet inventory.ID, addr netip.Addr, intent string) check {
	return func(ctx context.Context) (none inventory.PrivateIP, found bool, err error) {
		if keepsIntent(p) {
			return p.PrivateIPByIntent(ctx, intent, addr)
		}
		for ip, err := range command.Readable(e, p.PrivateIPs(ctx, subnet.String())) {
			if apierr.AbsenceOf(err) == apierr.ProvenAbsent && deleted(ctx, p, subnet) {
				return none, false, nil
			}
			if err != nil {
				return none, false, fmt.Errorf("list private IPs of subnet %q: %w", subnet, err)
			}
			if ip.Addr == addr {
				return ip, true, nil
			}
		}
		return none, false, nil
	}
}

// keepsIntent reports whether the cloud tells our own change from another's.
func keepsIntent(p command.Project) bool { return provider.Named(p.Provider()).KeepsIntent }

// deleted reports whether the listing of the subnets no longer has a subnet. A 404
// for the subnet proves nothing: without the role for it the answer is the same.
func deleted(ctx context.Context, p command.Project, subnet inventory.ID) bool {
	for s, err := range p.Subnets(ctx) {
		if err != nil || s.ID == subnet { // one that cannot be read may be it
			return false
		}
	}
	return true
}

func released(p command.Project, id string) check {
	return func(ctx context.Context) (inventory.PrivateIP, bool, error) {
		_, err := p.PrivateIP(ctx, id)
		if apierr.AbsenceOf(err) == apierr.ProvenAbsent {
			return inventory.PrivateIP{ID: inventory.ParseID(id)}, true, nil
		}
		if err != nil {
			err = fmt.Errorf("read private IP %q: %w", id, err)
		}
		return inventory.PrivateIP{}, false, err
	}
}

func readBackTimes() []time.Duration { return []time.Duration{0, 10 * time.Second, 30 * time.Second} }

// readBackLimit is the time for all readings together: the last has what is left.
const readBackLimit = 35 * time.Second

// readBackUnknown reads back an unknown outcome. It never repeats the request.
func (m *mutation) readBackUnknown(ctx context.Context, unknown Outcome) Outcome {
	m.env.Say("%s %s: no clear answer, reading back: %v", m.entry.Action, targetText(m.entry), unknown.Err)
	if ip, found, _ := m.readBack(ctx, func(found bool, _ error) bool { return found }); found {
		return Outcome{State: journal.Done, Note: "found on read-back", IP: ip}
	}
	return unknown
}

// recheckRefusal re-checks a refusal that the address is taken: if a proxy
// delivered our request twice, the first delivery succeeded and we see the refusal
// of the second. Where the cloud does not say whose the address is, it is not claimed.
func (m *mutation) recheckRefusal(ctx context.Context, refusal Outcome) Outcome {
	certain := keepsIntent(m.project)
	ip, found, err := m.readBack(ctx, func(_ bool, err error) bool { return err == nil || !certain })
	switch {
	case err != nil && certain: // it may be ours
		refusal.State = journal.Unknown
	case err != nil || !found:
	case certain:
		return Outcome{State: journal.Done, Note: "found on read-back: the request was delivered twice", IP: ip}
	default:
		if refusal.IP = ip; ip.Owner == "" {
			refusal.Err = fmt.Errorf("%w; it was free a moment ago and is now private IP %s, used by nothing: another's, or yours if the request was delivered twice on its way",
				refusal.Err, text.Terminal(ip.ID.String()))
		}
	}
	return refusal
}

// readBack reads up to three times over 30 s, until it is enough. A cloud that
// hangs, or throttles, is not waited for beyond that.
func (m *mutation) readBack(ctx context.Context, enough func(found bool, err error) bool) (ip inventory.PrivateIP, found bool, err error) {
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), readBackLimit) // once even after an interrupt
	defer cancel()
	begun := m.env.Now()
	for _, at := range readBackTimes() {
		if interrupted := m.env.Sleep(ctx, at-m.env.Now().Sub(begun)); at > 0 && (interrupted != nil || reading.Err() != nil) {
			break
		}
		if ip, found, err = m.check(reading); enough(found, err) {
			break
		}
		if err != nil {
			m.env.Say("read back %s: %v", targetText(m.entry), err)
		}
	}
	return ip, found, err
}

// Outcome is what became of a change of a cloud.
type Outcome struct {
	State journal.State       // Done, Failed, NotExecuted or Unknown
	IP    inventory.PrivateIP // as the cloud has it now, as far as that is known
	Note  string              // for the journal; "" is the text of Err
	Err   error               // why it is not Done
}

func (o Outcome) closing(intent journal.Entry) journal.Entry {
	intent.State, intent.Result = o.State, o.Note
	if o.Note == "" && o.Err != nil {
		intent.Result = o.Err.Error()
	}
	intent.Result = text.Clip(intent.Result, maxResult)
	if !o.IP.ID.IsZero() {
		intent.Target.PrivateIPID = text.Clip(o.IP.ID.String(), maxResult)
	}
	return intent
}

// maxResult is the length that a text in the journal is cut to.
const maxResult = 500

// stateOf returns what an error means for the change: Failed when the cloud read
// the request and refused it, NotExecuted when the cloud surely did not act on it,
// Unknown when it may have been carried out.
func stateOf(err error) journal.State {
	if _, login := errors.AsType[*apierr.AuthError](err); login {
		return journal.NotExecuted // there was no credential to send it with
	}
	if t, ok := errors.AsType[*apierr.TransportError](err); ok {
		if !isMutation(t.Operation) || !t.Sent {
			return journal.NotExecuted
		}
		return journal.Unknown
	}
	if s, ok := errors.AsType[*apierr.StatusError](err); ok {
		return stateOfStatus(s)
	}
	return journal.Unknown // for example a 2xx answer that cannot be read
}

// isMutation reports whether the operation is the change itself. Others come before
// it, such as a login.
func isMutation(operation string) bool {
	return operation == "assign_private_ip" || operation == "release_private_ip"
}

func stateOfStatus(s *apierr.StatusError) journal.State {
	switch {
	case !isMutation(s.Operation):
		return journal.NotExecuted
	case strings.HasPrefix(s.Code, "VPC.07"): // refusals, although the status of some is 500
		return journal.Failed
	case s.Status >= http.StatusInternalServerError, s.Status == http.StatusRequestTimeout, s.Status < http.StatusMultipleChoices:
		return journal.Unknown
	case s.Status == http.StatusUnauthorized, s.Status == http.StatusForbidden, s.Status == http.StatusTooManyRequests,
		s.Status < http.StatusBadRequest:
		return journal.NotExecuted
	}
	return journal.Failed
}

// inUse reports whether the cloud refused because the address is taken, so that
// another address may do.
func inUse(err error) bool {
	return exit.Code(err) == exit.Conflict && !apierr.IsCode(err, "VPC.0703", "IpAddressGenerationFailure") // these: no address is left
}
