"""How a certificate is installed on the common servers, for the pages whose own words end with getting one."""

from __future__ import annotations

from checks.model import Text

INSTALL = Text(
    "　nginx：ssl_certificate 指向证书加中间证书的文件，ssl_certificate_key 指向私钥；　Apache：SSLCertificateFile、SSLCertificateKeyFile；　"
    "Tomcat：更新 <Certificate> 所指的文件或者 keystore；　IIS：导入后在“绑定”中重新选择证书。",
    " nginx: ssl_certificate with a file of the certificate and its intermediates, ssl_certificate_key with the key; Apache: "
    "SSLCertificateFile, SSLCertificateKeyFile; Tomcat: the files or keystore of <Certificate>; IIS: import it and choose it under Bindings.",
)
INSTALL_PAIR = Text(
    "　Tongsuo（铜锁）版 nginx：ssl_sign_certificate、ssl_sign_certificate_key 与 ssl_enc_certificate、ssl_enc_certificate_key 分别指向签名、"
    "加密证书及其密钥，中间证书接在签名证书之后；　国密网关、负载均衡：在服务配置中分别选择两张证书。",
    " nginx with Tongsuo: ssl_sign_certificate and ssl_sign_certificate_key, ssl_enc_certificate and ssl_enc_certificate_key for the pair "
    "and its keys, the intermediates behind the certificate to sign; gateways and load balancers: both certificates in the service's "
    "settings.",
)
"""Both to be put behind a rule's own words."""
