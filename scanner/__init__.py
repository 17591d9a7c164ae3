"""The only code with sockets: scope, guarded door, discovery, probes, engine and command line."""
