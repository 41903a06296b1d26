"""The only room that knows the network: fetch, doctor and the services' protocols."""
