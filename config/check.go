package config

import "strings"

// Check finds what is wrong with a cloud outside of the configuration itself,
// such as in a clouds.yaml that it names. The key of the fault is relative to the
// cloud: auth.cloud.
type Check func(Cloud) (key string, err error)

// check adds what Options.Check finds. It leaves out a cloud whose auth has
// faults already, since both would report the same.
func (p *parser) check(v *value, c Cloud) {
	if p.faulty(v.field("auth")) {
		return
	}
	if p.options.Check == nil {
		return
	}
	if key, err := p.options.Check(c); err != nil {
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

// below is the value of a path below this one, as far as the path is known.
func (v *value) below(path string) *value {
	for name := range strings.SplitSeq(path, ".") {
		f := v.field(name)
		if f == nil {
			break
		}
		v = f
	}
	return v
}
