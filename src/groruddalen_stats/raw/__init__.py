"""The only room that touches the raw files: which there are, what the lock says of them, and changing them."""
