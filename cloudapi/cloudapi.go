// Package cloudapi asks clouds: Huawei Cloud, Open Telekom Cloud (OTC) and plain
// OpenStack. Each resource has a file with its APIs: the path, the page rule, and
// how an item becomes a record of package inventory. No other package asks a cloud.
package cloudapi
