"""The application that most cells release: it stops as an application should, and in the wrong ways on demand.

podinfo stops as Go's HTTP server does, which drops kept connections without a word; what a release costs cannot be told
from that. This one says `Connection: close` first. It answers podinfo's addresses, and streams server-sent events.
"""
