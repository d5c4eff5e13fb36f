"""The engine: the only room that imports `pulumi.automation`, and it does so late, in `stack` and `command`.

`records` and `classify` are plain and cheap: who only wants the words for an engine's ending need not load the SDK.
"""
