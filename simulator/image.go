package simulator

import "net/http"

// imageRoutes are Glance's, and those of OTC's and Huawei Cloud's IMS.
// openstackclient asks for all images before it lists servers.
func imageRoutes(service string) []route {
	r := func(pattern string, open bool, handle func(*call) reply) route {
		return route{method: http.MethodGet, service: service, pattern: pattern, family: famNova, open: open, handle: handle}
	}
	return []route{r("/v2/images", false, getImages), r("/", true, getImageVersions)}
}

// getImages lists the one image of Huawei Cloud and OTC. All servers of a
// simulated OpenStack boot from volumes.
func getImages(k *call) reply {
	images := []object{}
	if k.cloud.huawei() {
		images = append(images, object{{"id", k.imageID()}, {"name", "Standard_Debian_12"}, {"status", "active"}, {"visibility", "public"}})
	}
	return ok(object{{"images", images}, {"first", "/v2/images"}, {"schema", "/v2/schemas/images"}})
}

func (k *call) imageID() string { return k.cloud.auth.names.ID("image", 1) }

func getImageVersions(k *call) reply {
	links := []object{{{"rel", "self"}, {"href", k.at + "/v2/"}}}
	return jsonReply(http.StatusMultipleChoices, object{{"versions", []object{{{"id", "v2.15"}, {"status", "CURRENT"}, {"links", links}}}}})
}
