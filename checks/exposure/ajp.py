"""Tomcat's AJP connector carries out strangers' requests, or can be reached.

How it is seen: a CPing, and one GET of / without a secret (AJP Protocol Reference). How it is judged: a connector that serves it trusts
whoever reaches it; 403 shows that a secret is required. What it cannot show: whether the version still reads files for strangers
(CVE-2020-1938), which is not tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import AjpFacts

RULE = access_rule(
    id="exposure/ajp",
    name=Text("AJP 连接器（Tomcat）", "The AJP connector (Tomcat)"),
    facts=AjpFacts,
    rationale=Text(
        "AJP 只供前端 Web 服务器连接后端使用，完全信任对方送来的来源地址、用户和属性。对外开放时，旧版本"
        "可被读取任意文件乃至执行代码（CVE-2020-1938“幽灵猫”），新版本也可被冒充来源。",
        "AJP is for web servers in front, and trusts the addresses, users and attributes that they send. "
        "Open to the outside, old versions hand out files and run code (CVE-2020-1938, Ghostcat), and "
        "new ones let addresses be forged.",
    ),
    remediation=Text(
        '不用时在 conf/server.xml 注释掉 <Connector protocol="AJP/1.3" …>；\u3000必须使用时写 '
        'address="127.0.0.1"（或者内网地址）、secretRequired="true" secret="长随机串"，前端 Apache '
        "mod_proxy_ajp 写 ProxyPass … secret=…，mod_jk 写 worker.x.secret；　JBoss/WildFly：删除 "
        "ajp-listener；　升级到 9.0.31、8.5.51、7.0.100 以上。",
        'Where it is not used, comment out <Connector protocol="AJP/1.3" ...> in conf/server.xml. Else '
        'address="127.0.0.1" (or an inside address) and secretRequired="true" secret="LONG RANDOM", with '
        "ProxyPass ... secret=... in Apache's mod_proxy_ajp or worker.x.secret in mod_jk. JBoss and "
        "WildFly: remove the ajp-listener. Upgrade to 9.0.31, 8.5.51, 7.0.100 or later.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("AJP Protocol Reference v1.3", "https://tomcat.apache.org/connectors-doc/ajp/ajpv13a.html"),
        Reference("Tomcat: The AJP Connector", "https://tomcat.apache.org/tomcat-9.0-doc/config/ajp.html"),
        Reference("CVE-2020-1938", "https://nvd.nist.gov/vuln/detail/CVE-2020-1938"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
)
