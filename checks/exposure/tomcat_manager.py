"""The Tomcat manager can be reached, or used without authentication.

How it is seen: ``GET /manager/html`` asks for credentials (401), is refused to our address (403), or is not there.
Only an answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it
weighs less on a loopback address. What it cannot show: how strong the password is; none is tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import TomcatManagerFacts

RULE = access_rule(
    id="exposure/tomcat-manager",
    name=Text("Tomcat 管理页面", "The Tomcat manager"),
    facts=TomcatManagerFacts,
    rationale=Text(
        "管理页面可以上传并运行任意应用。对外开放时口令会被不停地猜测，猜中即可控制服务器。",
        "The manager takes and runs any application. In the open its password is guessed without end, and one hit "
        "gives the server away.",
    ),
    remediation=Text(
        "删除 webapps/manager 和 webapps/host-manager；必须保留的，在 META-INF/c"
        "ontext.xml 用 RemoteAddrValve（或 RemoteCIDRValve）只允许本机或管理网段，to"
        "mcat-users.xml 用强口令。",
        "Remove webapps/manager and webapps/host-manager; where they must stay, RemoteAddrValve (or "
        "RemoteCIDRValve) in META-INF/context.xml for the machine itself or the management network, and strong "
        "passwords in tomcat-users.xml.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("Tomcat: manager", "https://tomcat.apache.org/tomcat-10.1-doc/manager-howto.html"),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
