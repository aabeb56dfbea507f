# Which client is this?
"""What a training uses to talk to the platform that runs it. Start at `polyaxon_client.tracking`."""

__version__ = '0.1.0'
