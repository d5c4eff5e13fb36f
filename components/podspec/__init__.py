"""Pod templates and the objects beside them as Kubernetes defines them: fields, types, the merge of a fragment.

Pure: knows nothing of services, colors or settings.
"""
