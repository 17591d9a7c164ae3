"""An MQTT broker can be reached, or used without authentication.

How it is seen: the probe sends a CONNECT without user name and password; CONNACK 0 shows that strangers are let in, 4 or 5
that credentials are wanted. How it is judged: a broker that lets anyone in lets them read and send the messages that its
access list gives to anonymous clients, which is all of them by default. What it cannot show: which topics those are; nothing
is subscribed to and nothing published.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import MqttFacts

RULE = access_rule(
    id="exposure/mqtt",
    name=Text("MQTT 服务（消息代理）", "An MQTT broker"),
    facts=MqttFacts,
    rationale=Text(
        "MQTT 多用于物联网设备上报数据、接收指令。不要认证的消息代理，任何能连上的人都可以订阅全部消息、"
        "冒充设备上报数据，或者向设备下发指令；不用 TLS 时，口令和消息都以明文传输。",
        "MQTT carries what devices report and what they are told to do. On a broker without authentication anyone who can "
        "connect may read all messages, report in a device's name or give devices orders; without TLS, passwords and "
        "messages travel in clear text.",
    ),
    remediation=Text(
        "Mosquitto（mosquitto.conf）：allow_anonymous false，用 password_file 或动态安全插件建账号，用 acl_file 限定主题，"
        "listener 8883 启用 TLS；　EMQX：关闭匿名认证（authentication 至少配置一种），配置 ACL；　HiveMQ：启用认证扩展；　"
        "RabbitMQ：mqtt.allow_anonymous = false。在防火墙、安全组中只放行设备所在的网络。",
        "Mosquitto (mosquitto.conf): allow_anonymous false, accounts by password_file or the dynamic security plugin, topics by "
        "acl_file, TLS on listener 8883; EMQX: configure at least one authentication and an ACL; HiveMQ: an authentication "
        "extension; RabbitMQ: mqtt.allow_anonymous = false. Let only the devices' networks through the firewall.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "MQTT 3.1.1 §3.1, §3.2", "https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html"
        ),
        Reference("mosquitto.conf", "https://mosquitto.org/man/mosquitto-conf-5.html"),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
)
