"""`make demo`: a real blue/green cutover, a refusal, a rollback and a rolling update, under steady traffic.

Drives the plain CLI as the README tells a user to, and judges by what the clients saw. Everything it writes is under
`.sandbox/`; the checkout's own stack files stay as they are.
"""
