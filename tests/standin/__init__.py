"""A stand-in for the live services: both PxWeb dialects with their real quirks, and faults on demand."""

from standin.server import StandIn
from standin.tables import Column, StandTable

__all__ = ["Column", "StandIn", "StandTable"]
