"""Prints as JSON what openstacksdk reads of the cloud that the environment names.

The arguments are the names of the things to read, such as "ports". A name may
have arguments of its own, after colons: "console:SERVER_ID".
"""
import json
import sys

import openstack

cloud = openstack.connect()
network, compute = cloud.network, cloud.compute


def made(network_id, subnet_id):
    port = network.create_port(network_id=network_id, fixed_ips=[{"subnet_id": subnet_id}])
    return [port]


READ = {
    "ports": lambda: network.ports(limit=100),
    "subnets": network.subnets,
    "networks": network.networks,
    "availabilities": network.network_ip_availabilities,
    "availability": lambda *ids: [network.get_network_ip_availability(i) for i in ids],
    "groups": network.address_groups,
    "quota": lambda project: [network.get_quota(project, details=True)],
    "servers": lambda: compute.servers(all_projects=True),
    "own_servers": lambda: compute.servers(limit=20),
    "console": lambda server: [compute.create_console(server, console_type="serial")],
    "old_console": lambda server: [compute.get_server_console_url(server, "serial")],
    "projects": lambda: cloud.identity.projects(),
    "made": made,
    "released": lambda port: [network.delete_port(port, ignore_missing=False)][:0],
}


def plain(item):
    return item.to_dict() if hasattr(item, "to_dict") else item


answers = {}
for argument in sys.argv[1:]:
    name, *rest = argument.split(":")
    answers[name] = [plain(item) for item in READ[name](*rest)]
json.dump(answers, sys.stdout, default=str)
