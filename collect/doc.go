// Package collect keeps the last complete answer of every target (a project of
// a cloud) and runs its collections: callers that come at the same time share
// one, none lasts longer than collection.timeout, and a failed one leaves the
// last good answer standing for collection.max_stale. It knows no provider.
package collect
