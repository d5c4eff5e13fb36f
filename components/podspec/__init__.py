"""Pod templates as Kubernetes defines them: their fields and types, and the merge of a fragment over one.

Pure: knows nothing of services, colors or settings.
"""
