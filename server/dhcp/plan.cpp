// The networks as the DHCP responder needs them.
