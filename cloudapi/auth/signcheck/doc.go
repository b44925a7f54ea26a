// Package auth holds the signer of the module's package of that name
// against the vendor's own. It is a module of its own, because the vendor's SDK
// is large: go test ./... of the main module downloads nothing of it. Run it by
//
//	cd cloudapi/auth/signcheck && go test ./...
//
// sign.go is a link to the file that is checked.
package auth
