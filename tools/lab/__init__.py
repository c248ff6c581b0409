"""Labs of network namespaces in which berthd meets real clients. Python's standard library only."""
