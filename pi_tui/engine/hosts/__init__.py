"""HostPool."""
