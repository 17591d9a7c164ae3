"""nmap's names of services in our words, so that both tools' words on a port can be held against each other."""

from __future__ import annotations

SURE = 8
"""nmap's confidence from which its name for a service counts: below it guesses by the port's number."""

_OURS = {
    "domain": "dns", "https": "http", "http-alt": "http", "http-proxy": "http", "ms-wbt-server": "rdp",
    "microsoft-ds": "smb", "netbios-ssn": "smb", "ms-sql-s": "mssql", "oracle-tns": "oracle", "mongod": "mongodb",
    "postgresql": "postgresql", "rsync": "rsync", "X11": "x11", "vnc-http": "http", "jabber": "xmpp",
    "xmpp-client": "xmpp", "xmpp-server": "xmpp", "globalcatLDAP": "ldap", "ldapssl": "ldap", "imaps": "imap",
    "pop3s": "pop3", "smtps": "smtp", "submission": "smtp", "managesieve": "sieve", "nntps": "nntp",
    "ftps": "ftp", "telnets": "telnet", "ldaps": "ldap", "domain-s": "dns", "memcache": "memcached", "apachemq": "activemq",
    "ibm-db2": "drda", "cassandra-native": "cassandra", "rethinkdb-client": "rethinkdb", "hp-pjl": "jetdirect", "lmtp": "smtp", "postgres": "postgresql", "exposed-redis": "redis",
}  # fmt: skip

_INSIDE_TLS = frozenset(
    {"https", "imaps", "pop3s", "smtps", "ldapssl", "ldaps", "ftps", "telnets", "nntps", "domain-s", "ssl"}
)
_OVER_HTTP = frozenset(
    {
        "ipp", "upnp", "soap", "websocket", "wsman", "docker", "kubernetes", "couchdb", "elasticsearch", "etcd", "webdav",
        "caldav", "rest", "splunkd", "riak-http", "hadoop", "nagios-nsca-http", "remoting", "jenkins-remoting", "consul",
    }
)  # fmt: skip
"""Names that nmap gives to services whose protocol is HTTP."""
_NO_WORD = frozenset({"", "unknown", "tcpwrapped", "ssl"})
"""Names with which nmap says that it does not know."""


def ours(nmap_name: str | None) -> str | None:
    """Our word for nmap's name of a service; the name itself where we have none, None where there is no name."""
    return _OURS.get(nmap_name, nmap_name) if nmap_name else None


def protocol(nmap_name: str | None) -> str | None:
    """The protocol that nmap's name stands for; None where nmap does not know it."""
    name = (nmap_name or "").removeprefix("ssl/")
    if name in _NO_WORD:
        return None
    return "http" if name in _OVER_HTTP else ours(name)


def inside_tls(nmap_name: str | None, tunnel: str | None) -> bool:
    """Whether nmap says that the service is inside TLS."""
    return tunnel == "ssl" or (nmap_name or "") in _INSIDE_TLS or (nmap_name or "").startswith("ssl/")
