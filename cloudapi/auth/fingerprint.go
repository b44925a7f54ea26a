package auth

import (
	"crypto/sha256"
	"strings"
)

// fingerprint tells a secret from another; the zero one is of none.
type fingerprint [sha256.Size]byte

func fingerprintOf(secrets ...string) fingerprint {
	return sha256.Sum256([]byte(strings.Join(secrets, "\x00")))
}
