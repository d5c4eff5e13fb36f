"""The CI driver: releases, cutovers and rollbacks of stacks, on the Pulumi Automation API.

It runs the project's program in its folder, as `pulumi` does, so either can follow the other. It never imports the
components; what it knows of a stack it reads from `Pulumi.<stack>.yaml`, the stack's history and the cluster.
"""
