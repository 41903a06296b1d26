"""The only floor that touches the network: PxWeb, KLASS, boundaries, and the store of raw snapshots."""
