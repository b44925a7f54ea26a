package config

// DefaultOf returns the default of a key as Parse takes it, nil where it has none
// or a bad one.
var DefaultOf = defaultOf
