// Package collector holds the collectors: what each asks a cloud for, what it
// keeps, and the metrics that are made of it. A collector is a value in the list
// that All returns; its file is complete in itself. Fetching fills a Part of a
// snapshot, rows are pure functions of a View of a snapshot.
package collector
