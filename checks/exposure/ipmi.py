"""A server's management controller (IPMI) can be reached, or lets in users without a password.

How it is seen: Get Channel Authentication Capabilities (IPMI 2.0 §22.13), which comes before any login. How it is judged: the type
``none``, or the anonymous user, needs no password; reachable at all is grave, since IPMI 2.0 hands the hash of a user's password to
whoever names the user (RAKP). What it cannot show: whether that session would have rights; nobody logs in.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import IpmiFacts

RULE = access_rule(
    id="exposure/ipmi",
    name=Text("IPMI 带外管理接口（BMC）", "An IPMI management controller (BMC)"),
    facts=IpmiFacts,
    rationale=Text(
        "IPMI 可以开关机、装系统、看控制台，等于亲手操作服务器。协议 2.0 会把口令散列交给任何知道用户名的"
        "人；允许匿名或者无认证时，不要口令就能接管。",
        "IPMI switches servers on and off, installs systems and shows the console: as good as standing "
        "in front of it. Version 2.0 hands the password's hash to whoever knows a user's name; with "
        "anonymous login or no authentication, no password is needed at all.",
    ),
    remediation=Text(
        "把 BMC 放到独立的管理网络，不得有公网地址，封禁 UDP 623。ipmitool lan set 1 auth ADMIN MD5（去掉"
        " NONE）；删除空用户名账号：ipmitool user disable 编号；禁用 IPMI over LAN，改用带 TLS 的 Redfish"
        "。戴尔 iDRAC、惠普 iLO、华为 iBMC、浪潮 BMC 均可在管理页面关闭。",
        "Put controllers into a management network of their own, never on a public address; block UDP "
        "623. ipmitool lan set 1 auth ADMIN MD5 (without NONE); disable users without a name: ipmitool "
        "user disable NUMBER; switch IPMI over LAN off and use Redfish over TLS. iDRAC, iLO, iBMC and "
        "others have a switch in their console.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "IPMI 2.0 §22.13",
            "https://www.intel.com/content/www/us/en/products/docs/servers/ipmi/ipmi-home.html",
        ),
        Reference(
            "CISA: Risks of Using IPMI (TA13-207A)",
            "https://www.cisa.gov/news-events/alerts/2013/07/26/risks-using-intelligent-platform-management-interface-ipmi",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
