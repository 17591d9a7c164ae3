"""An object store (MinIO) lists its buckets to strangers, or can be reached.

How it is seen: the list of buckets is asked for without a signature. Only an answer in the service's own form counts. How it is judged: a list for nobody means that the store is open;
``AccessDenied`` that credentials are wanted. What it cannot show: the policies of single buckets, which are not asked for.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import MinioFacts

RULE = access_rule(
    id="exposure/minio",
    name=Text("MinIO 对象存储", "The object store MinIO"),
    facts=MinioFacts,
    rationale=Text(
        "对象存储保存备份、图片、业务文件。匿名策略或者默认口令（minioadmin）会让全部文件被读取、篡改；历"
        "史版本曾泄露环境变量中的密钥（CVE-2023-28432）。",
        "An object store holds backups, pictures and business files. Anonymous policies or the password "
        "it comes with (minioadmin) give them all away; old versions told the secrets in their "
        "environment (CVE-2023-28432).",
    ),
    remediation=Text(
        "升级到 RELEASE.2023-03-20 以后的受维护版本；MINIO_ROOT_USER、MINIO_ROOT_PASSWORD 改成自己的值；"
        "mc anonymous set none 存储桶；控制台（9001）只对内网开放（MINIO_BROWSER=off 或者 "
        "--console-address 127.0.0.1:9001）；前置带 TLS 的反向代理。",
        "Upgrade to a maintained release after 2023-03-20; own values for MINIO_ROOT_USER and "
        "MINIO_ROOT_PASSWORD; mc anonymous set none BUCKET; console (9001) inside only "
        "(MINIO_BROWSER=off or --console-address 127.0.0.1:9001), behind a proxy with TLS.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "MinIO: access management",
            "https://min.io/docs/minio/linux/administration/identity-access-management.html",
        ),
        Reference("CVE-2023-28432", "https://nvd.nist.gov/vuln/detail/CVE-2023-28432"),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
