"""TLS as it is on the wire: hello messages written and read by ourselves, so that no legacy OpenSSL is needed."""
