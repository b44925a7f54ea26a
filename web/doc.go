// Package web serves what the Runner knows over HTTP: metrics, service
// discovery, JSON and a page. No route changes anything in a cloud.
package web
