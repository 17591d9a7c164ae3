"""Who carries a service: third parties between the operator and the network, such as a CDN."""
