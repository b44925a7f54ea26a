package config

// DefaultOf returns the default of a key as Parse takes it, nil where it has none
// or a bad one.
var DefaultOf = defaultOf

// AuthKeys returns the keys that a value of auth.type takes besides url.
func AuthKeys(kind string) (required, optional []string) {
	rule := authRuleOf(kind)
	return rule.required, rule.optional
}
