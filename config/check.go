package config

import "strings"

// check adds what Options.Check finds. It leaves out a cloud whose auth has
// faults already, since both would report the same.
func (p *parser) check(v *value, c Cloud) {
	if p.options.Check == nil || p.faulty(v.field("auth")) {
		return
	}
	key, warnings, err := p.options.Check(c)
	for _, w := range warnings {
		p.warn(v.field("auth"), "%s", w)
	}
	if err != nil {
		p.fault(v.below(key), "%v", err)
	}
}

// faulty reports whether a key, or one below it, has a fault.
func (p *parser) faulty(v *value) bool {
	for _, f := range p.faults {
		if f.Key == v.path || strings.HasPrefix(f.Key, v.path+".") {
			return true
		}
	}
	return false
}
