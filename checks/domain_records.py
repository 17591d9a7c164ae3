"""How a record is put into DNS with the common servers and services, for the pages that say which record."""

from __future__ import annotations

from checks.model import Text

WHERE = Text(
    "　BIND：把记录写入区文件，增大 SOA 序号后执行 rndc reload；　NSD：同样写入后执行 nsd-control reload；　PowerDNS：pdnsutil add-record；　"
    "Windows DNS：DNS 管理器或者 Add-DnsServerResourceRecord；　阿里云、腾讯云、华为云：在云解析控制台添加。",
    " BIND: put the record into the zone file with a higher serial in the SOA, then rndc reload; NSD: the same, then nsd-control reload; "
    "PowerDNS: pdnsutil add-record; Windows DNS: DNS Manager or Add-DnsServerResourceRecord. With a cloud's DNS, its console.",
)
"""To be put behind a rule's own words."""

AWAY = Text(
    "　BIND：从区文件中删去该行，增大 SOA 序号后执行 rndc reload；　NSD：同样删去后执行 nsd-control reload；　PowerDNS：pdnsutil delete-rrset；　"
    "Windows DNS：Remove-DnsServerResourceRecord；　阿里云、腾讯云、华为云：在云解析控制台删除。",
    " BIND: take the line out of the zone file, with a higher serial in the SOA, then rndc reload; NSD: the same, then nsd-control reload; "
    "PowerDNS: pdnsutil delete-rrset; Windows DNS: Remove-DnsServerResourceRecord. With a cloud's DNS, its console.",
)
