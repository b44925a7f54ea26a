// Package cloudapi is the only room that speaks to a cloud: Huawei Cloud, Open
// Telekom Cloud (OTC) and plain OpenStack. It logs in or signs, paces, retries
// and pages, and turns wire shapes into the records of package inventory.
package cloudapi
