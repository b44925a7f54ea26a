"""Prints what openstacksdk sends for the cases of this folder, one JSON object a case.
usage: python3 openstacksdk.py DIR...   each DIR holds the files of one case; needs python3-openstacksdk"""
import json, os, sys, threading, http.server, urllib.parse

BODIES = []

class Keystone(http.server.BaseHTTPRequestHandler):
    """A Keystone on loopback that takes every login; its catalogue has two regions and three interfaces."""
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def send(self, status, doc, headers=()):
        body = json.dumps(doc).encode()
        self.send_response(status)
        for k, v in headers: self.send_header(k, v)
        self.send_header("Content-Type", "application/json"); self.send_header("Content-Length", str(len(body)))
        self.end_headers(); self.wfile.write(body)
    def do_GET(self):
        self.send(200, {"version": {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": self.base() + "/v3/"}]}})
    def base(self): return "http://127.0.0.1:%d" % self.server.server_port
    def do_POST(self):
        BODIES.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        catalog = [{"type": t, "id": t, "name": t, "endpoints": [
            {"id": r + i + t, "interface": i, "region": r, "region_id": r, "url": "%s/%s/%s/%s" % (self.base(), r, i, t)}
            for r in ("RegionOne", "RegionTwo") for i in ("public", "internal", "admin")]} for t in ("network", "compute")]
        self.send(201, {"token": {"methods": ["password"], "issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2036-01-01T00:00:00.000000Z",
            "user": {"id": "u", "name": "u", "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "p", "name": "p", "domain": {"id": "default", "name": "Default"}}, "roles": [], "catalog": catalog}}, [("X-Subject-Token", "t")])

def name(d, kind):
    dom = d.get("domain") or {}
    at = "domain id " + dom["id"] + " " if dom.get("id") else "domain name " + dom["name"] + " " if dom.get("name") else ""
    return "id=" + d["id"] if d.get("id") else at + "name=" + d["name"]

def sent(body):
    ident = body["auth"]["identity"]; method = ident["methods"][0]; part = ident[method]
    if method == "password": who = name(part["user"], "user")
    elif method == "token": who = "id=" + part["id"]
    else:
        who = "id=" + part["id"] if part.get("id") else "name=" + part["name"] + " " + name(part["user"], "user")
    scope = (body["auth"].get("scope") or {})
    return {"login": method, "who": who, "scope": name(scope["project"], "project") if "project" in scope else "none" if not scope else json.dumps(scope)}

def one(server, folder):
    os.chdir(folder)
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("OS_", "XDG_"))}
    os.environ.clear(); os.environ.update(keep); os.environ["HOME"] = folder
    env = {}
    if os.path.exists("env"):
        env = dict(l.rstrip("\n").split("=", 1) for l in open("env") if "=" in l)
        os.environ.update(env)
    for m in [m for m in sys.modules if m.startswith(("openstack", "keystoneauth1.loading"))]: del sys.modules[m]
    from openstack.config import loader
    region = loader.OpenStackConfig().get_one(cloud=None if env else "c1")
    auth = region._auth
    url = auth.auth_url
    base = "http://127.0.0.1:%d" % server.server_port
    auth.auth_url = base + urllib.parse.urlsplit(url).path
    from keystoneauth1 import session
    s = session.Session(auth=auth)
    BODIES.clear()
    out = {"auth_url": url}
    auth.get_access(s)
    out.update(sent(BODIES[-1]))
    for service in ("network", "compute"):
        found = region.get_endpoint(service) or auth.get_endpoint(s, service_type=service, interface=region.get_interface(service),
            region_name=region.get_region_name(service) or None, skip_discovery=True)
        out[service] = urllib.parse.urlsplit(found).path if found else ""
    out["verify"] = region.get_requests_verify_args()[0] is not False
    return out

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keystone)
threading.Thread(target=server.serve_forever, daemon=True).start()
for folder in sys.argv[1:]:
    try: out = one(server, os.path.abspath(folder))
    except Exception as e: out = {"error": "%s: %s" % (type(e).__name__, e)}
    out["case"] = os.path.basename(folder.rstrip("/"))
    print(json.dumps(out, sort_keys=True))
