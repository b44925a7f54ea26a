package simulator

// routesOf is everything that a provider serves.
func routesOf(provider string) []route {
	if provider == OpenStack {
		rows := identityRoutes("identity")
		rows = append(rows, neutronRoutes("network")...)
		rows = append(rows, novaRoutes("compute")...)
		return append(rows, imageRoutes("image")...)
	}
	rows := identityRoutes("iam")
	rows = append(rows, vpcRoutes(provider)...)
	rows = append(rows, eipRoutes(provider)...)
	rows = append(rows, subnetRoutes(provider)...)
	rows = append(rows, neutronRoutes("vpc")...)
	rows = append(rows, novaRoutes("ecs")...)
	rows = append(rows, imageRoutes("ims")...)
	rows = append(rows, bmsRoutes()...)
	rows = append(rows, metadataRoutes()...)
	if provider == HuaweiCloud { // OTC has no Workspace
		rows = append(rows, workspaceRoutes()...)
	}
	return rows
}
